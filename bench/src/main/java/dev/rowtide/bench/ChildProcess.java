package dev.rowtide.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process that is measured: started, waited for until it says that it is ready, and ended by its pid, at the latest with this JVM. */
final class ChildProcess implements AutoCloseable {
    private static final long START_SECONDS = 90;
    private static final long STOP_SECONDS = 15;
    private static final long ANSWER_SECONDS = 300;

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Thread endWithUs;

    private ChildProcess(Process process) {
        this.process = process;
        this.endWithUs = new Thread(process::destroyForcibly, "end-child");
        Runtime.getRuntime().addShutdownHook(endWithUs);
        Thread reader = new Thread(this::read, "child-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Its standard error becomes ours. */
    static ChildProcess start(List<String> command, Map<String, String> environment, Path directory)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> name.startsWith("ROWTIDE_") || name.startsWith("PG"));
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start());
    }

    /** A class of the benchmarks' own, with the launcher's JVM options. */
    static ChildProcess startJava(Class<?> main, Path directory) throws IOException {
        return start(
                List.of(
                        java(),
                        "-Duser.timezone=UTC",
                        "-Dfile.encoding=UTF-8",
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()),
                Map.of(),
                directory);
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private void read() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines::add);
        } catch (IOException | UncheckedIOException e) {
            // It has ended.
        }
    }

    long pid() {
        return process.pid();
    }

    ProcessUse use() {
        return ProcessUse.of(pid());
    }

    /**
     * Sends a signal to a process of this benchmark.
     *
     * @param signal its name without SIG
     */
    static void signal(String signal, long pid) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("could not send SIG" + signal + " to process " + pid);
        }
    }

    /** The next line of its standard output that contains {@code part}. */
    String awaitLine(String part) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < deadline && (process.isAlive() || !lines.isEmpty())) {
            String line = lines.poll(100, TimeUnit.MILLISECONDS);
            if (line != null && line.contains(part)) {
                return line;
            }
        }
        throw new IllegalStateException("no line with '" + part + "' within " + START_SECONDS + " s");
    }

    /**
     * Has a process that serves {@link Commands} do something, and waits until it is done.
     *
     * @throws IllegalStateException if it says that it failed, or says nothing for too long
     */
    Figures ask(String command) throws IOException, InterruptedException {
        BufferedWriter input = process.outputWriter(StandardCharsets.UTF_8);
        input.write(command + "\n");
        input.flush();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
        while (System.nanoTime() < deadline && (process.isAlive() || !lines.isEmpty())) {
            String line = lines.poll(100, TimeUnit.MILLISECONDS);
            if (line != null && line.startsWith(Commands.FAILED)) {
                throw new IllegalStateException("'" + command + "': " + line);
            }
            if (line != null && line.startsWith(Commands.DONE)) {
                return Figures.parse(line.substring(Commands.DONE.length()));
            }
        }
        throw new IllegalStateException("'" + command + "': no answer"
                + (process.isAlive() ? " within " + ANSWER_SECONDS + " s" : ", the process has ended"));
    }

    /** Ends it at once, as a crash would. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(endWithUs);
    }
}
