package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.snapshot.CollectedSnapshot;
import dev.rowtide.cdc.snapshot.Materialized;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.SnapshotRequest;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Snapshots and the changes that they do not contain, put together, are the table: whatever was under way when the snapshot was taken. On a server of its own, since it is told of a standby. */
class PostgresSnapshotTest {
    private static final int ROUNDS = 60;

    @TempDir
    Path dataDirectory;

    private final RecordingSink sink = new RecordingSink();
    private EmbeddedPostgres server;
    private PostgresAddress address;
    private ChangeEngine engine;

    @BeforeEach
    void startServer() throws IOException, SQLException {
        server = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .setServerConfig("max_prepared_transactions", "50")
                .setServerConfig("synchronous_commit", "local")
                .setServerConfig("fsync", "on")
                .start();
        address = PostgresAddress.parse("postgres://postgres@127.0.0.1:" + server.getPort() + "/postgres", Map.of());
    }

    @AfterEach
    void stop() throws IOException {
        if (engine != null) {
            engine.close();
        }
        server.close();
    }

    private void startEngine() {
        engine = new ChangeEngine(
                new PostgresSource(address, "slot", "pub", List.of("public"), Numbers.NUMBER, List.of()),
                dataDirectory,
                sink);
        engine.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().ready());
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true", "3, true"})
    void rowsAndTheChangesThatAreNotInThemAreTheTable(long seed, boolean waitForStandby) throws Exception {
        ConcurrentTransactions writes = new ConcurrentTransactions(address, seed, waitForStandby);
        startEngine();
        writes.start();
        List<CollectedSnapshot> snapshots = new ArrayList<>();
        while (snapshots.size() < ROUNDS) {
            CollectedSnapshot snapshot = CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"));
            snapshot.outcome();
            snapshots.add(snapshot);
            writes.stopped(snapshots.size() % 7);
        }
        writes.stop();
        if (waitForStandby) {
            writes.standby(null);
        }
        String last = Integer.toString(writes.writeLast());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> sink.events.stream().anyMatch(e -> e.id().text().equals(last)));
        Map<String, String> table = writes.table();
        List<DataChangeEvent> history = List.copyOf(sink.events);
        assertThat(snapshots)
                .allSatisfy(snapshot ->
                        assertThat(Materialized.of(snapshot, history)).isEqualTo(table));
        assertThat(snapshots)
                .as("otherwise nothing was under way")
                .anySatisfy(snapshot -> assertThat(history)
                        .anySatisfy(change -> assertThat(snapshot.cut().until().isAfter(change.position())
                                        && !snapshot.cut().contains(change))
                                .isTrue()));
    }

    /** A commit waits for a standby: it was streamed long ago, and no snapshot sees it. */
    @Test
    void aChangeThatWasStreamedBeforeItIsVisibleIsLookedBackFor() throws Exception {
        ConcurrentTransactions writes = new ConcurrentTransactions(address, 0, false);
        startEngine();
        writes.standby("absent");
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
            try (Connection connection = address.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET synchronous_commit = on");
                statement.execute("INSERT INTO item VALUES (1, 'invisible', 0)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        DataChangeEvent change = sink.awaitEvents(1).get(0);
        writes.execute("INSERT INTO item VALUES (2, 'visible', 0)");
        DataChangeEvent later = sink.awaitEvents(2).get(1);

        CollectedSnapshot snapshot = CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"));
        assertThat(snapshot.all()).map(row -> row.id().text()).containsExactly("2");
        assertThat(snapshot.cut().contains(change)).isFalse();
        assertThat(snapshot.cut().from()).isLessThanOrEqualTo(change.position());
        assertThat(snapshot.cut().until()).isGreaterThan(change.position());
        assertThat(snapshot.cut().contains(later)).isTrue();
        assertThat(waiting).isNotDone();

        writes.standby(null);
        waiting.get();
        CollectedSnapshot after = CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"));
        assertThat(after.all()).hasSize(2);
        assertThat(after.cut().contains(change)).isTrue();
        assertThat(after.cut().from()).isGreaterThan(change.position());
    }

    @Test
    void aTransactionWithSavepointsIsKnownByItsOwnNumber() throws Exception {
        ConcurrentTransactions writes = new ConcurrentTransactions(address, 0, false);
        startEngine();
        try (Connection connection = address.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SAVEPOINT a");
            statement.execute("INSERT INTO item VALUES (1, 'in a savepoint', 0)");
            statement.execute("RELEASE SAVEPOINT a");
            statement.execute("SAVEPOINT b");
            statement.execute("INSERT INTO item VALUES (2, 'in another', 0)");
            var row = statement.executeQuery("SELECT pg_current_xact_id()::text");
            row.next();
            String number = row.getString(1);

            CollectedSnapshot during = CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"));
            assertThat(during.all()).isEmpty();
            connection.commit();

            List<DataChangeEvent> changes = sink.awaitEvents(2);
            assertThat(changes).map(change -> change.transaction().id()).containsOnly(number);
            assertThat(changes).noneMatch(during.cut()::contains);
            CollectedSnapshot after = CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"));
            assertThat(after.all()).hasSize(2);
            assertThat(changes).allMatch(after.cut()::contains);
        }
        writes.execute("SELECT 1");
    }

    @Test
    void aPreparedTransactionIsNotContainedUntilItCommits() throws Exception {
        ConcurrentTransactions writes = new ConcurrentTransactions(address, 0, false);
        startEngine();
        writes.execute("BEGIN; INSERT INTO item VALUES (1, 'prepared', 0); PREPARE TRANSACTION 'p'");
        CollectedSnapshot before = CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"));
        assertThat(before.all()).isEmpty();
        writes.execute("COMMIT PREPARED 'p'");
        DataChangeEvent change = sink.awaitEvents(1).get(0);
        assertThat(before.cut().contains(change)).isFalse();
        assertThat(CollectedSnapshot.of(engine.rowSource(), SnapshotRequest.ofResource("item"))
                        .all())
                .hasSize(1);
    }
}
