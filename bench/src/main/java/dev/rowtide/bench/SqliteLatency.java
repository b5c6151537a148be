package dev.rowtide.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * From COMMIT returned in the writer's process to the change seen: in the connector's handler, at a WebSocket subscriber of the whole bridge, and in a process that asks a triggers' log table every
 * millisecond.
 *
 * <p>Each of the three has a database of its own, lives through all rounds, and is measured in turn. The writer's schedule is Poisson and waits for nobody.
 */
final class SqliteLatency implements Benchmark {
    private static final SqliteLoad LOAD = SqliteLoad.LATENCY;
    private static final int ROWS = 10_000;
    private static final long DRAIN_MILLIS = 10_000;

    @Override
    public void run(Settings settings, Report report) throws Exception {
        report.version(SqliteWriter.version());
        try (TemporaryFolder folder = new TemporaryFolder()) {
            Path ours = Files.createDirectory(folder.path().resolve("stream"));
            Path bridges = Files.createDirectory(folder.path().resolve("bridge"));
            Path triggers = Files.createDirectory(folder.path().resolve("triggers"));
            try (Written stream = new Written(ours, false);
                    Written bridged = new Written(bridges, false);
                    Written triggered = new Written(triggers, true);
                    ChildProcess follower = ChildProcess.startJava(SqliteFollower.class, ours);
                    ChildProcess reader = ChildProcess.startJava(TriggerReader.class, triggers)) {
                follower.ask("follow " + stream.database + " " + ours.resolve("state") + " true -1 "
                        + stream.file("received"));
                reader.ask("follow " + triggered.database + " " + triggered.file("received"));
                Instants atSocket = bridged.instants("received");
                try (BridgeProcess bridge = BridgeProcess.start(settings, "sqlite:" + bridged.database, bridges);
                        MeasuredSubscriber subscriber =
                                MeasuredSubscriber.connect(bridge.port(), "resource:event", atSocket::set)) {
                    measure(
                            settings,
                            report,
                            List.of(
                                    new Target("ChangeStream's handler", stream, follower.pid()),
                                    new Target("bridge's subscriber", bridged, bridge.pid()),
                                    new Target("trigger table, asked every 1 ms", triggered, reader.pid())));
                }
            }
        }
    }

    private static void measure(Settings settings, Report report, List<Target> targets) throws Exception {
        report.line(
                "%s, a table of %d rows, synchronous=NORMAL; milliseconds from COMMIT returned; %d rounds of %d s a phase after one to warm up.%n",
                LOAD.description(), ROWS, settings.rounds(), settings.seconds());
        report.line(
                "| round | to | commits | p50 | p90 | p99 | max | due → seen p50 | p99 | commit p50, us | p99 | CPU of who follows, %% of a core |");
        report.line("|---|---|---|---|---|---|---|---|---|---|---|---|");
        List<List<Phase>> found = new ArrayList<>();
        targets.forEach(target -> found.add(new ArrayList<>()));
        for (int round = 0; round <= settings.rounds(); round++) {
            for (int i = 0; i < targets.size(); i++) {
                int turn = round % 2 == 0 ? i : targets.size() - 1 - i;
                Phase phase = phase(targets.get(turn), settings.seconds());
                report.line("| %s | %s | %s |", round == 0 ? "warm-up" : round, targets.get(turn).name, phase.row());
                if (round > 0) {
                    found.get(turn).add(phase);
                }
            }
        }
        report.line("%nMedians of the rounds:%n");
        report.line("| to | p50 | p90 | p99 | CPU of who follows, %% of a core | busiest threads, last round |");
        report.line("|---|---|---|---|---|---|");
        for (int i = 0; i < targets.size(); i++) {
            List<Phase> phases = found.get(i);
            report.line(
                    "| %s | **%.2f** | %.2f | %.2f | %.1f | %s |",
                    targets.get(i).name,
                    median(phases, 50),
                    median(phases, 90),
                    median(phases, 99),
                    new Samples(phases.stream().map(Phase::cpuPercent).toList()).median(),
                    phases.get(phases.size() - 1).threads);
        }
    }

    private static double median(List<Phase> phases, double percent) {
        return new Samples(phases.stream()
                        .map(phase -> phase.seen.percentile(percent))
                        .toList())
                .median();
    }

    private static Phase phase(Target target, int seconds) throws Exception {
        Written written = target.written;
        ProcessUse before = ProcessUse.of(target.pid);
        Figures figures = written.writer.ask(
                "run " + LOAD + " " + seconds + " 10000 " + written.file("due") + " " + written.file("committed"));
        ProcessUse after = ProcessUse.of(target.pid);
        Instants due = written.instants("due");
        Instants committed = written.instants("committed");
        Instants received = written.instants("received");
        int first = (int) figures.get("firstId");
        int end = first + (int) figures.get("commits");
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
        while (received.get(end - 1) == 0 && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        return new Phase(
                between(committed, received, first, end),
                between(due, received, first, end),
                figures.get("p50"),
                figures.get("p99"),
                after.percentSince(before),
                after.busiestSince(before));
    }

    private static Samples between(Instants from, Instants to, int first, int end) {
        List<Double> millis = new ArrayList<>(end - first);
        for (int id = first; id < end; id++) {
            if (to.get(id) == 0) {
                throw new IllegalStateException("row " + id + " has not arrived");
            }
            millis.add((to.get(id) - from.get(id)) / 1e6);
        }
        return new Samples(millis);
    }

    private record Target(String name, Written written, long pid) {}

    private record Phase(
            Samples seen, Samples dueToSeen, double commitP50, double commitP99, double cpuPercent, String threads) {
        String row() {
            return String.format(
                    Locale.ROOT,
                    "%d | %.2f | %.2f | %.2f | %.1f | %.2f | %.2f | %.0f | %.0f | %.1f",
                    seen.count(),
                    seen.percentile(50),
                    seen.percentile(90),
                    seen.percentile(99),
                    seen.largest(),
                    dueToSeen.percentile(50),
                    dueToSeen.percentile(99),
                    commitP50,
                    commitP99,
                    cpuPercent);
        }
    }

    /** A database, who writes it, and the files with the instants. */
    private static final class Written implements AutoCloseable {
        private final Path directory;
        private final Path database;
        private final ChildProcess writer;

        Written(Path directory, boolean triggers) throws Exception {
            this.directory = directory;
            database = directory.resolve("app.db");
            writer = ChildProcess.startJava(SqliteWriter.class, directory);
            writer.ask("open " + database + " " + ROWS + " " + triggers);
        }

        Path file(String what) {
            return directory.resolve(what);
        }

        Instants instants(String what) throws IOException {
            return new Instants(file(what));
        }

        @Override
        public void close() {
            writer.close();
        }
    }
}
