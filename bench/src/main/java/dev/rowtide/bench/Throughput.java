package dev.rowtide.bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast a backlog goes through the bridge to a subscriber that reads, beside a program that only counts what the log says.
 *
 * <p>While the backlog is written PostgreSQL's own sending processes are stopped (SIGSTOP), so that nothing of it has been sent when the clock starts, and the JVMs
 * stay warm. The two then take turns, in reversed order every other round, with the same backlog.
 */
final class Throughput implements Benchmark {
    private static final int TRANSACTIONS = 30;
    private static final int ROWS_EACH = 10_000;
    private static final long ROWS = (long) TRANSACTIONS * ROWS_EACH;
    private static final long PATIENCE_SECONDS = 120;

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                Database database = new Database()) {
            report.version(database.describe());
            database.execute(
                    "CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int, status text,"
                            + " amount numeric(10, 2), created_at timestamptz, paid boolean, note text)");
            try (LimitStream limit = new LimitStream(database, "line", LimitStream.COUNT);
                    BridgeProcess bridge = BridgeProcess.start(settings, database, folder.path());
                    Subscribers subscriber = Subscribers.connect(bridge.port(), "resource:line", 1, 0)) {
                subscriber.startReading(Duration.ZERO);
                measure(settings, report, database, limit, bridge, subscriber);
            }
        }
    }

    private static void measure(
            Settings settings,
            Report report,
            Database database,
            LimitStream limit,
            BridgeProcess bridge,
            Subscribers subscriber)
            throws Exception {
        report.line(
                "A backlog of %d rows (%d transactions of %d, 7 columns, about 150 bytes), 1 subscriber; %d rounds after 1 cold.%n",
                ROWS, TRANSACTIONS, ROWS_EACH, settings.rounds());
        report.line(
                "| round | bridge rows/s | CPU s per 1M rows | limit rows/s | CPU s per 1M rows | bridge / limit rows/s | JSON bytes a row |");
        report.line("|---|---|---|---|---|---|---|");
        long us = ProcessHandle.current().pid();
        List<Run> bridges = new ArrayList<>();
        List<Run> limits = new ArrayList<>();
        String threads = "";
        for (int round = 0; round <= settings.rounds(); round++) {
            long bridgeSender = database.senderPid("rowtide");
            long limitSender = database.senderPid(LimitStream.SLOT);
            ChildProcess.signal("STOP", bridgeSender);
            ChildProcess.signal("STOP", limitSender);
            writeBacklog(database);
            Run bridged = new Run(0, 0);
            Run limited = new Run(0, 0);
            long bytesBefore = subscriber.bytes();
            ProcessUse before = bridge.use();
            for (int turn = 0; turn < 2; turn++) {
                if (turn == round % 2) {
                    bridged = timed(bridgeSender, bridge.pid(), subscriber::delivered);
                    threads = bridge.use().busiestSince(before);
                } else {
                    limited = timed(limitSender, us, limit::inserts);
                }
            }
            if (round > 0) {
                bridges.add(bridged);
                limits.add(limited);
            }
            report.line(
                    "| %s | %.0f | %.1f | %.0f | %.1f | %.2f | %d |",
                    round == 0 ? "cold" : round,
                    bridged.rowsPerSecond,
                    bridged.cpuPerMillion,
                    limited.rowsPerSecond,
                    limited.cpuPerMillion,
                    bridged.rowsPerSecond / limited.rowsPerSecond,
                    (subscriber.bytes() - bytesBefore) / ROWS);
        }
        report.line(
                "| **median** | **%.0f** | **%.1f** | %.0f | %.1f | %.2f | |",
                median(bridges, true),
                median(bridges, false),
                median(limits, true),
                median(limits, false),
                median(bridges, true) / median(limits, true));
        report.line(
                "%nBusiest threads of the bridge in the last round, %% of a core (with the limit's turn in it if that came first): %s",
                threads);
    }

    private static double median(List<Run> runs, boolean rows) {
        return new Samples(runs.stream()
                        .map(run -> rows ? run.rowsPerSecond : run.cpuPerMillion)
                        .toList())
                .median();
    }

    private static void writeBacklog(Database database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < TRANSACTIONS; i++) {
                statement.execute(
                        "INSERT INTO line (customer, status, amount, created_at, paid, note) SELECT n % 1000, 'shipped',"
                                + " (n % 100000) / 100.0, now(), n % 2 = 0, repeat('note ', 16) || n FROM generate_series(1, "
                                + ROWS_EACH + ") n");
            }
        }
    }

    private static Run timed(long sender, long pid, LongSupplier count) throws Exception {
        long target = count.getAsLong() + ROWS;
        ProcessUse before = ProcessUse.of(pid);
        ChildProcess.signal("CONT", sender);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (count.getAsLong() < target) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(target - count.getAsLong() + " rows have not arrived");
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
        ProcessUse after = ProcessUse.of(pid);
        return new Run(ROWS / ((after.nanos() - before.nanos()) / 1e9), after.cpuSince(before) * 1e6 / ROWS);
    }

    private record Run(double rowsPerSecond, double cpuPerMillion) {}
}
