package dev.rowtide.sqlite.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.log.LiveDatabase;
import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.log.UnusableDatabaseException;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.SchemaChange;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ReadPointsTest {
    private static final int COMMITS = 200;
    private static final Duration SOON = Duration.ofMillis(500);

    @TempDir
    Path folder;

    private Path database;

    @BeforeEach
    void makeDatabase() throws SQLException {
        database = folder.resolve("app.db");
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE post(id INTEGER PRIMARY KEY)");
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 20000");
        }
        return connection;
    }

    private ChangeStream open(boolean switchToWal) throws IOException {
        return ChangeStream.open(new ChangeStream.Options(
                database,
                folder.resolve("state"),
                new LiveOptions(switchToWal, 1 << 20, true, Duration.ofSeconds(10), true),
                new CaptureState.Limits(4L << 30, false),
                table -> true,
                null,
                0,
                1.0));
    }

    /** Begins to read on a connection. */
    private static LiveDatabase.Reader reader(Connection connection) {
        return new LiveDatabase.Reader() {
            @Override
            public void begin() throws IOException {
                run("BEGIN", "PRAGMA schema_version");
            }

            @Override
            public void end() throws IOException {
                run("ROLLBACK");
            }

            private void run(String... sql) throws IOException {
                try (Statement statement = connection.createStatement()) {
                    for (String one : sql) {
                        statement.execute(one);
                    }
                } catch (SQLException e) {
                    throw new IOException(e);
                }
            }
        };
    }

    private static long count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM post")) {
            return row.getLong(1);
        }
    }

    /** Each commit adds one row, as fast as it can, with checkpoints in between: so the number of rows tells which commit a reading shows. */
    @Test
    void aReadingShowsExactlyTheCommitThatItIsToldToShow() throws Exception {
        try (ChangeStream stream = open(true)) {
            stream.start(OptionalLong.empty());
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(stop));
            CompletableFuture<NavigableMap<Long, Long>> emitted =
                    CompletableFuture.supplyAsync(() -> rowsBehindCommits(stream, writer));
            NavigableMap<Long, Long> read = new TreeMap<>();
            try (Connection connection = connect()) {
                while (read.size() < COMMITS) {
                    assertThat(writer).as("the writer").isNotDone();
                    long seq = stream.beginReading(reader(connection));
                    long rows = count(connection);
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("ROLLBACK");
                    }
                    Long before = read.put(seq, rows);
                    assertThat(before).isIn(null, rows);
                }
            }
            stop.set(true);
            NavigableMap<Long, Long> rowsBehind = emitted.get();
            assertThat(read).allSatisfy((seq, rows) -> {
                var known = rowsBehind.floorEntry(seq);
                assertThat(rows).as("rows at commit %s", seq).isEqualTo(known == null ? 0 : known.getValue());
            });
        }
    }

    private void write(AtomicBoolean stop) {
        Random random = new Random(7);
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO post VALUES (?)")) {
            statement.execute("PRAGMA synchronous = OFF");
            for (int id = 1; !stop.get(); id++) {
                insert.setInt(1, id);
                insert.executeUpdate();
                if (random.nextInt(500) == 0) {
                    // It waits for readers, of which there is always one.
                    statement.execute("PRAGMA busy_timeout = 20");
                    statement
                            .executeQuery(
                                    "PRAGMA wal_checkpoint(" + (random.nextBoolean() ? "PASSIVE" : "RESTART") + ")")
                            .close();
                    statement.execute("PRAGMA busy_timeout = 20000");
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static NavigableMap<Long, Long> rowsBehindCommits(ChangeStream stream, CompletableFuture<Void> writer) {
        NavigableMap<Long, Long> rows = new TreeMap<>();
        try {
            boolean any = true;
            while (any || !writer.isDone()) {
                any = stream.next(new Counting(rows), SOON);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return rows;
    }

    /** How many rows there are behind each commit. */
    private static final class Counting implements ChangeStream.TransactionHandler {
        private final NavigableMap<Long, Long> rowsBehind;
        private long rows;

        Counting(NavigableMap<Long, Long> rowsBehind) {
            this.rowsBehind = rowsBehind;
            rows = rowsBehind.isEmpty() ? 0 : rowsBehind.lastEntry().getValue();
        }

        @Override
        public void begin(TransactionHeader transaction) {
            assertThat(transaction.kind()).isEqualTo(TransactionHeader.Kind.COMMIT);
        }

        @Override
        public void schema(SchemaChange change) {}

        @Override
        public void row(RowChange change) {
            rows++;
        }

        @Override
        public void end(TransactionHeader transaction) {
            rowsBehind.put(transaction.seq(), rows);
        }
    }

    @Test
    void aReaderThatFailsIsToldWhyAndTheStreamGoesOn() throws Exception {
        try (ChangeStream stream = open(true);
                Connection connection = connect()) {
            stream.start(OptionalLong.empty());
            assertThatThrownBy(() -> stream.beginReading(new LiveDatabase.Reader() {
                        @Override
                        public void begin() throws IOException {
                            throw new IOException("not today");
                        }

                        @Override
                        public void end() {}
                    }))
                    .isInstanceOf(IOException.class)
                    .hasMessage("not today");
            long seq = stream.beginReading(reader(connection));
            assertThat(seq).isEqualTo(stream.seq());
        }
    }

    @Test
    void withoutALogThereIsNoReadingThatLeavesWritersAlone() throws Exception {
        try (ChangeStream stream = open(false);
                Connection connection = connect()) {
            stream.start(OptionalLong.empty());
            assertThatThrownBy(() -> stream.beginReading(reader(connection)))
                    .isInstanceOf(UnusableDatabaseException.class)
                    .hasMessageContaining("journal_mode=WAL");
        }
    }

    @Test
    void nobodyBeginsOnAStreamThatIsClosed() throws Exception {
        ChangeStream stream = open(true);
        stream.start(OptionalLong.empty());
        stream.close();
        try (Connection connection = connect()) {
            assertThatThrownBy(() -> stream.beginReading(reader(connection)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("was stopped");
        }
    }
}
