package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.Permissions;
import dev.rowtide.gateway.protocol.CloseCode;
import dev.rowtide.gateway.protocol.PresenceMode;
import dev.rowtide.gateway.view.View;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The hub with any number of subscriptions to one resource, each with its own filter {@code {"author_id": N}}, and peers that take every frame at once and count it.
 *
 * <p>All it does for a change is done: keeping it, deciding, encoding, handing it to the peers. Only the sockets are missing.
 */
public final class FilteredHub implements AutoCloseable {
    private static final String RESOURCE = "post";
    private static final RowShape SHAPE = new RowShape(
            List.of("id", "author_id", "title"), List.of(Typed.EXACT_NUMBER, Typed.EXACT_NUMBER, Typed.TEXT));
    private static final String TITLE = '"' + "x".repeat(60) + '"';
    private static final int BATCH = 100;

    private final Epoch epoch = Epoch.begin(System.currentTimeMillis(), RESOURCE);
    private final AtomicLong delivered = new AtomicLong();
    private final Hub hub;
    private long commit;

    /**
     * @param subscribers how many, with the filters {@code author_id} = 0, 1, …
     * @param filtered whether they have filters; if not, everybody gets everything
     */
    public FilteredHub(int subscribers, boolean filtered) throws IOException, InterruptedException {
        GatewayConfig config = GatewayConfig.DEFAULT;
        GatewayConfig.Resources resources = new GatewayConfig.Resources() {
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
                return Optional.of(SHAPE);
            }
        };
        hub = new Hub(
                config,
                new ChannelRules(resources, () -> true, new Permissions(List.of())),
                new RowRules(resources, Map.of()),
                (request, handler) -> {
                    throw new UnsupportedOperationException("it has no rows, only changes");
                },
                new ConnectionCensus(config.limits()),
                new Counters(),
                Ticker.SYSTEM);
        hub.start();
        CountDownLatch subscribed = new CountDownLatch(1);
        hub.post(() -> {
            for (int i = 0; i < subscribers; i++) {
                subscribe(i, filtered);
            }
            subscribed.countDown();
        });
        subscribed.await();
    }

    private void subscribe(int number, boolean filtered) {
        Connection connection =
                new Connection(hub, Identity.ofUser("user-" + number), new Counting(), 1024 * 1024, Long.MAX_VALUE / 2);
        LiveChannel channel = hub.open(new Channel("resource:" + RESOURCE));
        Subscription subscription = new Subscription(connection, channel);
        connection.add(subscription);
        RowFilter filter =
                filtered ? RowFilter.compare("author_id", Operator.EQ, new FilterValue.Number(number)) : RowFilter.ALL;
        channel.place(
                subscription,
                new Group.Key(
                        new View(RowFilter.ALL, filter, List.of()),
                        EnumSet.allOf(Operation.class),
                        0,
                        PresenceMode.NONE));
    }

    /** How many frames the peers have taken together. */
    public long delivered() {
        return delivered.get();
    }

    /**
     * Publishes updates that leave the author as it is, {@value #BATCH} a batch, and returns when the hub has dealt with them.
     *
     * @param author that of the first; each has another, up to {@code authors}
     */
    public void update(int count, long author, long authors) throws InterruptedException {
        List<DataChangeEvent> batch = new ArrayList<>(BATCH);
        for (int i = 0; i < count; i++) {
            batch.add(event((author + i * 7919L) % authors));
            if (batch.size() == BATCH) {
                hub.log().publish(List.copyOf(batch));
                batch.clear();
            }
        }
        hub.log().publish(List.copyOf(batch));
        CountDownLatch done = new CountDownLatch(1);
        hub.post(() -> whenDelivered(done));
        done.await();
    }

    private void whenDelivered(CountDownLatch done) {
        if (hub.live().hasChanges()) {
            hub.post(() -> whenDelivered(done));
        } else {
            // What was delivered in this cycle is written at its end.
            hub.post(done::countDown);
        }
    }

    private DataChangeEvent event(long author) {
        commit++;
        String id = Long.toString(commit % 1_000_000);
        Row row = new Row(SHAPE, new String[] {id, Long.toString(author), TITLE});
        return new DataChangeEvent(
                RESOURCE,
                Operation.UPDATE,
                new RecordId(id, id),
                row,
                row,
                List.of(),
                new Position(epoch, commit, 1),
                new DataChangeEvent.Transaction(id, 0, true),
                System.currentTimeMillis());
    }

    @Override
    public void close() throws InterruptedException {
        hub.log().close();
        hub.stop(5_000);
    }

    /** Takes what there is, at once. */
    private final class Counting implements PeerWriter {
        @Override
        public void write(Outbox outbox) {
            while (!outbox.isEmpty()) {
                outbox.take();
                delivered.incrementAndGet();
            }
        }

        @Override
        public boolean isPending() {
            return false;
        }

        @Override
        public void ping() {}

        @Override
        public void close(CloseCode code) {}

        @Override
        public void abort() {}
    }

    /** The CPU time of the fan-out thread so far, in nanoseconds; null if the JVM does not tell. */
    public static @Nullable Long fanoutCpuNanos() {
        java.lang.management.ThreadMXBean threads = java.lang.management.ManagementFactory.getThreadMXBean();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("fanout-0")) {
                return threads.getThreadCpuTime(thread.getId());
            }
        }
        return null;
    }
}
