package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.SqliteWrites;
import dev.rowtide.cdc.TestFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writers in a process of their own, as users have them: SQLite's locks then are real ones. It makes the tables and says {@code ready}; a line begins the writing, the next ends it, and it says the key of the
 * last row.
 *
 * <p>Arguments: database, seed, and whether one more writer commits single rows as fast as it can.
 */
public final class SqliteWriterProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final Path errors;

    SqliteWriterProcess(Path database, long seed, boolean unpaced, Path errors) throws IOException {
        this.errors = errors;
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx150m",
                        "-XX:TieredStopAtLevel=1",
                        "-Duser.timezone=UTC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SqliteWriterProcess.class.getName(),
                        database.toString(),
                        Long.toString(seed),
                        Boolean.toString(unpaced))
                .redirectError(errors.toFile())
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        answer(); // ready
    }

    void start() throws IOException {
        say();
    }

    /** Returns when the last transaction is over; the key of one row more, after which nothing comes. */
    String stop() throws IOException {
        say();
        return answer();
    }

    private void say() throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the writers ended without an answer: " + Files.readString(errors));
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws Exception {
        TestFile database = new TestFile(Path.of(arguments[0]));
        SqliteWrites writes = new SqliteWrites(database, Long.parseLong(arguments[1]));
        AtomicBoolean stopped = new AtomicBoolean();
        Thread unpaced = new Thread(() -> writeOn(database, stopped), "unpaced");
        System.out.println("ready");
        awaitLine();
        writes.start();
        if (Boolean.parseBoolean(arguments[2])) {
            unpaced.start();
        }
        awaitLine();
        stopped.set(true);
        unpaced.join();
        writes.stop();
        System.out.println(writes.writeLast());
    }

    private static void awaitLine() throws IOException {
        if (System.in.read() < 0) {
            Runtime.getRuntime().halt(1); // the test is gone
        }
    }

    /** Negative keys, which the others do not use. */
    private static void writeOn(TestFile database, AtomicBoolean stopped) {
        try (Connection connection = database.connect();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?, 'fast')")) {
            try (var statement = connection.createStatement()) {
                statement.execute("PRAGMA synchronous = OFF");
            }
            for (int key = -1; !stopped.get(); key--) {
                insert.setInt(1, key);
                insert.executeUpdate();
            }
        } catch (SQLException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
