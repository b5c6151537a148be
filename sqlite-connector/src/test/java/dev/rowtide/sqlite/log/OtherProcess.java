package dev.rowtide.sqlite.log;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A user of the database: another process with one connection, which does as it is told. With python3 if there is one, whose SQLite is an older one than ours; else a JVM. */
final class OtherProcess implements AutoCloseable {
    private static final boolean PYTHON = exists("python3", "-c", "import sqlite3");

    private static final String SCRIPT = """
            import sqlite3, sys, time
            c = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=float(sys.argv[2]))
            for line in sys.stdin:
                line = line.rstrip("\\n")
                try:
                    if line.startswith("repeat "):
                        _, n, sql = line.split(" ", 2)
                        busy = 0
                        for i in range(int(n)):
                            met = 0
                            while True:
                                try:
                                    c.execute(sql)
                                    break
                                except sqlite3.OperationalError as e:
                                    if "locked" not in str(e): raise
                                    met = 1
                                    time.sleep(0.001)
                            busy += met
                        print(busy)
                    else:
                        for row in c.execute(line):
                            print("|".join(str(v) for v in row))
                    print(".")
                except Exception as e:
                    print("! " + str(e))
                sys.stdout.flush()
            """;

    private final Process process;
    private final BufferedReader out;
    private final BufferedWriter in;

    private OtherProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        this.in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    }

    static OtherProcess on(Path database) throws IOException {
        return on(database, Duration.ofSeconds(5));
    }

    static OtherProcess on(Path database, Duration busyTimeout) throws IOException {
        String seconds = String.valueOf(busyTimeout.toMillis() / 1000.0);
        List<String> command = PYTHON
                ? List.of("python3", "-c", SCRIPT, database.toString(), seconds)
                : List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcessMain.class.getName(),
                        database.toString(),
                        seconds);
        return new OtherProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Whether the users are of a library that leaves zeroed frames. */
    static boolean isPython() {
        return PYTHON;
    }

    private static boolean exists(String... command) {
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Runs a statement and returns its rows, one a line; an error comes as a line with an exclamation mark. */
    String sql(String statement) {
        send(statement);
        return answer();
    }

    void all(String... statements) {
        for (String statement : statements) {
            String answer = sql(statement);
            if (answer.startsWith("!")) {
                throw new IllegalStateException(statement + ": " + answer);
            }
        }
    }

    /** Begins a statement; {@link #answer} waits for its end. */
    void send(String statement) {
        try {
            in.write(statement.replace('\n', ' '));
            in.newLine();
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins to run a statement many times, each until it is not locked out; the answer is how many were. */
    void repeat(int times, String statement) {
        send("repeat " + times + " " + statement);
    }

    boolean hasAnswer() {
        try {
            return out.ready();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String answer() {
        List<String> lines = new ArrayList<>();
        try {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.equals(".")) {
                    return String.join("\n", lines);
                }
                lines.add(line);
                if (line.startsWith("! ")) {
                    return line;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException("The other process ended: " + lines);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() throws IOException {
        if (process.isAlive()) {
            in.close();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Runs a program to its end. */
    static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + process.exitValue());
        }
    }

    /** A copy that another process makes: opening the database here would drop our locks on it. */
    static void copy(Path from, Path to) throws IOException, InterruptedException {
        run("cp", from.toString(), to.toString());
    }
}
