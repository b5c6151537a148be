package dev.rowtide.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * What the size of an SQLite database costs the connector: a one-row commit, the first copy, a restart after it was killed, and making up for updates that it was not there to see and whose log is gone.
 *
 * <p>Each start is that of a new process, measured from the call to open the stream until it is level with the database, without the JVM's own start; so its code runs cold, as it does there.
 */
final class SqliteSize implements Benchmark {
    private static final int LOST_UPDATES = 200;
    private static final int WARM_UP_SECONDS = 8;
    private static final long SETTLE_MILLIS = 2000;
    /** With the index, by experience. */
    private static final double BYTES_A_ROW = 121;

    private static final SqliteLoad LOAD = SqliteLoad.PACED_UPDATES;

    @Override
    public void run(Settings settings, Report report) throws Exception {
        report.version(SqliteWriter.version());
        report.line(
                "%s, %d s after %d s to warm up; then killed, started, stopped, %d updates without it, started.%n",
                LOAD.description(), settings.seconds(), WARM_UP_SECONDS, LOST_UPDATES);
        report.line(
                "| database, MB | rows | CPU a commit, us: capture thread | comparing thread | shadow thread | whole process | RSS, MB"
                        + " | first copy, s | restart after kill, s | resync of %d updates, s | until their last event, s |",
                LOST_UPDATES);
        report.line("|---|---|---|---|---|---|---|---|---|---|---|");
        TreeSet<Integer> sizes = new TreeSet<>(List.of(1, 10, 100, 1000));
        sizes.add(settings.megabytes());
        for (int round = 1; round <= settings.rounds(); round++) {
            for (int megabytes : sizes.headSet(settings.megabytes(), true)) {
                try (TemporaryFolder folder = new TemporaryFolder()) {
                    one(settings, report, folder.path(), (long) (megabytes * 1e6 / BYTES_A_ROW));
                }
            }
        }
    }

    private static void one(Settings settings, Report report, Path folder, long rows) throws Exception {
        Path database = folder.resolve("app.db");
        String follow = "follow " + database + " " + folder.resolve("state") + " true ";
        try (ChildProcess writer = ChildProcess.startJava(SqliteWriter.class, folder)) {
            writer.ask("open " + database + " " + rows + " false");
            double megabytes = Files.size(database) / 1e6;
            Figures first;
            Figures written;
            ProcessUse before;
            ProcessUse after;
            double resident;
            double seq;
            try (ChildProcess follower = ChildProcess.startJava(SqliteFollower.class, folder)) {
                first = follower.ask(follow + "-1");
                Figures warm = writer.ask("run " + LOAD + " " + WARM_UP_SECONDS + " 10000");
                follower.ask("await " + (long) warm.get("rows"));
                before = follower.use();
                written = writer.ask("run " + LOAD + " " + settings.seconds() + " 10000");
                follower.ask("await " + (long) (warm.get("rows") + written.get("rows")));
                after = follower.use();
                resident = ProcessUse.residentMegabytes(follower.pid());
                TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
                seq = follower.ask("stats").get("seq");
                follower.kill();
            }
            Figures restarted;
            try (ChildProcess follower = ChildProcess.startJava(SqliteFollower.class, folder)) {
                restarted = follower.ask(follow + (long) seq);
                follower.ask("stop");
            }
            writer.ask("write UPDATES " + LOST_UPDATES);
            writer.ask("close");
            try (ChildProcess follower = ChildProcess.startJava(SqliteFollower.class, folder)) {
                Figures resynced = follower.ask(follow + (long) seq);
                long started = System.nanoTime();
                follower.ask("await 1");
                TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
                Figures found = follower.ask("stats");
                double events = (found.get("lastRowAt") - started) / 1e9;
                if (restarted.get("resumed") + resynced.get("resumed") != 2 || found.get("resyncs") != 1) {
                    throw new IllegalStateException(
                            "not resumed and compared: " + restarted + ", " + resynced + ", " + found);
                }
                double commits = written.get("commits");
                report.line(
                        "| %.1f | %d | %.0f | %.0f | %.0f | %.0f | %.0f | %.2f | %.2f | %.2f | %.2f |",
                        megabytes,
                        rows,
                        after.cpuSince(before, "sqlite-capture") * 1e6 / commits,
                        after.cpuSince(before, "bench-follower") * 1e6 / commits,
                        after.cpuSince(before, "sqlite-shadow") * 1e6 / commits,
                        after.cpuSince(before) * 1e6 / commits,
                        resident,
                        first.get("millis") / 1e3,
                        restarted.get("millis") / 1e3,
                        resynced.get("millis") / 1e3,
                        resynced.get("millis") / 1e3 + events);
                follower.ask("stop");
            }
        }
    }
}
