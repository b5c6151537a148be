package dev.rowtide.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What it costs those who write into an SQLite database that somebody wants to know of it: alone; with the connector following; with a log that triggers write, unread and read.
 *
 * <p>The three processes (writer, connector, reader of the triggers' log) live through all of it, so that all JVMs are warm; each phase has a database of its own. The variants take turns within
 * each round, in reversed order every other round.
 */
final class SqliteWriters implements Benchmark {
    private static final int ROWS = 100_000;
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;
    private static final List<SqliteLoad> LOADS =
            List.of(SqliteLoad.PACED, SqliteLoad.INSERTS, SqliteLoad.UPDATES, SqliteLoad.THOUSANDS, SqliteLoad.ONE);
    private static final List<SqliteLoad> BUSY_LOADS =
            List.of(SqliteLoad.PACED, SqliteLoad.INSERTS, SqliteLoad.HUNDREDS);
    private static final List<Variant> VARIANTS =
            List.of(Variant.ALONE, Variant.FOLLOWED, Variant.TRIGGERS, Variant.TRIGGERS_READ);
    private static final List<Variant> BUSY_VARIANTS =
            List.of(Variant.ALONE, Variant.FOLLOWED, Variant.FOLLOWED_WITHOUT_BARRIER);

    /** Who else is there. */
    private enum Variant {
        ALONE("alone"),
        FOLLOWED("ChangeStream"),
        FOLLOWED_WITHOUT_BARRIER("ChangeStream, barrier off"),
        TRIGGERS("triggers, nobody reads"),
        TRIGGERS_READ("triggers and a reader");

        private final String description;

        Variant(String description) {
            this.description = description;
        }

        boolean followed() {
            return this == FOLLOWED || this == FOLLOWED_WITHOUT_BARRIER;
        }

        boolean triggers() {
            return this == TRIGGERS || this == TRIGGERS_READ;
        }
    }

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                Phases phases = new Phases(folder.path())) {
            report.version(Phases.describe());
            slowdown(settings, report, phases);
            busy(settings, report, phases);
        }
    }

    private static void slowdown(Settings settings, Report report, Phases phases) throws Exception {
        report.line(
                "One writer, a table of %d rows of about 130 bytes with one index, WAL, synchronous=NORMAL, busy timeout %d s; %d rounds of %d s a"
                        + " phase after one to warm up; medians of the rounds, slowdown: of the rounds' ratios. A commit's time is that of the whole transaction.%n",
                ROWS, BUSY_TIMEOUT_MILLIS / 1000, settings.rounds(), settings.seconds());
        report.line(
                "| load | beside it | rows/s | slowdown | (of the rounds) | commit p50, us | p99 | largest -wal, MB | events/s, catching up included | caught up after, s |"
                        + " CPU s per 1M events |");
        report.line("|---|---|---|---|---|---|---|---|---|---|---|");
        for (SqliteLoad load : LOADS) {
            Map<Variant, List<Phase>> found = new EnumMap<>(Variant.class);
            for (int round = 0; round <= settings.rounds(); round++) {
                List<Variant> order = new ArrayList<>(VARIANTS);
                if (round % 2 == 1) {
                    Collections.reverse(order);
                }
                for (Variant variant : order) {
                    Phase phase = phases.run(load, variant, settings.seconds(), BUSY_TIMEOUT_MILLIS);
                    System.err.println((round == 0 ? "warm-up" : "round " + round) + " " + load + " " + variant + " "
                            + phase.written + (phase.followed == null ? "" : " | " + phase.followed));
                    if (round > 0) {
                        found.computeIfAbsent(variant, unused -> new ArrayList<>())
                                .add(phase);
                    }
                }
            }
            List<Phase> alone = List.copyOf(found.getOrDefault(Variant.ALONE, List.of()));
            for (Variant variant : VARIANTS) {
                line(report, load, variant, found.getOrDefault(variant, List.of()), alone);
            }
        }
    }

    private static void line(Report report, SqliteLoad load, Variant variant, List<Phase> all, List<Phase> alone) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            ratios.add(alone.get(i).rowsPerSecond() / all.get(i).rowsPerSecond());
        }
        Samples slowdown = new Samples(ratios);
        boolean read = variant.followed() || variant == Variant.TRIGGERS_READ;
        report.line(
                "| %s | %s | %.0f | **%.2f** | %.2f to %.2f | %.0f | %.0f | %.0f | %s | %s | %s |",
                load.description(),
                variant.description,
                median(all, Phase::rowsPerSecond),
                slowdown.median(),
                slowdown.smallest(),
                slowdown.largest(),
                median(all, phase -> phase.written.get("p50")),
                median(all, phase -> phase.written.get("p99")),
                median(all, phase -> phase.written.get("walMegabytes")),
                read ? String.format(Locale.ROOT, "%.0f", median(all, Phase::eventsPerSecond)) : "",
                read ? String.format(Locale.ROOT, "%.2f", median(all, Phase::catchUpSeconds)) : "",
                read ? String.format(Locale.ROOT, "%.1f", median(all, Phase::cpuPerMillion)) : "");
    }

    private static double median(List<Phase> phases, ToDoubleFunction<Phase> figure) {
        return new Samples(phases.stream().mapToDouble(figure).boxed().toList()).median();
    }

    /** A busy timeout of 0, so that every commit that is kept waiting is seen. */
    private static void busy(Settings settings, Report report, Phases phases) throws Exception {
        int seconds = settings.seconds() * 3;
        report.line(
                "%nWithout a busy timeout (a commit that meets SQLITE_BUSY is tried again every 0.1 ms), one phase of %d s each:%n",
                seconds);
        report.line(
                "| load | beside it | rows/s | largest -wal, MB | commits | that met BUSY | %% | blocked, ms: median | max | barriers | ms in sum | checkpoints |");
        report.line("|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (SqliteLoad load : BUSY_LOADS) {
            for (Variant variant : BUSY_VARIANTS) {
                Phase phase = phases.run(load, variant, seconds, 0);
                Figures written = phase.written;
                Figures followed = phase.followed;
                report.line(
                        "| %s | %s | %.0f | **%.0f** | %.0f | **%.0f** | %.3f | %s | %s | %s |",
                        load.description(),
                        variant.description,
                        phase.rowsPerSecond(),
                        written.get("walMegabytes"),
                        written.get("commits"),
                        written.get("busy"),
                        100 * written.get("busy") / written.get("commits"),
                        written.get("busy") == 0 ? "" : String.format(Locale.ROOT, "%.1f", written.get("blockedP50")),
                        written.get("busy") == 0 ? "" : String.format(Locale.ROOT, "%.1f", written.get("blockedMax")),
                        followed == null
                                ? " | |"
                                : String.format(
                                        "%.0f | %.1f | %.0f",
                                        followed.get("barriers"),
                                        followed.get("barrierMillis"),
                                        followed.get("checkpoints")));
            }
        }
    }

    /**
     * What one phase found.
     *
     * @param written by the writer
     * @param followed by who read; null if nobody did
     * @param cpuSeconds of who read
     */
    private record Phase(Figures written, @Nullable Figures followed, double cpuSeconds) {
        double rowsPerSecond() {
            return written.get("rows") / written.get("seconds");
        }

        double eventsPerSecond() {
            return written.get("rows") / ((lastRowAt() - written.get("startedAt")) / 1e9);
        }

        double catchUpSeconds() {
            return (lastRowAt() - written.get("startedAt")) / 1e9 - written.get("seconds");
        }

        double cpuPerMillion() {
            return cpuSeconds * 1e6 / written.get("rows");
        }

        private double lastRowAt() {
            return followed == null ? Double.NaN : followed.get("lastRowAt");
        }
    }

    /** The processes. */
    private static final class Phases implements AutoCloseable {
        private final Path folder;
        private final ChildProcess writer;
        private final ChildProcess follower;
        private final ChildProcess reader;
        private int number;

        Phases(Path folder) throws IOException {
            this.folder = folder;
            writer = ChildProcess.startJava(SqliteWriter.class, folder);
            follower = ChildProcess.startJava(SqliteFollower.class, folder);
            reader = ChildProcess.startJava(TriggerReader.class, folder);
        }

        static String describe() {
            return SqliteWriter.version();
        }

        Phase run(SqliteLoad load, Variant variant, int seconds, int busyTimeoutMillis) throws Exception {
            Path directory = Files.createDirectory(folder.resolve("phase" + ++number));
            Path database = directory.resolve("app.db");
            writer.ask("open " + database + " " + ROWS + " " + variant.triggers());
            ChildProcess who = null;
            if (variant.followed()) {
                who = follower;
                who.ask("follow " + database + " " + directory.resolve("state") + " " + (variant == Variant.FOLLOWED)
                        + " -1");
            } else if (variant == Variant.TRIGGERS_READ) {
                who = reader;
                who.ask("follow " + database);
            }
            ProcessUse before = who == null ? null : who.use();
            Figures written = writer.ask("run " + load + " " + seconds + " " + busyTimeoutMillis);
            Figures followed = null;
            double cpuSeconds = 0;
            if (who != null && before != null) {
                followed = who.ask("await " + (long) written.get("rows"));
                cpuSeconds = who.use().cpuSince(before);
                who.ask("stop");
            }
            writer.ask("close");
            TemporaryFolder.delete(directory);
            return new Phase(written, followed, cpuSeconds);
        }

        @Override
        public void close() {
            writer.close();
            follower.close();
            reader.close();
        }
    }
}
