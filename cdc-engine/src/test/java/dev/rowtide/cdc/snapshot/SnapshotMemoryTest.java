package dev.rowtide.cdc.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.SourceConfig;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TestFile;
import dev.rowtide.cdc.TestServer;
import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.cdc.sqlite.SqliteAddress;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotFailure;
import dev.rowtide.feed.SnapshotHandler;
import dev.rowtide.feed.SnapshotReading;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table many times larger than the heap of the process that reads it, to several subscribers at once. */
class SnapshotMemoryTest {
    private static final int ROWS = Integer.getInteger("rowtide.snapshot.rows", 100_000);
    private static final int ROW_CHARACTERS = 2_000;
    private static final int SUBSCRIBERS = 10;

    @TempDir
    Path folder;

    @Test
    void aLargeTableOfPostgresIsReadInASmallHeap() throws Exception {
        TestServer.Database database = TestServer.database();
        database.execute(
                "CREATE TABLE post (id int PRIMARY KEY, body text)",
                "ALTER TABLE post ALTER body SET STORAGE PLAIN",
                "INSERT INTO post SELECT i, repeat('x', " + ROW_CHARACTERS + ") FROM generate_series(1, " + ROWS
                        + ") i");
        PostgresSource source = database.source();
        assertThat(read(database.address().displayName(), source.slotName())).isEqualTo(expected());
    }

    @Test
    void aLargeTableOfSqliteIsReadInASmallHeap() throws Exception {
        TestFile database = new TestFile(folder.resolve("app.db"));
        database.execute(
                "PRAGMA journal_mode = WAL",
                "CREATE TABLE post (id INTEGER PRIMARY KEY, body TEXT)",
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < " + ROWS
                        + ") INSERT INTO post SELECT i, printf('%0" + ROW_CHARACTERS + "d', i) FROM n");
        assertThat(read(database.url(), "-")).isEqualTo(expected());
    }

    private static String expected() {
        return (ROWS + " ").repeat(SUBSCRIBERS);
    }

    private String read(String address, String slot) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Duser.timezone=UTC",
                        "-Dlogback.configurationFile=engine-tests-logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SnapshotMemoryTest.class.getName(),
                        address,
                        slot,
                        folder.resolve("data").toString())
                .redirectError(folder.resolve("reader.log").toFile())
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output.substring(output.lastIndexOf('\n') + 1);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Arguments: address, slot and publication (of no use with SQLite), data directory. The last line has how many rows each subscriber got. */
    public static void main(String[] arguments) throws Exception {
        SourceConfig source = SqliteAddress.isOne(arguments[0])
                ? new SqliteSource(
                        SqliteAddress.parse(arguments[0]), SqliteSource.Follow.DEFAULT, Numbers.NUMBER, List.of())
                : new PostgresSource(
                        PostgresAddress.parse(arguments[0], Map.of()),
                        arguments[1],
                        arguments[1],
                        List.of("public"),
                        Numbers.NUMBER,
                        List.of());
        try (ChangeEngine engine = new ChangeEngine(source, Path.of(arguments[2]), new RecordingSink())) {
            engine.start();
            while (!engine.health().ready()) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            List<Counter> counters = new ArrayList<>();
            for (int i = 0; i < SUBSCRIBERS; i++) {
                Counter counter = new Counter();
                counter.reading = engine.rowSource().read(SnapshotRequest.ofResource("post"), counter);
                counters.add(counter);
            }
            counters.forEach(counter -> counter.reading.request(2));
            StringBuilder counts = new StringBuilder();
            for (Counter counter : counters) {
                counts.append(counter.count.get()).append(' ');
            }
            System.out.print("\n" + counts);
            System.out.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    /** Keeps nothing, and asks for a chunk when it has got one. */
    private static final class Counter implements SnapshotHandler {
        private final CompletableFuture<String> count = new CompletableFuture<>();
        private volatile SnapshotReading reading;
        private int rows;

        @Override
        public void begin(SnapshotCut cut) {}

        @Override
        public void rows(List<SnapshotRow> chunk) {
            rows += chunk.size();
            reading.request(1);
        }

        @Override
        public void end() {
            count.complete(Integer.toString(rows));
        }

        @Override
        public void failed(SnapshotFailure failure) {
            count.complete(failure.sentence());
        }
    }
}
