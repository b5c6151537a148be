package dev.rowtide.app.cli;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The program as a process of its own, ended by its pid at the latest when the test closes it. */
public final class RowtideProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Output out;
    private final Output err;

    private RowtideProcess(Process process) {
        this.process = process;
        out = new Output(process.getInputStream());
        err = new Output(process.getErrorStream());
    }

    /** Java on this test's class path. */
    public static RowtideProcess java(Path directory, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m"));
        if (Runtime.version().feature() >= 22) {
            // As the launcher says it; older ones do not know it.
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", absoluteClassPath(), Main.class.getName()));
        command.addAll(List.of(arguments));
        return start(directory, environment, command);
    }

    /** Any command. */
    static RowtideProcess start(Path directory, Map<String, String> environment, List<String> command)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("ROWTIDE_") || name.startsWith("PG"));
        builder.environment().putAll(environment);
        return new RowtideProcess(builder.start());
    }

    long pid() {
        return process.pid();
    }

    /** The next line of the standard output that contains {@code part}. */
    String outLine(String part) throws InterruptedException {
        return out.line(part, this);
    }

    /** The next line of the standard error that contains {@code part}. */
    String errLine(String part) throws InterruptedException {
        return err.line(part, this);
    }

    /** Everything that was written to the standard output; complete once it has ended. */
    List<String> outLines() {
        return out.all;
    }

    /** Everything that was written to the standard error; complete once it has ended. */
    List<String> errLines() {
        return err.all;
    }

    /** Nobody reads the standard output any more. */
    void closeOut() throws IOException {
        process.getInputStream().close();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** The exit code, once it has ended. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it runs on; so far: " + this);
        }
        out.join();
        err.join();
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public String toString() {
        return "out " + out.all + " err " + err.all;
    }

    private static String absoluteClassPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    /** One of the two streams, read by a thread of its own that ends with the stream. */
    private static final class Output {
        private static final String END = "\0end";

        private final List<String> all = Collections.synchronizedList(new ArrayList<>());
        private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();
        private final Thread reader;

        Output(InputStream stream) {
            reader = new Thread(() -> read(stream), "child-output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(InputStream stream) {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                lines.lines().forEach(line -> {
                    all.add(line);
                    unread.add(line);
                });
            } catch (IOException | UncheckedIOException e) {
                // Closed by the test.
            } finally {
                unread.add(END);
            }
        }

        String line(String part, RowtideProcess whole) throws InterruptedException {
            while (true) {
                String line = unread.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (line == null || line.equals(END)) {
                    throw new AssertionError("no line with '" + part + "'; " + whole);
                }
                if (line.contains(part)) {
                    return line;
                }
            }
        }

        void join() throws InterruptedException {
            reader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        }
    }
}
