package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SqliteLibraryTest {
    private static final String LIBRARY =
            "7f5b0c000000-7f5b0c021000 r--p 00000000 08:01 1234 /data/native/sqlite-3.54.1.0-%s-libsqlitejdbc.so";

    @Test
    void aSecondCopyOfTheLibraryIsRefused() {
        assertThatCode(() -> SqliteLibrary.checkSingle(
                        Stream.of(LIBRARY.formatted("a"), LIBRARY.formatted("a") + " (deleted)", "7f5b r--p [heap]")))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> SqliteLibrary.checkSingle(Stream.of(LIBRARY.formatted("a"), LIBRARY.formatted("b"))))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("loaded SQLite 2 times")
                .hasMessageContaining("3.54.1.0-b-libsqlitejdbc.so");
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(SqliteLibrary.number("3.40.1")).isEqualTo(3_040_001);
        assertThat(SqliteLibrary.number("3.54.1.2")).isEqualTo(3_054_001);
    }
}
