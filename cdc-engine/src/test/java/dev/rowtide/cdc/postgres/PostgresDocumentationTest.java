package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/postgresql.md promises. */
class PostgresDocumentationTest {
    private static final Path PAGE = Path.of("..", "docs", "postgresql.md");
    private static final Pattern RECIPE = Pattern.compile("runs this block.*?```sql\n(.*?)```", Pattern.DOTALL);
    private static final Pattern VALUE = Pattern.compile("\\| `([^`]+)` \\| `([^`]+)` \\| `([^`]+)` \\|");

    @Test
    void theRecipeForARoleSatisfiesTheDoctor() throws IOException {
        TestServer.Database database = TestServer.database();
        database.execute("CREATE TABLE post (id int PRIMARY KEY)", "CREATE TABLE comment (id int PRIMARY KEY)");
        Matcher recipe = RECIPE.matcher(Files.readString(PAGE));
        assertThat(recipe.find()).isTrue();
        try {
            database.execute(recipe.group(1).split(";\n"));
            PostgresAddress address = database.address();
            List<ResourceConfig> resources = Stream.of("post", "comment")
                    .map(table -> new ResourceConfig(
                            table, new TableName("public", table), Set.of(), Set.of(), ResourceConfig.Numbers.NUMBER))
                    .toList();
            assertThat(PostgresDoctor.examine(
                            new PostgresSource(
                                    new PostgresAddress(
                                            address.host(),
                                            address.port(),
                                            address.database(),
                                            "rowtide",
                                            "change me",
                                            Map.of()),
                                    PostgresSource.DEFAULT_NAME,
                                    PostgresSource.DEFAULT_NAME,
                                    List.of("public"),
                                    ResourceConfig.Numbers.NUMBER,
                                    resources),
                            List.of()))
                    .isEmpty();
        } finally {
            database.execute("DROP OWNED BY rowtide", "DROP ROLE rowtide");
        }
    }

    @Test
    void everyValueInTheTableIsInTheFixture() throws IOException {
        List<String> known = new ArrayList<>();
        for (TypeFixture fixture : TypeFixture.all()) {
            fixture.values().forEach(v -> known.add(v.type() + " | " + v.expression() + " | " + v.json()));
        }
        List<String> documented = new ArrayList<>();
        Matcher value = VALUE.matcher(Files.readString(PAGE));
        while (value.find()) {
            documented.add(value.group(1) + " | " + value.group(2) + " | " + value.group(3));
        }
        assertThat(documented).hasSizeGreaterThan(20);
        assertThat(known).containsAll(documented);
    }

    @Test
    void everyRequiredSettingIsNamed() throws IOException {
        String page = Files.readString(PAGE);
        SessionSettings.REQUIRED.forEach((name, value) -> assertThat(page).contains('`' + name + " = " + value + '`'));
        assertThat(page).contains("nested deeper than " + JsonDocumentWriter.MAX_DEPTH);
    }
}
