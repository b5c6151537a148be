package dev.rowtide.bench;

import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.Gateway;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.AuthConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The gateway alone, in a process of its own, fed by a plain TCP connection instead of a database: so that what is measured is the fan-out.
 *
 * <p>A record of the feed is: length of what follows (4 bytes), length of a channel's name (1 byte), the name, and JSON (big endian). Each becomes one created row of
 * the resource {@value #RESOURCE} with the JSON as its column {@code body}, in a transaction of its own. The name is not looked at.
 */
final class FedGateway {
    static final String RESOURCE = "bench";
    static final String READY = "gateway on ";

    private static final int BUFFER_BYTES = 256 * 1024;
    private static final RowShape SHAPE = new RowShape(List.of("id", "body"));

    private final Epoch epoch = Epoch.begin(System.currentTimeMillis(), RESOURCE);
    private final ChangeSink sink;
    private long commit;

    private FedGateway(ChangeSink sink) {
        this.sink = sink;
    }

    /** Prints {@value #READY}, its port and the feed's port; runs until it is ended. The ports can be given. */
    public static void main(String[] arguments) throws Exception {
        SourceHealth health = new SourceHealth(SourceHealth.State.FLOWING, "fed by a benchmark");
        GatewayConfig config = new GatewayConfig(
                "127.0.0.1",
                arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0,
                "/realtime",
                Duration.ofSeconds(25),
                AuthConfig.NONE,
                Map.of(),
                GatewayConfig.Presence.DEFAULT,
                // The defaults, but for clients that do not say who they are: all of them are then one user.
                manyConnectionsPerUser(GatewayConfig.Limits.DEFAULT),
                GatewayConfig.History.DEFAULT);
        Gateway gateway = new Gateway(
                config,
                new OneResource(),
                (request, handler) -> {
                    throw new UnsupportedOperationException("it has no rows, only changes");
                },
                () -> new SourceStatus(health, "a benchmark", "its socket", 0, 0, 0),
                () -> "",
                List.of());
        gateway.start();
        try (ServerSocketChannel feed = ServerSocketChannel.open()) {
            feed.bind(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0));
            System.out.println(READY + gateway.port() + " " + ((InetSocketAddress) feed.getLocalAddress()).getPort());
            FedGateway fed = new FedGateway(gateway.sink());
            while (true) {
                try (SocketChannel source = feed.accept()) {
                    fed.publishAll(source);
                }
            }
        }
    }

    private static GatewayConfig.Limits manyConnectionsPerUser(GatewayConfig.Limits limits) {
        return new GatewayConfig.Limits(
                limits.maxMessageBytes(),
                limits.maxOutboxBytes(),
                limits.stalledAfter(),
                limits.maxChannelsPerConnection(),
                limits.maxConnections(),
                limits.maxConnections(),
                limits.messagesPerSecond(),
                limits.messageBurst(),
                limits.maxMetadataBytes());
    }

    /** Everything that has arrived is one batch, as the engine does it. */
    private void publishAll(SocketChannel source) throws IOException, InterruptedException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (source.read(buffer) >= 0) {
            buffer.flip();
            List<DataChangeEvent> batch = new ArrayList<>();
            while (buffer.remaining() >= Integer.BYTES
                    && buffer.remaining() >= Integer.BYTES + buffer.getInt(buffer.position())) {
                int length = buffer.getInt();
                int end = buffer.position() + length;
                int nameLength = buffer.get() & 0xff;
                buffer.position(buffer.position() + nameLength);
                batch.add(event(new String(
                        buffer.array(), buffer.position(), end - buffer.position(), StandardCharsets.UTF_8)));
                buffer.position(end);
            }
            buffer.compact();
            if (!batch.isEmpty()) {
                sink.publish(batch);
                sink.reached(Position.boundary(epoch, commit));
            }
        }
    }

    private DataChangeEvent event(String json) {
        String id = Long.toString(commit + 1);
        DataChangeEvent event = new DataChangeEvent(
                RESOURCE,
                Operation.CREATE,
                new RecordId(id, id),
                new Row(SHAPE, new String[] {id, json}),
                null,
                null,
                new Position(epoch, commit, 1),
                new DataChangeEvent.Transaction(id, 0, true),
                System.currentTimeMillis());
        commit++;
        return event;
    }

    private static final class OneResource implements GatewayConfig.Resources {
        @Override
        public boolean exists(String resource) {
            return resource.equals(RESOURCE);
        }

        @Override
        public List<String> names() {
            return List.of(RESOURCE);
        }

        @Override
        public Optional<RowShape> shape(String resource) {
            return Optional.empty();
        }
    }
}
