package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.state.LogPosition;
import dev.rowtide.sqlite.state.TransactionHeader;
import io.debezium.config.Configuration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;

final class SqliteOffsetContextTest {
    private static final SqliteConnectorConfig CONFIG = new SqliteConnectorConfig(
            Configuration.from(Map.of("topic.prefix", "test", "database.path", "app.db", "state.directory", "state")));

    private static TransactionHeader header(long seq) {
        return new TransactionHeader(
                seq, TransactionHeader.Kind.COMMIT, 4096, 10, false, new LogPosition(0xab, 2, 7, 3, 4), 1000);
    }

    /** As Kafka Connect stores offsets. */
    @SuppressWarnings("unchecked")
    private static SqliteOffsetContext roundTrip(SqliteOffsetContext offset) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            byte[] stored = converter.fromConnectData("offsets", null, offset.getOffset());
            Map<String, Object> read = (Map<String, Object>)
                    converter.toConnectData("offsets", stored).value();
            return SqliteOffsetContext.loader(CONFIG).load(read);
        }
    }

    @Test
    void anEventStandsBehindTheNumberBeforeItsTransactions() {
        SqliteOffsetContext offset = SqliteOffsetContext.at(CONFIG, "s", 41);
        offset.beginTransaction(header(45));
        offset.event(1, "t", OptionalLong.of(9));
        assertThat(offset.getOffset()).isEqualTo(Map.of("commit_seq", 44L, "event_index", 1L, "state", "s"));
        assertThat(offset.getSourceInfo().get("sequence")).isEqualTo("[\"44\",\"1\"]");
        assertThat(offset.getSourceInfo().get("seq")).isEqualTo(45L);
        assertThat(offset.getSourceInfo().get("wal_salt")).isEqualTo("000000ab00000002");
        assertThat(offset.getSourceInfo().get("rowid")).isEqualTo(9L);
        offset.endTransaction(45);
        assertThat(offset.getOffset()).isEqualTo(Map.of("commit_seq", 45L, "event_index", 0L, "state", "s"));
    }

    @Test
    void anOffsetComesBackFromTheStore() {
        SqliteOffsetContext offset = SqliteOffsetContext.at(CONFIG, "s", 41);
        offset.beginTransaction(header(42));
        offset.event(3, "t", OptionalLong.empty());
        SqliteOffsetContext read = roundTrip(offset);
        assertThat(read.commitSeq()).isEqualTo(41);
        assertThat(read.eventIndex()).isEqualTo(3);
        assertThat(read.state()).isEqualTo("s");
        assertThat(read.isInitialSnapshotRunning()).isFalse();
    }

    @Test
    void anUnfinishedInitialSnapshotIsRememberedAndABlockingOneIsNot() {
        SqliteOffsetContext offset = SqliteOffsetContext.at(CONFIG, "s", 41);
        offset.preSnapshotStart(false);
        assertThat(roundTrip(offset).isInitialSnapshotRunning()).isTrue();
        offset.preSnapshotCompletion();
        assertThat(roundTrip(offset).isInitialSnapshotRunning()).isFalse();
        offset.preSnapshotStart(true);
        SqliteOffsetContext read = roundTrip(offset);
        assertThat(read.isInitialSnapshotRunning()).isFalse();
        assertThat(read.getSourceInfo().get("snapshot")).isNotEqualTo("true");
    }

    @Test
    void theProgressOfAnIncrementalSnapshotComesBack() {
        SqliteOffsetContext offset = SqliteOffsetContext.at(CONFIG, "s", 41);
        offset.incremental().addDataCollectionNamesToSnapshot("signal", List.of("a", "b"), List.of(), "");
        offset.incremental().sendEvent(new Object[] {17L});
        SqliteOffsetContext read = roundTrip(offset);
        assertThat(read.incremental().snapshotRunning()).isTrue();
        assertThat(read.incremental().currentDataCollectionId().getId().table()).isEqualTo("a");
        assertThat(read.incremental().chunkEndPosititon()).containsExactly(17L);
        assertThat(roundTrip(read).incremental().chunkEndPosititon()).containsExactly(17L);
    }

    @Test
    void theTransactionInProgressComesBackAndIsForgottenAtAnotherBoundary() {
        SqliteOffsetContext offset = SqliteOffsetContext.at(CONFIG, "s", 41);
        offset.getTransactionContext().beginTransaction("42");
        offset.getTransactionContext().event(SqliteConnectorConfig.id("t"));
        SqliteOffsetContext read = roundTrip(offset);
        assertThat(read.getTransactionContext().getTransactionId()).isEqualTo("42");
        assertThat(read.getTransactionContext().getTotalEventCount()).isEqualTo(1);
        read.restartAt("s2", 99);
        assertThat(read.getOffset()).isEqualTo(Map.of("commit_seq", 99L, "event_index", 0L, "state", "s2"));
    }

    @Test
    void aForeignOffsetIsRefusedAndAnEmptyOneIsNone() {
        assertThat(SqliteOffsetContext.loader(CONFIG).load(Map.of())).isNull();
        Map<String, Object> foreign = new HashMap<>(Map.of("lsn", 5L));
        assertThatThrownBy(() -> SqliteOffsetContext.loader(CONFIG).load(foreign))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("has no number commit_seq");
    }
}
