package dev.rowtide.gateway;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceStatus;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A gateway on a free port with the resources {@code post} and {@code comment}, and events to publish into it. */
final class TestGateway implements AutoCloseable {
    static final Epoch EPOCH = new Epoch("mvx3k2p1a7f3c");
    static final RowShape SHAPE =
            new RowShape(List.of("id", "title"), List.of(ColumnType.Typed.EXACT_NUMBER, ColumnType.Typed.TEXT));
    private static final long COMMITTED_AT = 1_790_000_000_000L;

    /** For tests that take no snapshots. */
    static final RowSource NO_ROWS = (request, handler) -> {
        throw new AssertionError("nobody should ask for rows here: " + request);
    };

    final Gateway gateway;

    TestGateway() throws IOException {
        this(config());
    }

    TestGateway(GatewayConfig config) throws IOException {
        this(config, Ticker.SYSTEM);
    }

    TestGateway(GatewayConfig config, Ticker ticker) throws IOException {
        this(config, ticker, NO_ROWS);
    }

    /** With rows for those who take snapshots. */
    TestGateway(GatewayConfig config, Ticker ticker, RowSource rows) throws IOException {
        GatewayConfig.Resources resources = new GatewayConfig.Resources() {
            private final Set<String> names = Set.of("post", "comment");

            @Override
            public boolean exists(String resource) {
                return names.contains(resource);
            }

            @Override
            public List<String> names() {
                return List.copyOf(names);
            }

            @Override
            public Optional<RowShape> shape(String resource) {
                return exists(resource) ? Optional.of(SHAPE) : Optional.empty();
            }
        };
        SourceHealth health = new SourceHealth(SourceHealth.State.FLOWING, "changes are flowing");
        this.gateway = new Gateway(
                config, resources, rows, () -> new SourceStatus(health, "", "", 0, 0, 0), () -> "", List.of(), ticker);
        gateway.start();
    }

    static GatewayConfig config() {
        return config(GatewayConfig.Limits.DEFAULT);
    }

    static GatewayConfig config(GatewayConfig.Limits limits) {
        return config(limits, AuthConfig.NONE);
    }

    static GatewayConfig config(GatewayConfig.Limits limits, AuthConfig auth) {
        return config(limits, auth, GatewayConfig.History.DEFAULT);
    }

    static GatewayConfig config(GatewayConfig.Limits limits, AuthConfig auth, GatewayConfig.History history) {
        return config(limits, auth, Map.of(), history);
    }

    static GatewayConfig config(AuthConfig auth, Map<String, ReadPolicy> policies) {
        return config(GatewayConfig.Limits.DEFAULT, auth, policies, GatewayConfig.History.DEFAULT);
    }

    private static GatewayConfig config(
            GatewayConfig.Limits limits,
            AuthConfig auth,
            Map<String, ReadPolicy> policies,
            GatewayConfig.History history) {
        return new GatewayConfig(
                "127.0.0.1",
                0,
                "/realtime",
                Duration.ofSeconds(25),
                auth,
                policies,
                GatewayConfig.Presence.DEFAULT,
                limits,
                history);
    }

    TestClient client(String userId) {
        return TestClient.connect(gateway.port(), "?userId=" + userId);
    }

    void publish(DataChangeEvent... events) throws InterruptedException {
        gateway.sink().publish(List.of(events));
    }

    static Position at(long commit, int index) {
        return new Position(EPOCH, commit, index);
    }

    static DataChangeEvent created(String resource, int id, String title, Position position) {
        return changed(resource, Operation.CREATE, id, title, position);
    }

    static DataChangeEvent changed(String resource, Operation operation, int id, String title, Position position) {
        Row row = row(id, title);
        boolean delete = operation == Operation.DELETE;
        return new DataChangeEvent(
                resource,
                operation,
                new RecordId(Integer.toString(id), Integer.toString(id)),
                delete ? null : row,
                delete ? row : null,
                null,
                position,
                new DataChangeEvent.Transaction("812", position.index() - 1, true),
                COMMITTED_AT);
    }

    /** An update of which the log has the row of before. */
    static DataChangeEvent updated(String resource, int id, String before, String after, Position position) {
        return updated(resource, id, row(id, before), after, position);
    }

    /** An update of which the log has that much of the row of before. */
    static DataChangeEvent updated(String resource, int id, @Nullable Row old, String after, Position position) {
        DataChangeEvent event = changed(resource, Operation.UPDATE, id, after, position);
        return new DataChangeEvent(
                resource,
                event.operation(),
                event.id(),
                event.data(),
                old,
                old == null || old.json("title") == null ? null : List.of("title"),
                position,
                event.transaction(),
                event.committedAtMillis());
    }

    static Row row(int id, String title) {
        return new Row(SHAPE, new String[] {Integer.toString(id), '"' + title + '"'});
    }

    static DataChangeEvent truncated(String resource, Position position) {
        return new DataChangeEvent(
                resource,
                Operation.TRUNCATE,
                null,
                null,
                null,
                null,
                position,
                new DataChangeEvent.Transaction("813", 0, true),
                COMMITTED_AT);
    }

    /** {@code count} creates of one transaction. */
    static List<DataChangeEvent> transaction(String resource, long commit, int firstIndex, int count, String title) {
        List<DataChangeEvent> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            events.add(created(resource, firstIndex + i, title, at(commit, firstIndex + i)));
        }
        return events;
    }

    @Override
    public void close() {
        try {
            gateway.stop(Duration.ofMillis(300));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
