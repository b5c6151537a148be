package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.Finding.Severity.ERROR;
import static dev.rowtide.cdc.Finding.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.RowCondition;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestServer;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the doctor says of conditions on rows: provoked on a real server, and gone when the SQL that it prints has been run. */
class PostgresConditionsTest {
    private TestServer.Database database;

    @BeforeEach
    void create() {
        database = TestServer.database();
        database.execute("CREATE TABLE post (id int PRIMARY KEY, title text)");
    }

    private PostgresSource source(String resource, String table, String... excluded) {
        return database.source(new ResourceConfig(
                resource, new TableName("public", table), Set.of(), Set.of(excluded), ResourceConfig.Numbers.NUMBER));
    }

    private static Finding find(List<Finding> findings, Finding.Severity severity, String subject, String says) {
        List<Finding> found = findings.stream()
                .filter(f -> f.severity() == severity
                        && f.subject().equals(subject)
                        && f.sentence().contains(says))
                .toList();
        assertThat(found).as(says + " in " + findings).hasSize(1);
        return found.get(0);
    }

    private static RowCondition where(String resource, String... columns) {
        return new RowCondition(
                "resources." + resource + ".read[0].where",
                resource,
                RowFilter.or(Stream.of(columns)
                        .map(column -> RowFilter.compare(column, Operator.EQ, new FilterValue.Attribute("id")))
                        .toList()));
    }

    private static List<Finding> examine(RowCondition condition, PostgresSource source) {
        return PostgresDoctor.examine(source, List.of(condition));
    }

    private void mended(RowCondition condition, String subject, String says, String... sql) {
        PostgresSource source = source(condition.resource(), condition.resource());
        assertThat(find(examine(condition, source), WARNING, subject, says).sql())
                .containsExactly(sql);
        database.execute(sql);
        assertThat(examine(condition, source)).noneMatch(f -> f.sentence().contains("those whom these rules are for"));
    }

    @Test
    void aConditionHasToFitTheColumns() {
        PostgresSource source = source("post", "post");
        RowCondition mistyped = where("post", "titel");
        assertThat(examine(mistyped, source))
                .containsExactly(Finding.error(
                        "resources.post.read[0].where",
                        "there is no column \"titel\": the nearest are \"title\", \"id\""));
        RowCondition wrong = new RowCondition(
                "resources.post.read[3].where",
                "post",
                RowFilter.compare("id", Operator.EQ, new FilterValue.Bool(true)));
        find(examine(wrong, source), ERROR, "resources.post.read[3].where", "column \"id\" is a number");
        find(
                examine(where("post", "title"), source("post", "post", "title")),
                ERROR,
                "resources.post.read[0].where",
                "there is no column \"title\"");
        assertThat(examine(where("post", "id"), source)).isEmpty();
    }

    @Test
    void aMissingTableIsSaidOnce() {
        assertThat(examine(where("article", "id"), source("article", "articles")))
                .hasSize(1);
    }

    @Test
    void conditionsLookAtOldRowsWhichHaveOnlyTheKey() {
        database.execute("CREATE TABLE note (id int PRIMARY KEY, owner text, \"Team\" text)");
        mended(
                where("note", "Team", "id", "owner"),
                "table public.note",
                "the rules of resource 'note' look at \"Team\", \"owner\", which the log does not have of old rows",
                "ALTER TABLE \"public\".\"note\" REPLICA IDENTITY FULL");
        assertThat(examine(where("post", "title"), source("article", "post"))).isEmpty();
    }

    @Test
    void anIndexThatHasTheColumnsOfAConditionIsEnoughUnlessItOnlyIncludesThem() {
        database.execute(
                "CREATE TABLE note (id int PRIMARY KEY, owner text NOT NULL, team text NOT NULL)",
                "CREATE UNIQUE INDEX by_owner ON note (id, owner) INCLUDE (team)",
                "ALTER TABLE note REPLICA IDENTITY USING INDEX by_owner");
        PostgresSource source = source("note", "note");
        assertThat(examine(where("note", "id", "owner"), source)).isEmpty();
        mended(
                where("note", "owner", "team"),
                "table public.note",
                "look at \"team\", which",
                "ALTER TABLE \"public\".\"note\" REPLICA IDENTITY FULL");
    }

    @Test
    void everyPartitionHasOldRowsOfItsOwn() {
        database.execute(
                "CREATE TABLE event (at int PRIMARY KEY, what text) PARTITION BY RANGE (at)",
                "CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10)",
                "CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (10) TO (20)",
                "ALTER TABLE event_1 REPLICA IDENTITY FULL");
        mended(
                where("event", "what"),
                "table public.event_2",
                "rules of resource 'event' look at \"what\"",
                "ALTER TABLE \"public\".\"event_2\" REPLICA IDENTITY FULL");
    }

    /** The cure must not make PostgreSQL refuse what the application writes. */
    @Test
    void theWholeOldRowIsNoCureWhereGeneratedColumnsAreNotPublished() {
        database.execute(
                "CREATE TABLE free (id int PRIMARY KEY, owner text, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL)",
                "CREATE TABLE line (id int PRIMARY KEY, owner text, twice int GENERATED ALWAYS AS (id * 2) STORED)",
                "CREATE PUBLICATION " + database.source().publicationName()
                        + " FOR TABLE line, free, post WITH (publish_via_partition_root = true)",
                "INSERT INTO line VALUES (1, 'ann')");
        Finding virtual = find(
                examine(where("free", "owner"), source("free", "free")),
                WARNING,
                "table public.free",
                "the virtual column \"twice\" is never published; a unique index");
        assertThat(virtual.sql()).isEmpty();
        mended(
                where("line", "owner"),
                "table public.line",
                "look at \"owner\"",
                "ALTER PUBLICATION \"" + database.source().publicationName()
                        + "\" SET (publish = 'insert, update, delete, truncate',"
                        + " publish_via_partition_root = true, publish_generated_columns = stored)",
                "ALTER TABLE \"public\".\"line\" REPLICA IDENTITY FULL");
        database.execute("UPDATE line SET owner = 'bob'");
    }
}
