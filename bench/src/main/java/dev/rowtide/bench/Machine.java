package dev.rowtide.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What it runs on, from Linux's {@code /proc} (see {@code man 5 proc}). */
final class Machine {
    /** The kernel's USER_HZ, in which {@code /proc} counts; 100 on every architecture that Java runs on. */
    static final double TICKS_A_SECOND = 100;

    private Machine() {}

    static String describe() {
        return Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", JDK "
                + Runtime.version();
    }

    static String loadAverage() {
        return read(Path.of("/proc/loadavg")).split(" ")[0];
    }

    /** CPU seconds that all processes have used since the start of the machine. */
    static double busySeconds() {
        String[] cpu = read(Path.of("/proc/stat")).split("\n")[0].split(" +");
        // user nice system idle iowait irq softirq
        return (ticks(cpu[1]) + ticks(cpu[2]) + ticks(cpu[3]) + ticks(cpu[6]) + ticks(cpu[7])) / TICKS_A_SECOND;
    }

    /** CPU seconds that the hypervisor gave to others. */
    static double stolenSeconds() {
        return ticks(read(Path.of("/proc/stat")).split("\n")[0].split(" +")[8]) / TICKS_A_SECOND;
    }

    private static double ticks(String text) {
        return Double.parseDouble(text);
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
