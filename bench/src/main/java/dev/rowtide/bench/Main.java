package dev.rowtide.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code bench/run NAME [--rounds N] [--seconds S] [--megabytes N] [--record]}. */
final class Main {
    /** By name; the numbers are the rounds and the seconds of a phase if none are given. */
    private static final Map<String, Named> BENCHMARKS = new TreeMap<>(Map.ofEntries(
            Map.entry("commit-to-socket", new Named(new CommitToSocket(), 5, 10)),
            Map.entry("filters", new Named(new Filters(), 3, 0)),
            Map.entry("resume", new Named(new Resume(), 3, 0)),
            Map.entry("snapshot", new Named(new Snapshot(), 2, 0)),
            Map.entry("large-transaction", new Named(new LargeTransaction(), 1, 0)),
            Map.entry("idle", new Named(new Idle(), 1, 60)),
            Map.entry("throughput", new Named(new Throughput(), 4, 0)),
            Map.entry("fanout", new Named(new Fanout(), 5, 3)),
            Map.entry("sqlite-writers", new Named(new SqliteWriters(), 3, 2)),
            Map.entry("sqlite-throughput", new Named(new SqliteThroughput(), 3, 0)),
            Map.entry("sqlite-latency", new Named(new SqliteLatency(), 4, 10)),
            Map.entry("sqlite-size", new Named(new SqliteSize(), 1, 8)),
            Map.entry("sqlite-idle", new Named(new SqliteIdle(), 1, 60))));

    private static final int MEGABYTES = 1000;

    private record Named(Benchmark benchmark, int rounds, int seconds) {}

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        Named named = given.isEmpty() ? null : BENCHMARKS.get(given.get(0));
        if (named == null) {
            System.err.println(
                    "usage: bench/run NAME [--rounds N] [--seconds S] [--megabytes N] [--record]; NAME is one of "
                            + String.join(", ", BENCHMARKS.keySet()));
            System.exit(2);
            return;
        }
        Path home = Path.of(System.getProperty("rowtide.home", ".")).toAbsolutePath();
        Settings settings = new Settings(
                number(given, "--rounds", named.rounds),
                number(given, "--seconds", named.seconds),
                number(given, "--megabytes", MEGABYTES),
                home);
        Report report = new Report(given.get(0), "bench/run " + String.join(" ", given));
        named.benchmark.run(settings, report);
        String text = report.finish();
        System.out.print(text);
        if (given.contains("--record")) {
            Path file = home.resolve("bench/results/" + LocalDate.now() + "-" + given.get(0) + ".md");
            Files.writeString(file, text);
            System.err.println("recorded in " + home.relativize(file));
        }
        // The HTTP client's threads would keep the process for a while.
        System.exit(0);
    }

    private static int number(List<String> given, String option, int otherwise) {
        int at = given.indexOf(option);
        return at < 0 ? otherwise : Integer.parseInt(given.get(at + 1));
    }
}
