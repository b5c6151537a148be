package dev.rowtide.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How fast a backlog of an SQLite database goes through the connector alone, and through the whole bridge to a subscriber that reads.
 *
 * <p>While the backlog is written who follows is stopped (SIGSTOP): it keeps its hold of the log, so that all of the backlog waits there when the clock starts, and the JVM stays warm.
 */
final class SqliteThroughput implements Benchmark {
    private static final List<Backlog> BACKLOGS =
            List.of(new Backlog(SqliteLoad.TEN_THOUSANDS, 30), new Backlog(SqliteLoad.INSERTS, 30_000));
    private static final long PATIENCE_SECONDS = 180;
    private static final long SETTLE_MILLIS = 1500;

    private record Backlog(SqliteLoad load, int transactions) {
        long rows() {
            return (long) transactions * load.rowsEach();
        }
    }

    private record Run(double rowsPerSecond, double cpuPerMillion, String threads) {}

    /** Who follows, and how many rows it has told of. */
    private interface Counted {
        long pid();

        long rows() throws Exception;
    }

    @Override
    public void run(Settings settings, Report report) throws Exception {
        report.version(SqliteWriter.version());
        report.line(
                "Backlogs of rows of about 130 bytes with one index, 1 subscriber; %d rounds after 1 cold.%n",
                settings.rounds());
        report.line("| backlog | through | round | rows/s | CPU s per 1M rows |");
        report.line("|---|---|---|---|---|");
        try (TemporaryFolder folder = new TemporaryFolder()) {
            stream(settings, report, Files.createDirectory(folder.path().resolve("stream")));
            bridge(settings, report, Files.createDirectory(folder.path().resolve("bridge")));
        }
    }

    private static void stream(Settings settings, Report report, Path directory) throws Exception {
        Path database = directory.resolve("app.db");
        try (ChildProcess writer = ChildProcess.startJava(SqliteWriter.class, directory);
                ChildProcess follower = ChildProcess.startJava(SqliteFollower.class, directory)) {
            writer.ask("open " + database + " 1000 false");
            follower.ask("follow " + database + " " + directory.resolve("state") + " true -1");
            measure(settings, report, "ChangeStream", writer, new Counted() {
                @Override
                public long pid() {
                    return follower.pid();
                }

                @Override
                public long rows() throws Exception {
                    return (long) follower.ask("stats").get("rows");
                }
            });
        }
    }

    private static void bridge(Settings settings, Report report, Path directory) throws Exception {
        Path database = directory.resolve("app.db");
        try (ChildProcess writer = ChildProcess.startJava(SqliteWriter.class, directory)) {
            writer.ask("open " + database + " 1000 false");
            try (BridgeProcess bridge = BridgeProcess.start(settings, "sqlite:" + database, directory);
                    Subscribers subscriber = Subscribers.connect(bridge.port(), "resource:event", 1, 0)) {
                subscriber.startReading(Duration.ZERO);
                measure(settings, report, "the bridge", writer, new Counted() {
                    @Override
                    public long pid() {
                        return bridge.pid();
                    }

                    @Override
                    public long rows() {
                        return subscriber.delivered();
                    }
                });
            }
        }
    }

    private static void measure(Settings settings, Report report, String through, ChildProcess writer, Counted counted)
            throws Exception {
        for (Backlog backlog : BACKLOGS) {
            List<Run> runs = new ArrayList<>();
            for (int round = 0; round <= settings.rounds(); round++) {
                Run run = timed(backlog, writer, counted);
                report.line(
                        "| %d × %s | %s | %s | %.0f | %.1f |",
                        backlog.transactions,
                        backlog.load.description(),
                        through,
                        round == 0 ? "cold" : round,
                        run.rowsPerSecond,
                        run.cpuPerMillion);
                System.err.println(run.threads);
                if (round > 0) {
                    runs.add(run);
                }
            }
            report.line(
                    "| | **%s** | **median** | **%.0f** | **%.1f** |",
                    through,
                    new Samples(runs.stream().map(Run::rowsPerSecond).toList()).median(),
                    new Samples(runs.stream().map(Run::cpuPerMillion).toList()).median());
        }
    }

    private static Run timed(Backlog backlog, ChildProcess writer, Counted counted) throws Exception {
        // Nothing may be under way (a checkpoint, a barrier) when it is stopped, or the writer would wait for it.
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        long target = counted.rows() + backlog.rows();
        ChildProcess.signal("STOP", counted.pid());
        try {
            writer.ask("write " + backlog.load + " " + backlog.transactions);
        } finally {
            ChildProcess.signal("CONT", counted.pid());
        }
        ProcessUse before = ProcessUse.of(counted.pid());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (counted.rows() < target) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(target - counted.rows() + " rows have not arrived");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        ProcessUse after = ProcessUse.of(counted.pid());
        return new Run(
                backlog.rows() / ((after.nanos() - before.nanos()) / 1e9),
                after.cpuSince(before) * 1e6 / backlog.rows(),
                after.busiestSince(before));
    }
}
