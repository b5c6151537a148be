package dev.rowtide.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a process has used up to a moment, as the kernel counts it: two of them make the use in between.
 *
 * @param nanos when, by {@link System#nanoTime}
 * @param cpuSeconds user and system time of the whole process
 * @param threads the same by thread name; the kernel keeps 15 characters of a name, and threads of one name are added up
 */
record ProcessUse(long nanos, double cpuSeconds, Map<String, Double> threads) {

    static ProcessUse of(long pid) {
        Path process = Path.of("/proc/" + pid);
        Map<String, Double> threads = new HashMap<>();
        try (Stream<Path> tasks = Files.list(process.resolve("task"))) {
            for (Path task : tasks.toList()) {
                // A thread may end between the listing and the reading.
                if (Files.exists(task.resolve("stat"))) {
                    threads.merge(name(task), cpuSeconds(task.resolve("stat")), Double::sum);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ProcessUse(System.nanoTime(), cpuSeconds(process.resolve("stat")), threads);
    }

    /** CPU seconds since {@code before}. */
    double cpuSince(ProcessUse before) {
        return cpuSeconds - before.cpuSeconds;
    }

    /** CPU seconds of the threads of one name since {@code before}. */
    double cpuSince(ProcessUse before, String thread) {
        return threads.getOrDefault(thread, 0.0) - before.threads.getOrDefault(thread, 0.0);
    }

    /** Per cent of one core since {@code before}. */
    double percentSince(ProcessUse before) {
        return 100 * cpuSince(before) / secondsSince(before);
    }

    private double secondsSince(ProcessUse before) {
        return (nanos - before.nanos) / 1e9;
    }

    /** The busiest threads since {@code before}, each in per cent of a core. */
    String busiestSince(ProcessUse before) {
        List<Map.Entry<String, Double>> busy = threads.entrySet().stream()
                .map(thread -> Map.entry(
                        thread.getKey(),
                        100
                                * (thread.getValue() - before.threads.getOrDefault(thread.getKey(), 0.0))
                                / secondsSince(before)))
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(6)
                .toList();
        return busy.stream()
                .map(thread -> String.format(Locale.ROOT, "%s %.1f", thread.getKey(), thread.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Resident memory in MB (2^20 bytes). */
    static double residentMegabytes(long pid) {
        for (String line : Machine.read(Path.of("/proc/" + pid + "/status")).split("\n")) {
            if (line.startsWith("VmRSS:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        return Double.NaN;
    }

    /** Bytes of live objects: the sum of a class histogram, for which the JVM collects its garbage first. */
    static double liveHeapMegabytes(long pid) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        for (String line : text.split("\n")) {
            if (line.startsWith("Total")) {
                return Double.parseDouble(line.trim().split(" +")[2]) / (1024 * 1024);
            }
        }
        return Double.NaN;
    }

    private static String name(Path task) {
        return Machine.read(task.resolve("comm")).trim();
    }

    private static double cpuSeconds(Path stat) {
        String text = Machine.read(stat);
        // The name in parentheses may contain anything; utime and stime are the 12th and 13th after it.
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
        return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / Machine.TICKS_A_SECOND;
    }
}
