package dev.rowtide.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.app.TestProject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void theDocumentationHasExactlyTheRowOfEachOption() throws IOException {
        assertThat(rowsOfDocumentation("| `", "| key |"))
                .as("rows of docs/configuration.md; each option's row is its Option.documentation()")
                .containsExactlyElementsOf(
                        ConfigFixture.options().map(Option::documentation).toList());
    }

    @Test
    void theDocumentationHasExactlyTheOtherVariables() throws IOException {
        List<String> rows = Environment.OTHERS.entrySet().stream()
                .map(other -> "| `" + other.getKey() + "` | " + other.getValue() + " |")
                .toList();

        assertThat(rowsOfDocumentation("| `", "| variable |")).containsExactlyElementsOf(rows);
    }

    @Test
    void noTwoOptionsShareAVariable() {
        assertThat(Stream.concat(
                                ConfigFixture.options().map(Option::variable).filter(Objects::nonNull),
                                Environment.OTHERS.keySet().stream())
                        .toList())
                .doesNotHaveDuplicates();
    }

    @Test
    void everyDefaultIsWithinItsRange() {
        assertThat(ConfigFixture.options().filter(option -> option.defaultValue() != null))
                .allSatisfy(this::readsDefault);
    }

    private <T> void readsDefault(Option<T> option) {
        T value = Objects.requireNonNull(option.defaultValue());
        ConfigTree tree =
                option.kind().ofText(option.kind().write(value).replaceAll("[\\[\\]]", ""), new Origin("test", 0));
        if (tree != null) {
            Problems problems = new Problems();
            assertThat(option.kind().read(tree, option.key(), problems)).isEqualTo(value);
        }
    }

    @Test
    void aMistypedWordIsRecognisedAndAnotherWordIsNot() {
        List<String> candidates = List.of("data-dir", "database", "port", "path");

        assertThat(Spelling.nearest("dataDir", candidates)).contains("data-dir");
        assertThat(Spelling.nearest("databse", candidates)).contains("database");
        assertThat(Spelling.nearest("prot", candidates)).contains("port");
        assertThat(Spelling.nearest("colour", candidates)).isEmpty();
        assertThat(Spelling.nearest("x", List.of())).isEmpty();
    }

    /** The rows that begin with {@code start} of the table whose head begins with {@code head}. */
    private static List<String> rowsOfDocumentation(String start, String head) throws IOException {
        List<String> lines = Files.readAllLines(TestProject.root().resolve("docs/configuration.md"));
        return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
                .filter(i -> lines.get(i).startsWith(start) && headOf(lines, i).startsWith(head))
                .map(lines::get)
                .toList();
    }

    private static String headOf(List<String> lines, int row) {
        int head = row;
        while (head > 0 && lines.get(head - 1).startsWith("|")) {
            head--;
        }
        return lines.get(head);
    }
}
