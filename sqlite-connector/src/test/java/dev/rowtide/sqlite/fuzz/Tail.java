package dev.rowtide.sqlite.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The harness's end of a {@link TailProcess}. */
final class Tail {
    /** Silence after which a process that does next to nothing is given up, and one after which any is. */
    private static final long IDLE_SILENCE_SECONDS = 60;

    private static final long BUSY_SILENCE_SECONDS = 300;

    private final Process process;
    private final Thread reader;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Path log;
    private long lastLineNanos = System.nanoTime();
    private Duration cpuAtLastLine = Duration.ZERO;
    private long longestSilenceNanos;

    private Tail(Process process, Path log) {
        this.process = process;
        this.log = log;
        reader = new Thread(this::read, "tail-output");
        reader.setDaemon(true);
        reader.start();
    }

    static Tail start(Path database, Path state, Path offset, Path log, int heapMb, TailOptions options) {
        var arguments = new ArrayList<>(List.of(database.toString(), state.toString(), offset.toString()));
        arguments.addAll(options.arguments());
        try {
            return new Tail(
                    Forked.jvm(heapMb, TailProcess.class, arguments)
                            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            var text = new StringBuilder();
            int next;
            // A line that a death cut off is no line: the offset file cannot count on it.
            while ((next = in.read()) >= 0) {
                if (next == '\n') {
                    lines.add(text.toString());
                    text.setLength(0);
                } else {
                    text.append((char) next);
                }
            }
        } catch (IOException e) {
            // The process is gone.
        }
    }

    /** The next line, if one comes within {@code millis}. Null if none came, or the process has ended and there is none left. */
    String poll(long millis) throws InterruptedException {
        String line = lines.poll();
        if (line == null && millis > 0) {
            line = lines.poll(millis, TimeUnit.MILLISECONDS);
        }
        if (line != null) {
            long now = System.nanoTime();
            longestSilenceNanos = Math.max(longestSilenceNanos, now - lastLineNanos);
            lastLineNanos = now;
            cpuAtLastLine = cpu();
        }
        return line;
    }

    /** Fails if nothing has been heard for so long that nothing will come: the deadline goes by progress, not by the clock. */
    void requireProgress() {
        double silence = (System.nanoTime() - lastLineNanos) / 1e9;
        double used = cpu().minus(cpuAtLastLine).toMillis() / 1e3;
        if (silence > BUSY_SILENCE_SECONDS || (silence > IDLE_SILENCE_SECONDS && used < silence * 0.3)) {
            throw new AssertionError("the tail process has said nothing for " + (long) silence + " s, and used " + used
                    + " s of processor time; its threads:\n" + Forked.stacks(process) + "\nits log:\n" + log());
        }
    }

    /** Called when the wait begins, so that a silence with nothing to say does not count. */
    void expectProgress() {
        lastLineNanos = System.nanoTime();
        cpuAtLastLine = cpu();
    }

    private Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Whether everything that it wrote has been taken. */
    boolean drained() {
        return !process.isAlive() && !reader.isAlive() && lines.isEmpty();
    }

    int exit() {
        return process.exitValue();
    }

    String log() {
        try {
            List<String> all = Files.readAllLines(log);
            return String.join("\n", all.subList(Math.max(0, all.size() - 60), all.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    String stacks() {
        return Forked.stacks(process);
    }

    /** SIGKILL, and waits until it is gone and read to the end. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
        reader.join(10_000);
    }

    /** Asks it to close. */
    void askToStop() {
        try {
            process.getOutputStream().write("stop\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    double longestSilenceSeconds() {
        return longestSilenceNanos / 1e9;
    }
}
