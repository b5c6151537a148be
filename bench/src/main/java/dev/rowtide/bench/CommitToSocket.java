package dev.rowtide.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * From COMMIT acknowledged in the writer to the change received by a WebSocket client, beside the same for a program that only reads the log.
 *
 * <p>The writer follows a Poisson schedule that waits for nobody who reads, so a stall of the bridge is met by as many commits as come in that time and is not hidden
 * by the measuring (coordinated omission). Both readers see the same commits.
 */
final class CommitToSocket implements Benchmark {
    private static final int RATE = 200;
    private static final int MOST_ROWS = 1_000_000;
    private static final long DRAIN_MILLIS = 10_000;
    /** Spread over the phases, and always the same. */
    private static final long SEED = 20_261_125;

    // By row id, in nanoseconds; 0 is not yet.
    private final AtomicLongArray due = new AtomicLongArray(MOST_ROWS);
    private final AtomicLongArray committed = new AtomicLongArray(MOST_ROWS);
    private final AtomicLongArray atSocket = new AtomicLongArray(MOST_ROWS);
    private final AtomicLongArray atLimit = new AtomicLongArray(MOST_ROWS);
    private final Random random = new Random(SEED);
    private int nextId = 1;

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                Database database = new Database()) {
            report.version(database.describe());
            database.execute("CREATE TABLE event (id bigint PRIMARY KEY, customer int, note text)");
            try (LimitStream limit = new LimitStream(database, "event", new LimitListener());
                    BridgeProcess bridge = BridgeProcess.start(settings, database, folder.path())) {
                measure(settings, report, database, bridge);
                report.line("%nThe limit's stream saw %d rows of %d.", limit.inserts(), nextId - 1);
            }
        }
    }

    private void measure(Settings settings, Report report, Database database, BridgeProcess bridge) throws Exception {
        report.line(
                "%d inserts/s (Poisson, one row a transaction, one connection); milliseconds from COMMIT acknowledged; %d rounds of %d s a"
                        + " phase after one to warm up.%n",
                RATE, settings.rounds(), settings.seconds());
        report.line(
                "| round | subscribers | commits | bridge p50 | p90 | p99 | max | limit p50 | p90 | p99 | due → socket"
                        + " p50 | p99 | writer late p99 | bridge CPU, %% of a core |");
        report.line("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        List<Phase> one = new ArrayList<>();
        List<Phase> hundred = new ArrayList<>();
        for (int round = 0; round <= settings.rounds(); round++) {
            for (int subscribers : round % 2 == 0 ? new int[] {1, 100} : new int[] {100, 1}) {
                Phase phase = phase(settings.seconds(), subscribers, database, bridge);
                report.line("| %s | %d | %s", round == 0 ? "warm-up" : round, subscribers, phase.row());
                if (round > 0) {
                    (subscribers == 1 ? one : hundred).add(phase);
                }
            }
        }
        report.line("%nMedians of the rounds:%n");
        report.line(
                "| subscribers | bridge p50 | p90 | p99 | limit p50 | p90 | p99 | ratio p50 | p90 | p99 | bridge CPU,"
                        + " %% of a core |");
        report.line("|---|---|---|---|---|---|---|---|---|---|---|");
        summary(report, 1, one);
        summary(report, 100, hundred);
        report.line(
                "%nBusiest threads of the bridge with 1 subscriber, %% of a core (last round): %s",
                one.get(one.size() - 1).threads);
        report.line("%nThe same with 100 subscribers: %s", hundred.get(hundred.size() - 1).threads);
    }

    private static void summary(Report report, int subscribers, List<Phase> phases) {
        double[] bridge = new double[3];
        double[] limit = new double[3];
        double[] ratio = new double[3];
        double[] percents = {50, 90, 99};
        for (int i = 0; i < percents.length; i++) {
            double percent = percents[i];
            bridge[i] = new Samples(phases.stream()
                            .map(p -> p.socket.percentile(percent))
                            .toList())
                    .median();
            limit[i] = new Samples(phases.stream()
                            .map(p -> p.limit.percentile(percent))
                            .toList())
                    .median();
            ratio[i] = new Samples(phases.stream()
                            .map(p -> p.socket.percentile(percent) / p.limit.percentile(percent))
                            .toList())
                    .median();
        }
        report.line(
                "| %d | **%.2f** | %.2f | %.2f | %.2f | %.2f | %.2f | %.1f | %.1f | %.1f | %.0f |",
                subscribers,
                bridge[0],
                bridge[1],
                bridge[2],
                limit[0],
                limit[1],
                limit[2],
                ratio[0],
                ratio[1],
                ratio[2],
                new Samples(phases.stream().map(Phase::cpuPercent).toList()).median());
    }

    private Phase phase(int seconds, int subscribers, Database database, BridgeProcess bridge) throws Exception {
        int first = nextId;
        // The measured one subscribes last: a gateway may serve peers in the order in which they came.
        try (Subscribers others = Subscribers.connect(bridge.port(), "resource:event", subscribers - 1, 0);
                MeasuredSubscriber measured = MeasuredSubscriber.connect(
                        bridge.port(), "resource:event", (id, nanos) -> atSocket.set((int) id, nanos))) {
            others.startReading(Duration.ofMillis(5));
            ProcessUse before = bridge.use();
            write(database, Duration.ofSeconds(seconds));
            ProcessUse after = bridge.use();
            int end = nextId;
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
            while ((atSocket.get(end - 1) == 0
                            || atLimit.get(end - 1) == 0
                            || others.delivered() < (long) (subscribers - 1) * (end - first))
                    && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            if (others.delivered() != (long) (subscribers - 1) * (end - first)) {
                throw new IllegalStateException(
                        "lost: " + others.delivered() + " deliveries of " + (long) (subscribers - 1) * (end - first));
            }
            return new Phase(
                    between(committed, atSocket, first, end),
                    between(committed, atLimit, first, end),
                    between(due, atSocket, first, end),
                    between(due, committed, first, end),
                    after.percentSince(before),
                    after.busiestSince(before));
        }
    }

    private void write(Database database, Duration time) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO event VALUES (?, ?, ?)")) {
            long next = System.nanoTime();
            long end = next + time.toNanos();
            while (next < end) {
                long wait;
                while ((wait = next - System.nanoTime()) > 0) {
                    LockSupport.parkNanos(wait);
                }
                insert.setLong(1, nextId);
                insert.setInt(2, nextId % 100);
                insert.setString(3, "what a row of an ordinary table may hold, number " + nextId);
                due.set(nextId, next);
                insert.executeUpdate();
                committed.set(nextId, System.nanoTime());
                nextId++;
                next += (long) (-Math.log(1 - random.nextDouble()) * TimeUnit.SECONDS.toNanos(1) / RATE);
            }
        }
    }

    /** In milliseconds; below zero where the reader was told before the writer was. */
    private static Samples between(AtomicLongArray from, AtomicLongArray to, int first, int end) {
        List<Double> millis = new ArrayList<>(end - first);
        for (int id = first; id < end; id++) {
            if (to.get(id) == 0) {
                throw new IllegalStateException("row " + id + " has not arrived");
            }
            millis.add((to.get(id) - from.get(id)) / 1e6);
        }
        return new Samples(millis);
    }

    private record Phase(
            Samples socket, Samples limit, Samples dueToSocket, Samples late, double cpuPercent, String threads) {
        String row() {
            return String.format(
                    java.util.Locale.ROOT,
                    "%d | %.2f | %.2f | %.2f | %.1f | %.2f | %.2f | %.2f | %.2f | %.2f | %.1f | %.0f |",
                    socket.count(),
                    socket.percentile(50),
                    socket.percentile(90),
                    socket.percentile(99),
                    socket.largest(),
                    limit.percentile(50),
                    limit.percentile(90),
                    limit.percentile(99),
                    dueToSocket.percentile(50),
                    dueToSocket.percentile(99),
                    late.percentile(99),
                    cpuPercent);
        }
    }

    private final class LimitListener implements LimitStream.Listener {
        @Override
        public void inserted(long id, long nanos) {
            atLimit.set((int) id, nanos);
        }

        @Override
        public boolean reads() {
            return true;
        }
    }
}
