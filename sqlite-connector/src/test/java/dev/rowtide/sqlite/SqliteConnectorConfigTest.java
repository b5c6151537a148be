package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.capture.ChangeStream;
import io.debezium.config.Configuration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.source.SourceConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteConnectorConfigTest {
    @TempDir
    Path directory;

    private Map<String, String> required() throws Exception {
        Path database = directory.resolve("app.db");
        if (!Files.exists(database)) {
            Files.createFile(database);
        }
        Map<String, String> properties = new HashMap<>();
        properties.put("topic.prefix", "test");
        properties.put("database.path", database.toString());
        properties.put("state.directory", directory.resolve("state").toString());
        return properties;
    }

    private static List<String> errors(Map<String, String> properties) {
        return new SqliteConnector()
                .validate(properties).configValues().stream()
                        .map(ConfigValue::errorMessages)
                        .flatMap(List::stream)
                        .toList();
    }

    private List<String> errorsWith(String name, String value) throws Exception {
        Map<String, String> properties = required();
        properties.put(name, value);
        return errors(properties);
    }

    @Test
    void kafkaConnectFindsTheConnector() {
        assertThat(ServiceLoader.load(SourceConnector.class).stream().map(ServiceLoader.Provider::type))
                .contains(SqliteConnector.class);
        assertThat(new SqliteConnector().version()).isNotEqualTo("unknown");
    }

    @Test
    void theDefaultsAreThoseOfTheDocumentation() throws Exception {
        SqliteConnectorConfig config = new SqliteConnectorConfig(Configuration.from(required()));
        ChangeStream.Options options = config.streamOptions();
        assertThat(config.valueMode()).isEqualTo(SqliteConnectorConfig.ValueMode.DECLARED);
        assertThat(config.getSnapshotMode()).isEqualTo(SqliteConnectorConfig.SnapshotMode.INITIAL);
        assertThat(config.maxQueueBytes()).isEqualTo(32L << 20);
        assertThat(options.live().switchToWal()).isTrue();
        assertThat(options.live().maxJournalBytes()).isEqualTo(256L << 20);
        assertThat(options.live().barrier()).isTrue();
        assertThat(options.live().busyTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(options.live().anyFileSystem()).isFalse();
        assertThat(options.limits().maxSpoolBytes()).isEqualTo(4L << 30);
        assertThat(options.limits().sync()).isTrue();
        assertThat(options.maxResyncShare()).isEqualTo(1.0);
        assertThat(options.stateId()).isNull();
        assertThat(options.firstSeq()).isZero();
    }

    @Test
    void everyOptionReachesTheStream() throws Exception {
        Map<String, String> properties = required();
        properties.putAll(Map.of(
                "journal.mode.switch", "false",
                "journal.max.bytes", "1000",
                "checkpoint.barrier", "off",
                "filesystem.check", "false",
                "spool.max.bytes", "100000000",
                "state.sync", "false",
                "resync.max.share", "0.25",
                "state.id", "mine",
                "state.first.seq", "77",
                "busy.timeout.ms", "5"));
        properties.put("table.include.list", "orders.*,items");
        assertThat(errors(properties)).isEmpty();
        ChangeStream.Options options = new SqliteConnectorConfig(Configuration.from(properties)).streamOptions();
        assertThat(options.live().switchToWal()).isFalse();
        assertThat(options.live().maxJournalBytes()).isEqualTo(1000);
        assertThat(options.live().barrier()).isFalse();
        assertThat(options.live().busyTimeout()).isEqualTo(Duration.ofMillis(5));
        assertThat(options.live().anyFileSystem()).isTrue();
        assertThat(options.limits().maxSpoolBytes()).isEqualTo(100_000_000);
        assertThat(options.limits().sync()).isFalse();
        assertThat(options.maxResyncShare()).isEqualTo(0.25);
        assertThat(options.stateId()).isEqualTo("mine");
        assertThat(options.firstSeq()).isEqualTo(77);
        assertThat(options.tables().test("orders_2")).isTrue();
        assertThat(options.tables().test("items")).isTrue();
        assertThat(options.tables().test("items2")).isFalse();
    }

    @Test
    void sqlitesOwnTablesAreNeverCaptured() throws Exception {
        SqliteConnectorConfig config = new SqliteConnectorConfig(Configuration.from(required()));
        assertThat(config.streamOptions().tables().test("sqlite_sequence")).isFalse();
        assertThat(config.streamOptions().tables().test("t")).isTrue();
    }

    @Test
    void whatIsWrongIsSaidInASentence() throws Exception {
        assertThat(errors(required())).isEmpty();
        assertThat(errorsWith("spool.max.bytes", "1000"))
                .containsExactly("The 'spool.max.bytes' value is invalid: 1000 is not a number of at least 67108864.");
        assertThat(errorsWith("resync.max.share", "2"))
                .containsExactly("The 'resync.max.share' value is invalid: 2 is not a number from 0 to 1.");
        assertThat(errorsWith("busy.timeout.ms", "soon")).isNotEmpty();
        assertThat(errorsWith("snapshot.mode", "always")).isNotEmpty();
        assertThat(errorsWith("max.queue.size.in.bytes", "0")).isNotEmpty();
        assertThat(errorsWith("database.path", directory.resolve("none.db").toString()))
                .singleElement()
                .asString()
                .contains("There is no file");
        assertThat(errorsWith("database.path", directory.toString()))
                .singleElement()
                .asString()
                .contains("is not a regular file");
    }

    @Test
    void masksAreRefusedForStoredValues() throws Exception {
        Map<String, String> properties = required();
        properties.put("column.mask.with.3.chars", "t.secret");
        assertThat(errors(properties)).isEmpty();
        properties.put("value.mode", "stored");
        assertThat(errors(properties)).singleElement().asString().contains("cannot be applied to stored values");
    }
}
