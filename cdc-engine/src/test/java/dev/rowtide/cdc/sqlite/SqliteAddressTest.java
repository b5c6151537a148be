package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.TestFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteAddressTest {
    @ParameterizedTest
    @CsvSource({
        "sqlite:app.db, app.db",
        "sqlite:./app.db, ./app.db",
        "sqlite:/var/lib/my app.db, /var/lib/my app.db",
        "sqlite:///var/lib/app.db, /var/lib/app.db",
        "sqlite://app.db, app.db",
        "jdbc:sqlite:app%20.db, app%20.db",
        "jdbc:sqlite:/x/app.db, /x/app.db"
    })
    void everyWayToWriteAPathIsRead(String text, String path) {
        assertThat(SqliteAddress.isOne(text)).isTrue();
        assertThat(SqliteAddress.parse(text).file()).isEqualTo(Path.of(path));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sqlite:",
                "sqlite://",
                "jdbc:sqlite::memory:",
                "sqlite:file:app.db",
                "sqlite:app.db?cache=shared"
            })
    void whatIsNoPathIsExplained(String text) {
        assertThatThrownBy(() -> SqliteAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("write ");
    }

    @Test
    void anotherDatabasesAddressIsNotOne() {
        assertThat(SqliteAddress.isOne("postgres://a@b/c")).isFalse();
        assertThat(SqliteAddress.isOne("./app.db")).isFalse();
    }

    /** Who only looks at the tables must not clean up a log that the connector has still to read. */
    @Test
    void aLookIsNotTheLastOneOutWhoTakesTheLogAway(@TempDir Path folder) throws Exception {
        TestFile database = new TestFile(folder.resolve("app.db"));
        database.execute("PRAGMA journal_mode = WAL", "CREATE TABLE a (x)");
        Path wal = folder.resolve("app.db-wal");
        try (Connection writer = database.connect();
                Statement statement = writer.createStatement()) {
            statement.execute("INSERT INTO a VALUES (1)");
            // As after a crash: nobody has it open, and the log is there.
            Files.copy(wal, folder.resolve("copy.db-wal"));
            Files.copy(database.path(), folder.resolve("copy.db"));
        }
        SqliteAddress copy = SqliteAddress.parse("sqlite:" + folder.resolve("copy.db"));
        long size = Files.size(folder.resolve("copy.db-wal"));
        try (Connection connection = copy.connect()) {
            assertThat(SqliteCatalog.tables(connection)).hasSize(1);
            assertThatThrownBy(() -> {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("INSERT INTO a VALUES (2)");
                        }
                    })
                    .isInstanceOf(SQLException.class);
        }
        assertThat(size).isPositive();
        assertThat(folder.resolve("copy.db-wal")).hasSize(size);
    }
}
