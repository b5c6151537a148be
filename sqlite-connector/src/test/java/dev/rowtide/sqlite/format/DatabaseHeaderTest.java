package dev.rowtide.sqlite.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseHeaderTest {
    @TempDir
    Path directory;

    @Test
    void itTellsWhatPragmasTell() throws Exception {
        FilePages pages = TestDatabase.write(
                directory.resolve("header.db"),
                "PRAGMA page_size=65536",
                "PRAGMA auto_vacuum=FULL",
                "PRAGMA encoding='UTF-16be'",
                "PRAGMA journal_mode=WAL",
                "CREATE TABLE t(a)",
                "CREATE TABLE u(a)");
        DatabaseHeader header = DatabaseHeader.parse(pages.page(1));
        assertThat(header.pageSize()).isEqualTo(65536);
        assertThat(header.usableSize()).isEqualTo(65536);
        assertThat(header.writeVersion()).isEqualTo(2);
        assertThat(header.readVersion()).isEqualTo(2);
        assertThat(header.pageCount()).isEqualTo(pages.pageCount());
        assertThat(header.schemaCookie()).isEqualTo(2);
        assertThat(header.schemaFormat()).isEqualTo(4);
        assertThat(header.largestRoot()).isEqualTo(4);
        assertThat(header.encoding()).isEqualTo(TextEncoding.UTF_16BE);
        assertThat(header.writerVersion()).isGreaterThan(3_051_000);
        assertThat(DatabaseHeader.lockBytePage(header.pageSize())).isEqualTo(16385);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, SQLite format 3",
        "16, 3, page size",
        "16, 0, page size",
        "21, 63, payload fractions",
        "47, 5, schema format",
        "28, 128, page count",
        "59, 4, encoding 4"
    })
    void anImpossibleFieldIsNamed(int offset, int value, String reason) throws Exception {
        FilePages pages = TestDatabase.write(directory.resolve("field.db"), "CREATE TABLE t(a)");
        byte[] page1 = pages.page(1);
        page1[offset] = (byte) value;
        page1[17] = 0;
        assertThatThrownBy(() -> DatabaseHeader.parse(page1))
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageStartingWith("page 1: ")
                .hasMessageContaining(reason);
    }

    @Test
    void aCutOrEncryptedHeaderIsRefused() {
        assertThatThrownBy(() -> DatabaseHeader.parse(new byte[99])).hasMessageContaining("cut short");
        byte[] random = new byte[512];
        Arrays.fill(random, (byte) 0x5a);
        assertThatThrownBy(() -> DatabaseHeader.parse(random)).hasMessageContaining("an encrypted one");
    }
}
