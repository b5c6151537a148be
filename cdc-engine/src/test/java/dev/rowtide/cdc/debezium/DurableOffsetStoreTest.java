package dev.rowtide.cdc.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.OffsetFile;
import dev.rowtide.cdc.OffsetForm;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.feed.Epoch;
import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.embedded.EmbeddedWorkerConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableOffsetStoreTest {
    private static final ByteBuffer KEY = ByteBuffer.wrap("[\"any\",{}]".getBytes(StandardCharsets.UTF_8));
    private static final OffsetFile.Offset OFFSET = PostgresSource.OFFSETS.at(new Epoch("mvx3k2p1a7f3c"), 24_034_048L);

    @TempDir
    Path folder;

    private Path file;
    private final DurableOffsetStore store = new DurableOffsetStore();

    @BeforeEach
    void configure() {
        file = folder.resolve("offset.json");
        store.configure(new EmbeddedWorkerConfig(new HashMap<>(Map.of(
                "offset.storage.file.filename",
                file.toString(),
                OffsetForm.PROPERTY,
                PostgresSource.OFFSETS.fields(),
                "bootstrap.servers",
                "none",
                "key.converter",
                "x",
                "value.converter",
                "x"))));
        store.start();
    }

    @Test
    void whatIsStoredIsReadAgain() throws Exception {
        store.set(Map.of(KEY, ByteBuffer.wrap(OFFSET.toConnectJson())), null).get();
        assertThat(new OffsetFile(file).read()).contains(OFFSET);
        assertThat(OffsetFile.Offset.fromConnectJson(
                        bytes(store.get(List.of(KEY)).get().get(KEY)), Set.of("lsn", "lsn_commit")))
                .isEqualTo(OFFSET);
        assertThat(Files.list(folder)).containsExactly(file);
    }

    @Test
    void withoutAFileThereIsNoOffset() throws Exception {
        assertThat(store.get(List.of(KEY)).get()).isEmpty();
    }

    /** Debezium takes {@code lsn_proc} as the sign that it should search for where it stopped, by LSN, which loses rows. */
    @Test
    void debeziumReadsTheReducedFormAsAPlaceToStartAtAndNotToSearchFor() throws Exception {
        store.set(Map.of(KEY, ByteBuffer.wrap(OFFSET.toConnectJson())), null).get();
        JsonConverter converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), false);
        @SuppressWarnings("unchecked")
        Map<String, ?> loaded = (Map<String, ?>) converter
                .toConnectData("x", bytes(store.get(List.of(KEY)).get().get(KEY)))
                .value();
        PostgresOffsetContext context = new PostgresOffsetContext.Loader(
                        new PostgresConnectorConfig(Configuration.from(Map.of("topic.prefix", "x"))))
                .load(loaded);
        assertThat(context.lastCompletelyProcessedLsn()).isNull();
        assertThat(context.lastCommitLsn().asLong()).isEqualTo(24_034_048L);
        assertThat(context.getOffset().get("lsn")).isEqualTo(24_034_048L);
    }

    @Test
    void anOffsetThatWasNotMarkedByUsIsRefused() {
        byte[] debeziums = "{\"lsn\":1,\"lsn_proc\":1,\"lsn_commit\":1}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() ->
                        store.set(Map.of(KEY, ByteBuffer.wrap(debeziums)), null).get())
                .hasMessageContaining("not marked at a transaction's end");
        assertThat(file).doesNotExist();
    }

    @Test
    void anOffsetWithMoreThanItsFormHasIsRefused() {
        byte[] merged = ("{\"lsn\":1,\"lsn_proc\":1,\"lsn_commit\":1,\"rowtide_epoch\":\"" + OFFSET.epoch() + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() ->
                        store.set(Map.of(KEY, ByteBuffer.wrap(merged)), null).get())
                .hasMessageContaining("not marked at a transaction's end");
    }

    @Test
    void theFileIsWhatEarlierVersionsWroteAndRead() throws Exception {
        store.set(Map.of(KEY, ByteBuffer.wrap(OFFSET.toConnectJson())), null).get();
        assertThat(file)
                .hasContent(
                        "{\"format\":1,\"epoch\":\"mvx3k2p1a7f3c\",\"offset\":{\"lsn\":24034048,\"lsn_commit\":24034048}}");
    }

    @Test
    void anInterruptNeitherStopsItNorIsLost() throws Exception {
        Thread.currentThread().interrupt();
        store.set(Map.of(KEY, ByteBuffer.wrap(OFFSET.toConnectJson())), null);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(new OffsetFile(file).read()).contains(OFFSET);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
