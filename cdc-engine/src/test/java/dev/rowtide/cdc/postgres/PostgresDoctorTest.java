package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.Finding.Severity.ERROR;
import static dev.rowtide.cdc.Finding.Severity.INFO;
import static dev.rowtide.cdc.Finding.Severity.WARNING;
import static dev.rowtide.cdc.ResourceConfig.Numbers.NUMBER;
import static dev.rowtide.cdc.ResourceConfig.Numbers.STRING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every finding is provoked on a real server, and is gone when the SQL that it prints has been run. */
class PostgresDoctorTest {
    private static TestServer.Database database;
    private static String slot;
    private static String publication;
    private static String role;

    /** One database for all tests, emptied after each: that is quicker than a database for each. */
    @BeforeAll
    static void start() {
        database = TestServer.database();
        slot = database.source().slotName();
        publication = database.source().publicationName();
        role = "doctor " + database.address().database();
    }

    @BeforeEach
    void create() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY, title text)");
    }

    @AfterEach
    void empty() {
        database.query(
                "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots WHERE database = current_database()");
        if (!database.query("SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'")
                .isEmpty()) {
            database.execute(
                    "REASSIGN OWNED BY \"" + role + "\" TO postgres",
                    "DROP OWNED BY \"" + role + "\"",
                    "DROP ROLE \"" + role + "\"");
        }
        database.execute(
                "DROP PUBLICATION IF EXISTS " + publication,
                "DROP FOREIGN DATA WRAPPER IF EXISTS nowhere CASCADE",
                "DROP SCHEMA IF EXISTS other, shop, public CASCADE",
                "CREATE SCHEMA public",
                "GRANT USAGE ON SCHEMA public TO PUBLIC",
                "ALTER DATABASE " + database.address().database() + " RESET ALL");
    }

    private List<Finding> examine(ResourceConfig... resources) {
        return PostgresDoctor.examine(database.source(resources), List.of());
    }

    private PostgresSource as(String role, ResourceConfig... resources) {
        PostgresAddress address = database.address();
        PostgresSource source = database.source(resources);
        return new PostgresSource(
                new PostgresAddress(address.host(), address.port(), address.database(), role, null, Map.of()),
                source.slotName(),
                source.publicationName(),
                source.schemas(),
                source.numbers(),
                source.resources());
    }

    private String role(String attributes) {
        database.execute("CREATE ROLE \"" + role + "\" LOGIN " + attributes);
        return role;
    }

    private static ResourceConfig resource(String name, String table) {
        return new ResourceConfig(name, TableName.parse(table, "public"), Set.of(), Set.of(), NUMBER);
    }

    private static ResourceConfig without(String table, String... columns) {
        return new ResourceConfig(table, TableName.parse(table, "public"), Set.of(), Set.of(columns), NUMBER);
    }

    /** The one finding of this severity about this subject that says this. */
    private static Finding find(List<Finding> findings, Finding.Severity severity, String subject, String says) {
        List<Finding> found =
                findings.stream().filter(f -> is(f, severity, subject, says)).toList();
        assertThat(found).as(says + " in " + findings).hasSize(1);
        return found.get(0);
    }

    private static boolean is(Finding finding, Finding.Severity severity, String subject, String says) {
        return finding.severity() == severity
                && finding.subject().equals(subject)
                && finding.sentence().contains(says);
    }

    private void mended(PostgresSource source, Finding.Severity severity, String subject, String says, String... sql) {
        Finding finding = find(PostgresDoctor.examine(source, List.of()), severity, subject, says);
        assertThat(finding.sql()).containsExactly(sql);
        database.execute(sql);
        assertThat(PostgresDoctor.examine(source, List.of())).noneMatch(f -> is(f, severity, subject, says));
    }

    private void mended(Finding.Severity severity, String subject, String says, String... sql) {
        mended(database.source(), severity, subject, says, sql);
    }

    @Test
    void aDatabaseThatIsReadyGetsNoWord() {
        assertThat(examine()).isEmpty();
        assertThat(examine(resource("article", "post"))).isEmpty();
    }

    @Test
    void errorsComeFirst() {
        database.execute(
                "CREATE TABLE resource (id int PRIMARY KEY)",
                "CREATE TABLE big (id bigint PRIMARY KEY)",
                "CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY)");
        assertThat(examine()).extracting(Finding::severity).containsExactly(ERROR, WARNING, INFO);
    }

    // Tables and identity

    @Test
    void aTableWithoutKeyWouldRefuseUpdates() {
        database.execute("CREATE TABLE logs (line text)");
        mended(
                WARNING,
                "table public.logs",
                "has no primary key and no other replica identity",
                "ALTER TABLE \"public\".\"logs\" REPLICA IDENTITY FULL");
        find(examine(), INFO, "table public.logs", "resource:logs with id null");
    }

    @Test
    void aNamedTableWithoutKeyIsRefusedAndNotLeftOut() {
        database.execute("CREATE TABLE logs (line text)");
        find(examine(resource("logs", "logs")), ERROR, "table public.logs", "refuse every UPDATE");
    }

    @Test
    void aDeferrableKeyDoesNotCount() {
        database.execute("CREATE TABLE seat (id int PRIMARY KEY DEFERRABLE)");
        mended(WARNING, "table public.seat", "deferrable", "ALTER TABLE \"public\".\"seat\" REPLICA IDENTITY FULL");
    }

    @Test
    void identityNothingWouldRefuseUpdates() {
        database.execute("ALTER TABLE post REPLICA IDENTITY NOTHING");
        mended(WARNING, "table public.post", "NOTHING", "ALTER TABLE \"public\".\"post\" REPLICA IDENTITY DEFAULT");
    }

    @Test
    void anIdentityIndexThatIsGoneWouldRefuseUpdates() {
        database.execute(
                "CREATE TABLE \"Odd \"\"Name\" (id int NOT NULL UNIQUE)",
                "ALTER TABLE \"Odd \"\"Name\" REPLICA IDENTITY USING INDEX \"Odd \"\"Name_id_key\"",
                "ALTER TABLE \"Odd \"\"Name\" DROP CONSTRAINT \"Odd \"\"Name_id_key\"");
        mended(
                WARNING,
                "table public.Odd \"Name",
                "the index of its replica identity is gone",
                "ALTER TABLE \"public\".\"Odd \"\"Name\" REPLICA IDENTITY FULL");
    }

    @Test
    void anIdentityIndexWithoutTheKeyHidesWhoseRowWasDeleted() {
        database.execute(
                "CREATE TABLE account (id int PRIMARY KEY, email text NOT NULL UNIQUE)",
                "ALTER TABLE account REPLICA IDENTITY USING INDEX account_email_key");
        mended(
                WARNING,
                "table public.account",
                "without the key column \"id\"",
                "ALTER TABLE \"public\".\"account\" REPLICA IDENTITY DEFAULT");
    }

    @Test
    void whatTheKeyOnlyIncludesIsNoPartOfIt() {
        database.execute("CREATE TABLE account (id int, email text, PRIMARY KEY (id) INCLUDE (email))");
        assertThat(examine()).isEmpty();
        assertThat(examine(without("account", "email"))).isEmpty();
    }

    @Test
    void everyPartitionHasAnIdentityOfItsOwn() {
        database.execute(
                "CREATE TABLE event (at int, what text) PARTITION BY RANGE (at)",
                "ALTER TABLE event REPLICA IDENTITY FULL",
                "CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (0) TO (10)");
        mended(
                WARNING,
                "table public.event_1",
                "a partition of public.event",
                "ALTER TABLE \"public\".\"event_1\" REPLICA IDENTITY FULL");
    }

    @Test
    void aGeneratedColumnInTheIdentityWouldRefuseUpdates() {
        database.execute(
                "CREATE TABLE line (price int, twice int GENERATED ALWAYS AS (price * 2) STORED)",
                "ALTER TABLE line REPLICA IDENTITY FULL",
                "CREATE PUBLICATION " + publication + " FOR TABLE line, post WITH (publish_via_partition_root = true)",
                "INSERT INTO line VALUES (1)");
        mended(
                ERROR,
                "table public.line",
                "holds the generated column twice, which is not published",
                "ALTER PUBLICATION \"" + publication + "\" SET (publish = 'insert, update, delete, truncate',"
                        + " publish_via_partition_root = true, publish_generated_columns = stored)");
        database.execute("UPDATE line SET price = 2");
        assertThat(examine()).noneMatch(f -> f.sentence().contains("generated"));
    }

    @Test
    void aStoredColumnWillBeInThePublicationThatTheStartMakes() {
        database.execute(
                "CREATE TABLE line (id int PRIMARY KEY, price int, twice int GENERATED ALWAYS AS (price * 2) STORED)");
        assertThat(examine()).noneMatch(finding -> finding.sentence().contains("generated column"));
    }

    @Test
    void aVirtualColumnIsNeverInTheLog() {
        database.execute(
                "CREATE TABLE line (id int PRIMARY KEY, price int, twice int GENERATED ALWAYS AS (price * 2) VIRTUAL)",
                "CREATE TABLE free (price int, twice int GENERATED ALWAYS AS (price * 2) VIRTUAL)",
                "ALTER TABLE free REPLICA IDENTITY FULL");
        find(examine(), WARNING, "table public.line", "virtual");
        find(examine(), ERROR, "table public.free", "Add a primary key");
        database.execute("ALTER TABLE line REPLICA IDENTITY FULL");
        mended(
                ERROR,
                "table public.line",
                "a virtual column never is",
                "ALTER TABLE \"public\".\"line\" REPLICA IDENTITY DEFAULT");
    }

    @Test
    void beforePostgres18GeneratedColumnsAreJustNotThere() {
        database.execute("CREATE TABLE line (price int, twice int GENERATED ALWAYS AS (price * 2) STORED)");
        TableFacts.Column column =
                new TableFacts.Column("twice", "integer", false, TableFacts.STORED, false, true, null);
        TableFacts.Leaf leaf = new TableFacts.Leaf(
                new TableName("public", "line"), 'r', 'p', TableFacts.FULL, List.of("twice"), false);
        TableFacts table = new TableFacts(
                resource("line", "line"), 'r', 'p', null, "postgres", true, true, List.of(column), List.of(leaf));
        PublicationFacts old =
                new PublicationFacts("p", 17, false, "postgres", true, false, true, false, Set.of(), Set.of());
        assertThat(IdentityCheck.examine(table, old, false))
                .extracting(Finding::severity)
                .containsExactly(INFO);
        find(ColumnCheck.examine(table, old), WARNING, "table public.line", "before PostgreSQL 18");
    }

    @Test
    void whatIsNoLoggedTableIsNoResource() {
        database.execute(
                "CREATE VIEW recent AS SELECT * FROM post",
                "CREATE MATERIALIZED VIEW kept AS SELECT * FROM post",
                "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10)",
                "CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY)",
                "CREATE FOREIGN DATA WRAPPER nowhere",
                "CREATE SERVER far FOREIGN DATA WRAPPER nowhere",
                "CREATE FOREIGN TABLE there (id int) SERVER far");
        find(examine(resource("recent", "recent")), ERROR, "table public.recent", "is a view");
        find(examine(resource("kept", "kept")), ERROR, "table public.kept", "a materialized view");
        find(examine(resource("there", "there")), ERROR, "table public.there", "a foreign table");
        find(examine(resource("part", "part")), ERROR, "table public.part", "a partition of public.whole");
        find(examine(resource("p", "post_pkey")), ERROR, "table public.post_pkey", "is no table");
        PostgresSource scratch = database.source(resource("scratch", "scratch"));
        find(examine(), INFO, "table public.scratch", "not a resource");
        mended(scratch, ERROR, "table public.scratch", "unlogged", "ALTER TABLE \"public\".\"scratch\" SET LOGGED");
        assertThat(examine()).isEmpty();
    }

    @Test
    void aTemporaryTableIsNoResource() {
        TableFacts table =
                new TableFacts(resource("t", "pg_temp_3.t"), 'r', 't', null, "x", true, true, List.of(), List.of());
        find(ResourceCheck.examine(table), ERROR, "table pg_temp_3.t", "temporary");
    }

    @Test
    void aPartitionMayBeOutsideTheLog() {
        database.execute(
                "CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                "CREATE UNLOGGED TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (10)");
        mended(
                WARNING,
                "table public.whole",
                "partition public.part is unlogged",
                "ALTER TABLE \"public\".\"part\" SET LOGGED");
    }

    @Test
    void aMissingTableIsNamedWithTheOneThatMayBeMeant() {
        find(examine(resource("article", "posts")), ERROR, "resource article", "is it public.post?");
        find(examine(resource("article", "Post")), ERROR, "resource article", "is it public.post?");
        find(examine(resource("article", "nothing")), ERROR, "resource article", "there is no table public.nothing: ");
    }

    @Test
    void namesTellResourcesApart() {
        database.execute(
                "CREATE SCHEMA other",
                "CREATE TABLE other.post (id int PRIMARY KEY)",
                "CREATE TABLE resource (id int PRIMARY KEY)",
                "CREATE TABLE \"a:b\" (id int PRIMARY KEY)");
        List<Finding> all = PostgresDoctor.examine(
                new PostgresSource(
                        database.address(),
                        slot,
                        publication,
                        List.of("public", "other", "nowhere"),
                        NUMBER,
                        List.of()),
                List.of());
        find(all, ERROR, "resource post", "other.post and public.post would both be the resource 'post'");
        find(all, ERROR, "table public.resource", "give table public.resource another name, under resources");
        find(all, ERROR, "table public.a:b", "another name, under resources");
        find(all, WARNING, "schema nowhere", "there is no schema");
        find(examine(resource("a", "post"), resource("b", "post")), ERROR, "table public.post", "'a' and 'b'");
    }

    @Test
    void anEmptySchemaDeliversNothing() {
        database.execute("DROP TABLE post");
        find(examine(), WARNING, "schema public", "there is no table in the schema 'public' yet");
    }

    // Columns

    @Test
    void columnNamesThatDifferOnlyInCaseCannotBeRead() {
        database.execute("CREATE TABLE twin (id int PRIMARY KEY, \"Name\" text, name text, name_2 text)");
        mended(
                ERROR,
                "table public.twin",
                "'Name' and 'name' differ only in case",
                "ALTER TABLE \"public\".\"twin\" RENAME COLUMN \"name\" TO \"name_3\"");
    }

    @Test
    void keysThatJavaScriptRoundsAreNamed() {
        database.execute(
                "CREATE DOMAIN snowflake AS bigint",
                "CREATE TABLE tweet (id snowflake PRIMARY KEY)",
                "CREATE TABLE money (id numeric PRIMARY KEY)",
                "CREATE TABLE counted (id bigserial PRIMARY KEY)",
                "CREATE TABLE identified (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)");
        Finding risk = find(examine(), WARNING, "keys", "public.money.id, public.tweet.id");
        assertThat(risk.sql()).containsExactly("postgres.numbers: string");
        find(examine(), INFO, "keys", "public.counted.id, public.identified.id");

        assertThat(find(examine(resource("t", "tweet")), WARNING, "keys", "public.tweet.id")
                        .sql())
                .containsExactly("resources.t.numbers: string");
        assertThat(examine(new ResourceConfig("t", new TableName("public", "tweet"), Set.of(), Set.of(), STRING)))
                .isEmpty();
    }

    @Test
    void excludedColumnsMustExistAndMustNotBeTheKey() {
        find(examine(without("post", "id")), ERROR, "table public.post", "'id' is part of the primary key");
        find(
                examine(without("post", "titel")),
                ERROR,
                "table public.post",
                "no column 'titel', which is to be excluded (it has id, title)");
        assertThat(examine(without("post", "title"))).isEmpty();
    }

    @Test
    void aTypeWithItsOwnCastToJsonIsNamed() {
        database.execute(
                "CREATE TYPE celsius AS ENUM ('cold')",
                "CREATE FUNCTION as_json(celsius) RETURNS json LANGUAGE sql AS $$ SELECT '{}'::json $$",
                "CREATE CAST (celsius AS json) WITH FUNCTION as_json(celsius)",
                "CREATE EXTENSION hstore",
                "CREATE TABLE weather (id int PRIMARY KEY, today celsius, week celsius[], labels hstore)");
        find(examine(), WARNING, "table public.weather", "the column 'today' by the function as_json");
        find(examine(), WARNING, "table public.weather", "the column 'week'");
        assertThat(examine()).hasSize(2);
        assertThat(examine(without("weather", "today", "week"))).isEmpty();
    }

    // Role

    @Test
    void aRoleNeedsReplication() {
        String role = role("");
        database.execute(
                "ALTER TABLE post OWNER TO \"" + role + "\"",
                "GRANT CREATE ON DATABASE " + database.address().database() + " TO \"" + role + "\"");
        mended(as(role), ERROR, "role " + role, "may not read the log", "ALTER ROLE \"" + role + "\" REPLICATION");
        assertThat(PostgresDoctor.examine(as(role), List.of())).isEmpty();
    }

    @Test
    void onAmazonTheRoleNeedsAMembership() {
        String role = role("");
        database.execute(
                "ALTER DATABASE " + database.address().database() + " SET rds.logical_replication = 'on'",
                "CREATE ROLE rds_replication");
        try {
            mended(
                    as(role),
                    ERROR,
                    "role " + role,
                    "may not read the log",
                    "GRANT rds_replication TO \"" + role + "\"");
        } finally {
            database.execute("DROP ROLE rds_replication");
        }
    }

    @Test
    void aRoleNeedsCreateForThePublication() {
        String role = role("REPLICATION");
        database.execute("ALTER TABLE post OWNER TO \"" + role + "\"");
        mended(
                as(role),
                ERROR,
                "publication " + publication,
                "may not create a publication",
                "GRANT CREATE ON DATABASE \"" + database.address().database() + "\" TO \"" + role + "\"");
        assertThat(PostgresDoctor.examine(as(role), List.of())).isEmpty();
    }

    @Test
    void theLeastThatARoleNeedsIsAPublicationThatTheOwnerMade() {
        String role = role("REPLICATION");
        mended(
                as(role, resource("post", "post")),
                ERROR,
                "publication " + publication,
                "does not own public.post: let their owner",
                "CREATE PUBLICATION \"" + publication
                        + "\" FOR TABLE \"public\".\"post\" WITH (publish = 'insert, update, delete,"
                        + " truncate', publish_via_partition_root = true, publish_generated_columns = stored)");
        mended(
                as(role, resource("post", "post")),
                WARNING,
                "table public.post",
                "may not read id, title",
                "GRANT SELECT ON \"public\".\"post\" TO \"" + role + "\"");
        assertThat(PostgresDoctor.examine(as(role, resource("post", "post")), List.of()))
                .isEmpty();
        find(
                PostgresDoctor.examine(as(role), List.of()),
                WARNING,
                "publication " + publication,
                "do not come until somebody adds it");
    }

    @Test
    void aRoleNeedsToReadOnlyWhatIsNotExcluded() {
        String role = role("REPLICATION");
        database.execute("CREATE SCHEMA shop", "CREATE TABLE shop.item (id int PRIMARY KEY, secret text, name text)");
        PostgresSource source =
                as(role, new ResourceConfig("item", new TableName("shop", "item"), Set.of(), Set.of("secret"), NUMBER));
        mended(source, WARNING, "table shop.item", "USAGE", "GRANT USAGE ON SCHEMA \"shop\" TO \"" + role + "\"");
        mended(
                source,
                WARNING,
                "table shop.item",
                "may not read id, name",
                "GRANT SELECT (\"id\", \"name\") ON \"shop\".\"item\" TO \"" + role + "\"");
    }

    @Test
    void settingsThatChangeTextsAreNamed() {
        String name = database.address().database();
        String role = role("SUPERUSER");
        database.execute(
                "ALTER DATABASE " + name + " SET bytea_output = 'escape'",
                "ALTER ROLE \"" + role + "\" SET IntervalStyle = 'iso_8601'",
                "ALTER ROLE \"" + role + "\" IN DATABASE " + name + " SET DateStyle = 'German'",
                "ALTER ROLE \"" + role + "\" SET work_mem = '8MB'");
        mended(
                as(role),
                INFO,
                "database " + name,
                "bytea_output=escape",
                "ALTER DATABASE \"" + name + "\" RESET bytea_output");
        mended(
                as(role),
                INFO,
                "role " + role,
                "IntervalStyle=iso_8601",
                "ALTER ROLE \"" + role + "\" RESET intervalstyle");
        mended(
                as(role),
                INFO,
                "role " + role,
                "DateStyle=German",
                "ALTER ROLE \"" + role + "\" IN DATABASE \"" + name + "\" RESET datestyle");
        assertThat(PostgresDoctor.examine(as(role), List.of())).isEmpty();
    }

    // Publication

    @Test
    void aPublicationOfOursIsMendedByTheNextStart() {
        database.execute(
                "CREATE TABLE more (id int PRIMARY KEY)",
                "CREATE TABLE other (id int PRIMARY KEY)",
                create("post, other"));
        mended(
                database.source(resource("post", "post"), resource("more", "more")),
                INFO,
                "publication " + publication,
                "it lacks public.more and it also holds public.other, which is no resource: the next start mends that",
                "ALTER PUBLICATION \"" + publication + "\" SET TABLE \"public\".\"more\", \"public\".\"post\"");
        assertThat(examine(resource("post", "post"), resource("more", "more"))).isEmpty();
    }

    @Test
    void aPublicationOfSomebodyElseIsMendedByHim() {
        String role = role("REPLICATION");
        database.execute("CREATE TABLE more (id int PRIMARY KEY)", create("post"));
        mended(
                as(role),
                ERROR,
                "publication " + publication,
                "it belongs to 'postgres' and not to '" + role + "'",
                "ALTER PUBLICATION \"" + publication + "\" SET TABLE \"public\".\"more\", \"public\".\"post\"");
        database.execute(
                "CREATE TABLE third (id int PRIMARY KEY)",
                "ALTER PUBLICATION " + publication + " OWNER TO \"" + role + "\"");
        mended(
                as(role),
                ERROR,
                "publication " + publication,
                "does not own public.more, public.post, public.third",
                "ALTER PUBLICATION \"" + publication
                        + "\" SET TABLE \"public\".\"more\", \"public\".\"post\", \"public\".\"third\"");
    }

    @Test
    void aPublicationForASchemaMayLackTables() {
        database.execute(
                "CREATE SCHEMA other",
                "CREATE TABLE other.more (id int PRIMARY KEY)",
                "CREATE PUBLICATION " + publication
                        + " FOR TABLES IN SCHEMA public WITH (publish_via_partition_root = true)");
        mended(
                database.source(resource("post", "post"), resource("more", "other.more")),
                ERROR,
                "publication " + publication,
                "it was not made by us, and other.more is not in it",
                "ALTER PUBLICATION \"" + publication + "\" ADD TABLE \"other\".\"more\"");
    }

    @Test
    void aPublicationMustPublishEverything() {
        database.execute("CREATE PUBLICATION " + publication + " FOR TABLE post WITH (publish = 'insert')");
        mended(
                WARNING,
                "publication " + publication,
                "does not publish everything",
                "ALTER PUBLICATION \"" + publication + "\" SET (publish = 'insert, update, delete, truncate',"
                        + " publish_via_partition_root = true, publish_generated_columns = stored)");
    }

    @Test
    void aPublicationMustNotBeNarrowed() {
        database.execute(create("post (id) WHERE (id > 3)"));
        mended(
                WARNING,
                "publication " + publication,
                "only some rows or columns of public.post",
                "ALTER PUBLICATION \"" + publication + "\" SET TABLE \"public\".\"post\"");
    }

    @Test
    void aSlotWithoutItsPublicationIsLost() {
        createSlot(slot);
        mended(
                ERROR,
                "publication " + publication,
                "was dropped while the slot '" + slot + "' still needs it",
                "SELECT pg_drop_replication_slot('" + slot + "')");
    }

    private String create(String tables) {
        return "CREATE PUBLICATION " + publication + " FOR TABLE " + tables
                + " WITH (publish_via_partition_root = true, publish_generated_columns = stored)";
    }

    private void createSlot(String name) {
        database.query("SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    }

    // Slot

    @Test
    void theDiskMayFill() {
        database.execute(create("post"));
        createSlot(slot);
        mended(
                INFO,
                "slot " + slot,
                "can fill the disk",
                "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'",
                "SELECT pg_reload_conf()");
        assertThat(examine()).isEmpty();
        database.execute("ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()");
    }

    @Test
    void aSlotOfSomethingElseIsLeftAlone() {
        database.execute(create("post"));
        database.query("SELECT pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
        assertThat(find(examine(), ERROR, "slot " + slot, "plugin test_decoding")
                        .sql())
                .as("somebody else's slot is not ours to drop")
                .isEmpty();
        database.execute("SELECT pg_drop_replication_slot('" + slot + "')");
        database.query("SELECT pg_create_physical_replication_slot('" + slot + "')");
        assertThat(find(examine(), ERROR, "slot " + slot, "physical replication")
                        .sql())
                .isEmpty();
        database.execute("SELECT pg_drop_replication_slot('" + slot + "')");
    }

    @Test
    void aLeftoverSlotIsNamed() {
        String leftover = "rowtide_" + database.address().database();
        createSlot(leftover);
        mended(
                WARNING,
                "slot " + leftover,
                "nobody reads this slot",
                "SELECT pg_drop_replication_slot('" + leftover + "')");
    }

    @Test
    void sizesAreReadable() {
        List<String> sizes = new ArrayList<>();
        for (long bytes : new long[] {0, 1023, 1024, 5L << 20, 3L << 30, 1L << 45}) {
            sizes.add(SlotCheck.size(bytes));
        }
        assertThat(sizes).containsExactly("0 bytes", "1023 bytes", "1.0 KiB", "5.0 MiB", "3.0 GiB", "32.0 TiB");
    }

    // Server

    @Test
    void anOldServerIsRefused() {
        Server server = new Server(13, false, "logical", 10, 10, 0, null, "d", "r", true, true);
        find(ServerCheck.unusable(server), ERROR, "server", "this is PostgreSQL 13, and 14 or later is needed");
    }

    @Test
    void onAmazonTheLogHasAnotherSwitch() {
        Server server = new Server(18, false, "replica", 10, 10, 0, "off", "d", "r", true, true);
        assertThat(find(
                                ServerCheck.examine(server, new SlotFacts(0, null, List.of(), -1)),
                                ERROR,
                                "server",
                                "parameter group")
                        .sql())
                .containsExactly("rds.logical_replication = 1");
    }
}
