package dev.rowtide.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What following an idle SQLite database costs: CPU and memory of the connector alone, of the whole bridge, and of a process that asks a triggers' log table every millisecond. Each has a database of
 * its own; they are looked at together.
 */
final class SqliteIdle implements Benchmark {
    private static final int ROWS = 100_000;
    /** Longer than the minute of silence after which the connector looks less often. */
    private static final long SETTLE_SECONDS = 75;
    /** Shorter than that minute, and after the bridge has started. */
    private static final long QUIET_AFTER_SECONDS = 25;

    private static final long QUIET_SECONDS = 20;

    @Override
    public void run(Settings settings, Report report) throws Exception {
        report.version(SqliteWriter.version());
        try (TemporaryFolder folder = new TemporaryFolder();
                ChildProcess writer = ChildProcess.startJava(SqliteWriter.class, folder.path())) {
            Path ours = Files.createDirectory(folder.path().resolve("stream"));
            Path bridges = Files.createDirectory(folder.path().resolve("bridge"));
            Path triggers = Files.createDirectory(folder.path().resolve("triggers"));
            for (Path directory : List.of(ours, bridges, triggers)) {
                writer.ask("open " + directory.resolve("app.db") + " " + ROWS + " " + directory.equals(triggers));
                writer.ask("close");
            }
            try (BridgeProcess bridge = BridgeProcess.start(settings, "sqlite:" + bridges.resolve("app.db"), bridges);
                    ChildProcess follower = ChildProcess.startJava(SqliteFollower.class, ours);
                    ChildProcess reader = ChildProcess.startJava(TriggerReader.class, triggers)) {
                follower.ask("follow " + ours.resolve("app.db") + " " + ours.resolve("state") + " true -1");
                reader.ask("follow " + triggers.resolve("app.db"));
                Map<String, Long> pids = new LinkedHashMap<>();
                pids.put("ChangeStream", follower.pid());
                pids.put("the bridge", bridge.pid());
                pids.put("trigger table, asked every 1 ms", reader.pid());
                report.line("Idle databases of %d rows; %d s each.%n", ROWS, settings.seconds());
                report.line(
                        "| silence before | who | CPU, %% of a core | RSS, MB | live heap, MB | busiest threads, %% of a core |");
                report.line("|---|---|---|---|---|---|");
                TimeUnit.SECONDS.sleep(QUIET_AFTER_SECONDS);
                phase(report, QUIET_AFTER_SECONDS, QUIET_SECONDS, pids);
                TimeUnit.SECONDS.sleep(SETTLE_SECONDS - QUIET_AFTER_SECONDS - QUIET_SECONDS);
                phase(report, SETTLE_SECONDS, settings.seconds(), pids);
            }
        }
    }

    private static void phase(Report report, long silence, long seconds, Map<String, Long> pids) throws Exception {
        Map<String, ProcessUse> before = new LinkedHashMap<>();
        pids.forEach((who, pid) -> before.put(who, ProcessUse.of(pid)));
        TimeUnit.SECONDS.sleep(seconds);
        Map<String, ProcessUse> after = new LinkedHashMap<>();
        pids.forEach((who, pid) -> after.put(who, ProcessUse.of(pid)));
        for (Map.Entry<String, ProcessUse> one : after.entrySet()) {
            long pid = pids.getOrDefault(one.getKey(), 0L);
            ProcessUse then = before.getOrDefault(one.getKey(), one.getValue());
            double resident = ProcessUse.residentMegabytes(pid);
            report.line(
                    "| %d s | %s | **%.2f** | %.0f | %.1f | %s |",
                    silence,
                    one.getKey(),
                    one.getValue().percentSince(then),
                    resident,
                    ProcessUse.liveHeapMegabytes(pid),
                    one.getValue().busiestSince(then));
        }
    }
}
