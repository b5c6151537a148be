package dev.rowtide.bench;

import java.time.Duration;
import java.time.LocalDate;
import java.util.Locale;

/** What a run found, as Markdown: the machine, how noisy it was, and the tables. */
final class Report {
    private final String name;
    private final String command;
    private final StringBuilder body = new StringBuilder();
    private final StringBuilder versions = new StringBuilder();
    private final long startedAt = System.nanoTime();
    private final double busyBefore = Machine.busySeconds();
    private final double stolenBefore = Machine.stolenSeconds();
    private final String loadBefore = Machine.loadAverage();

    Report(String name, String command) {
        this.name = name;
        this.command = command;
    }

    /** A line of text, formatted. */
    void line(String format, Object... values) {
        String line = String.format(Locale.ROOT, format, values);
        body.append(line).append('\n');
        System.err.println(line);
    }

    /** Something that was measured with, beside the machine and the JDK. */
    void version(String text) {
        versions.append(", ").append(text);
    }

    String finish() {
        double seconds = Duration.ofNanos(System.nanoTime() - startedAt).toMillis() / 1e3;
        return String.format(
                Locale.ROOT,
                "# %s, %s%n%nCommand: `%s`%n%nMachine: %s%s.%n%nNoise: load average %s before and %s after; during the %.0f s"
                        + " all processes together kept %.2f of %d cores busy, the hypervisor took %.2f.%n%n%s",
                name,
                LocalDate.now(),
                command,
                Machine.describe(),
                versions,
                loadBefore,
                Machine.loadAverage(),
                seconds,
                (Machine.busySeconds() - busyBefore) / seconds,
                Runtime.getRuntime().availableProcessors(),
                (Machine.stolenSeconds() - stolenBefore) / seconds,
                body);
    }
}
