package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/sqlite.md promises. */
class SqliteDocumentationTest {
    private static final Pattern VALUE = Pattern.compile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\|$");
    private static final Pattern TRIED =
            Pattern.compile("INSERT INTO v VALUES \\(\\d+, (.*)\\);\n-> \\{\"data\":\\{\"id\":\\d+,\"a\":(.*)}}");

    @Test
    void everyValueInTheTableIsInTheFixture() throws IOException {
        List<String> known = new ArrayList<>();
        Matcher tried = TRIED.matcher(Files.readString(Path.of("src/test/resources/rows/sqlite/values.sql")));
        while (tried.find()) {
            known.add(tried.group(1) + " | " + tried.group(2));
        }
        List<String> documented = new ArrayList<>();
        Matcher value = VALUE.matcher(Files.readString(Path.of("..", "docs", "sqlite.md")));
        while (value.find()) {
            documented.add(value.group(1) + " | " + value.group(2));
        }
        assertThat(documented).hasSizeGreaterThan(7);
        assertThat(known).containsAll(documented);
    }
}
