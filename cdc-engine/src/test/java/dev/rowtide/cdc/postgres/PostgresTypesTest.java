package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.cdc.JsonText;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.TimeZone;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PostgresTypesTest {
    private static EmbeddedPostgres postgres;

    private Connection connection;
    private int opened;
    private PostgresTypes types;

    @BeforeAll
    static void start() throws IOException, SQLException {
        postgres =
                EmbeddedPostgres.builder().setServerConfig("lc_monetary", "C").start();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (TypeFixture fixture : TypeFixture.all()) {
                for (String sql : fixture.setup()) {
                    statement.execute(sql);
                }
            }
        }
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void connectOnce() throws SQLException {
        connection = connect();
        types = new PostgresTypes(() -> {
            opened++;
            return connect();
        });
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private static Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
        try (Statement statement = connection.createStatement()) {
            statement.execute(SessionSettings.statements());
        }
        return connection;
    }

    /** What the server says of one value. */
    private record Answer(
            long typeOid, String text, @Nullable String toJsonb) {}

    /** format and not ::text, which for some types is a cast of its own and no output function. */
    private Answer ask(String expression, boolean withToJsonb) throws SQLException {
        String sql = "SELECT a.atttypid, format('%s', r.v) AS text, "
                + (withToJsonb ? "to_jsonb(r) -> 'v'" : "NULL")
                + " AS json FROM pg_temp.probe r, pg_attribute a WHERE a.attrelid = 'pg_temp.probe'::regclass AND a.attname = 'v'";
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE probe AS SELECT " + expression + " AS v");
            try (ResultSet row = statement.executeQuery(sql)) {
                row.next();
                return new Answer(row.getLong("atttypid"), row.getString("text"), row.getString("json"));
            } finally {
                statement.execute("DROP TABLE pg_temp.probe");
            }
        }
    }

    private String write(Answer answer, Numbers numbers) throws SQLException {
        StringBuilder json = new StringBuilder();
        types.writer(answer.typeOid(), numbers).write(answer.text(), json);
        return json.toString();
    }

    @Test
    void everyValueOfTheFixtureIsWrittenAsTheServerWouldWriteIt() throws SQLException {
        List<String> wrong = new ArrayList<>();
        int values = 0;
        for (TypeFixture fixture : TypeFixture.all()) {
            for (TypeFixture.Value value : fixture.values()) {
                values++;
                if (value.expression().equals("NULL")) {
                    continue;
                }
                Answer answer = ask(value.sql(), value.asToJsonb());
                String json = write(answer, Numbers.NUMBER);
                if (!JsonTree.equal(json, value.json())) {
                    wrong.add(value + "\n  text   " + answer.text() + "\n  is     " + json + "\n  should "
                            + value.json());
                }
                if (answer.toJsonb() != null && !JsonTree.equal(json, answer.toJsonb())) {
                    wrong.add(value + "\n  text   " + answer.text() + "\n  is     " + json + "\n  server "
                            + answer.toJsonb());
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(values).isGreaterThan(200);
    }

    @Test
    void whatTheFixtureSaysToJsonbDoesNotSayItDoesNotSay() throws SQLException {
        for (TypeFixture fixture : TypeFixture.all()) {
            for (TypeFixture.Value value : fixture.values()) {
                if (!value.asToJsonb()) {
                    try {
                        assertThat(JsonTree.equal(
                                        value.json(),
                                        String.valueOf(ask(value.sql(), true).toJsonb())))
                                .as(value.toString())
                                .isFalse();
                    } catch (SQLException refused) {
                        // SQLSTATE class 22: data exception.
                        assertThat(refused.getSQLState()).as(value.toString()).startsWith("22");
                    }
                }
            }
        }
    }

    @Test
    void wideNumbersAreStringsOnRequestAlsoInsideOtherTypesButNotInsideJson() throws SQLException {
        record Case(String expression, String json) {}
        List<Case> cases = List.of(
                new Case("9223372036854775807::int8", "\"9223372036854775807\""),
                new Case("1.50::numeric", "\"1.50\""),
                new Case("'NaN'::numeric", "\"NaN\""),
                new Case("7::int4", "7"),
                new Case("0.5::float8", "0.5"),
                new Case("'{{1},{NULL}}'::int8[]", "[[\"1\"],[null]]"),
                new Case("'{1}'::int4[]", "[1]"),
                new Case("12.30::amount", "\"12.30\""),
                new Case("array[5::big]", "[\"5\"]"),
                new Case(
                        "row(1, 1.10, '(1,2)', NULL, NULL)::measured",
                        "{\"big\":\"1\",\"exact\":\"1.10\",\"at\":\"(1,2)\",\"spans\":null,\"raw\":null}"),
                new Case("'{\"a\": 9007199254740993}'::jsonb", "{\"a\":9007199254740993}"));
        for (Case one : cases) {
            assertThat(write(ask(one.expression(), false), Numbers.STRING))
                    .as(one.expression())
                    .isEqualTo(one.json());
        }
    }

    @Test
    void whatIsBuiltInNeedsNoConnection() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT oid, typname FROM pg_type WHERE oid < 10000 AND typtype NOT IN ('p', 'c') AND typelem NOT IN (71, 75, 81, 83, 210, 2275)"
                                // only found in catalogs
                                + " AND typname NOT LIKE 'pg\\_brin%' AND typname NOT IN ('pg_ndistinct', 'pg_dependencies', 'pg_mcv_list')")) {
            int count = 0;
            while (row.next()) {
                types.writer(row.getLong(1), Numbers.NUMBER);
                assertThat(opened).as(row.getString(2)).isZero();
                count++;
            }
            assertThat(count).isGreaterThan(150);
        }
    }

    @Test
    void theListOfBuiltInTypesSaysWhatTheCatalogSays() throws SQLException {
        TypeCatalog catalog = new TypeCatalog(connection);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT oid, typname FROM pg_type WHERE oid < 10000")) {
            while (row.next()) {
                SpanWriter writer = BuiltInTypes.writer(row.getLong(1), Numbers.NUMBER);
                if (writer == null || writer instanceof VectorWriter) {
                    continue;
                }
                TypeCatalog.Type type = catalog.find(row.getLong(1));
                if (type instanceof TypeCatalog.Array array) {
                    assertThat(writer)
                            .as(row.getString(2))
                            .usingRecursiveComparison()
                            .isEqualTo(new ArrayWriter(
                                    BuiltInTypes.writer(array.element(), Numbers.NUMBER), array.delimiter()));
                } else {
                    assertThat(type).as(row.getString(2)).isInstanceOf(TypeCatalog.Other.class);
                    assertThat(writer).as(row.getString(2)).isNotInstanceOf(ArrayWriter.class);
                }
            }
        }
    }

    @Test
    void aTypeIsReadOnce() throws SQLException {
        Answer person = ask("NULL::person[]", false);
        types.writer(person.typeOid(), Numbers.NUMBER);
        types.writer(person.typeOid(), Numbers.NUMBER);
        types.writer(ask("NULL::address", false).typeOid(), Numbers.NUMBER);
        assertThat(opened).isEqualTo(1);
    }

    @Test
    void aTypeThatDoesNotExistAnyMoreIsText() throws SQLException {
        assertThat(write(new Answer(4_000_000_000L, "(1,\"x\")", null), Numbers.NUMBER))
                .isEqualTo("\"(1,\\\"x\\\")\"");
    }

    @Test
    void aCompositeTypeThatIsAlteredIsFollowed() throws SQLException {
        execute("CREATE TYPE altered AS (a int, b text)");
        Answer old = ask("row(1, 'x')::altered", false);
        JsonValueWriter writer = types.writer(old.typeOid(), Numbers.NUMBER);
        assertThat(write(writer, old.text())).isEqualTo("{\"a\":1,\"b\":\"x\"}");

        execute("ALTER TYPE altered ADD ATTRIBUTE c bool");
        assertThat(write(writer, "(1,x,t)")).isEqualTo("{\"a\":1,\"b\":\"x\",\"c\":true}");
        assertThat(write(writer, old.text())).isEqualTo("{\"a\":1,\"b\":\"x\",\"c\":null}");
        assertThat(opened).isEqualTo(3);

        execute("ALTER TYPE altered DROP ATTRIBUTE c", "ALTER TYPE altered DROP ATTRIBUTE b");
        types.refresh();
        assertThat(write(writer, "(1)")).isEqualTo("{\"a\":1}");
        assertThat(write(writer, "(1,x,t)")).isEqualTo("\"(1,x,t)\"");

        execute("ALTER TYPE altered RENAME ATTRIBUTE a TO z");
        types.refresh();
        assertThat(write(writer, "(1)")).isEqualTo("{\"z\":1}");
        int before = opened;
        assertThat(write(writer, "(1,x,t)")).isEqualTo("\"(1,x,t)\"");
        assertThat(opened).isEqualTo(before);
    }

    @Test
    void anUnreachableCatalogLosesNoValue() throws SQLException {
        Answer value = ask("row('x')::one", false);
        boolean[] down = {false};
        PostgresTypes types = new PostgresTypes(() -> {
            if (down[0]) {
                throw new SQLException("down");
            }
            return connect();
        });
        JsonValueWriter writer = types.writer(value.typeOid(), Numbers.NUMBER);
        down[0] = true;
        assertThatThrownBy(() -> types.writer(ask("NULL::address", false).typeOid(), Numbers.NUMBER))
                .hasMessage("down");
        types.refresh();
        assertThat(write(writer, "(x)")).isEqualTo("{\"only\":\"x\"}");
        assertThat(write(writer, "(x,y)")).isEqualTo("\"(x,y)\"");
    }

    @Test
    void documentsNestedDeeperThanParsersReadAreStrings() throws SQLException {
        String deepest = "[".repeat(JsonDocumentWriter.MAX_DEPTH) + "]".repeat(JsonDocumentWriter.MAX_DEPTH);
        String deeper =
                "{\"a\":".repeat(JsonDocumentWriter.MAX_DEPTH) + "[]" + "}".repeat(JsonDocumentWriter.MAX_DEPTH);
        for (String type : List.of("json", "jsonb")) {
            assertThat(write(ask("'" + deepest + "'::" + type, false), Numbers.NUMBER))
                    .isEqualTo(deepest);
            String json = write(ask("array['" + deeper + "', '1']::" + type + "[]", false), Numbers.NUMBER);
            assertThat(JsonTree.parse(json).get(0).textValue().replace(" ", "")).isEqualTo(deeper);
            assertThat(JsonTree.parse(json).get(1).intValue()).isEqualTo(1);
        }
    }

    @Test
    void repeatedKeysAreDroppedInLinearTime() throws SQLException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < 400_000; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("\"k")
                    .append(i % 200_000)
                    .append("\":")
                    .append(i);
        }
        String written =
                write(types.writer(114, Numbers.NUMBER), json.append('}').toString());
        assertThat(JsonTree.parse(written)).hasSize(200_000);
        assertThat(JsonTree.parse(written).get("k7").intValue()).isEqualTo(200_007);
    }

    @Test
    void nestedValuesFullOfDelimitersAreWrittenAsTheServerWouldWriteThem() throws SQLException {
        execute(
                "CREATE TYPE leaf AS (t text, h hstore, n numeric)",
                "CREATE TYPE branch AS (name text, leaves leaf[], grid text[], doc json, one leaf)");
        Random random = new Random(20_240_229);
        for (int i = 0; i < 300; i++) {
            List<Object> parameters = new ArrayList<>();
            String branches = arrayOf(random, "branch", () -> branch(random, parameters));
            String sql = "SELECT format('%s', v), to_jsonb(v), 'branch[]'::regtype::oid FROM (SELECT " + branches
                    + " AS v) r";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int p = 0; p < parameters.size(); p++) {
                    statement.setObject(p + 1, parameters.get(p));
                }
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    String json = write(types.writer(row.getLong(3), Numbers.NUMBER), row.getString(1));
                    assertThat(JsonTree.parse(json)).as(row.getString(1)).isEqualTo(JsonTree.parse(row.getString(2)));
                }
            }
        }
    }

    private static String branch(Random random, List<Object> parameters) {
        parameters.add(awkward(random));
        String leaves = arrayOf(random, "leaf", () -> leaf(random, parameters));
        for (int i = 0; i < 4; i++) {
            parameters.add(awkward(random));
        }
        parameters.add(JsonText.string(awkward(random)));
        return "row(?::text, " + leaves + ", array[array[?::text, ?], array[?, ?]], ?::json, "
                + leaf(random, parameters) + ")::branch";
    }

    private static String leaf(Random random, List<Object> parameters) {
        parameters.add(awkward(random));
        parameters.add(awkward(random));
        parameters.add(awkward(random));
        parameters.add(new BigDecimal(new BigInteger(60, random), random.nextInt(20)));
        return "row(?::text, hstore(?::text, ?::text), ?::numeric)::leaf";
    }

    private static String arrayOf(Random random, String type, Supplier<String> element) {
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            elements.add(random.nextInt(5) == 0 ? "NULL" : element.get());
        }
        return "array[" + String.join(", ", elements) + "]::" + type + "[]";
    }

    private static String awkward(Random random) {
        String[] parts = {
            "\"", "\\", ",", "{", "}", "(", ")", " ", "\n", "\t", "NULL", "null", "=>", "a", "é", "😀", "'", ";",
            "[1:1]=", "\u0001", "0", "$"
        };
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(parts[random.nextInt(parts.length)]);
        }
        return text.toString();
    }

    /** A frame that is not JSON would break a whole connection; a strange string is only a strange string. */
    @Test
    void noTextWhateverMakesAWriterFailOrWriteWhatIsNotJson() throws SQLException {
        List<JsonValueWriter> writers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT oid FROM pg_type WHERE oid < 10000 AND typtype <> 'p' UNION"
                                + " SELECT unnest('{person[],labelled,hstore,two_texts,moment,float_ranges}'::regtype[])")) {
            while (row.next()) {
                writers.add(types.writer(row.getLong(1), Numbers.NUMBER));
            }
        }
        Random random = new Random(7);
        String alphabet = "{}[]()\",\\:;=> +-.01eEtfnulNULLu00a\n\u0001😀";
        for (int i = 0; i < 300; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "{" : random.nextBoolean() ? "(" : "");
            for (int n = random.nextInt(12); n > 0; n--) {
                text.appendCodePoint(alphabet.codePointAt(
                        alphabet.offsetByCodePoints(0, random.nextInt(alphabet.codePointCount(0, alphabet.length())))));
            }
            for (JsonValueWriter writer : writers) {
                JsonTree.parse(write(writer, text.toString()));
            }
        }
    }

    /** Whatever the database's owner set for everybody: the session that reads the log has the settings that we read. */
    @Test
    void theReplicationSessionHasTheRequiredSettingsWhateverTheRoleSays() throws SQLException {
        execute(
                "CREATE ROLE odd LOGIN REPLICATION SUPERUSER",
                "ALTER ROLE odd SET bytea_output = 'escape'",
                "ALTER ROLE odd SET IntervalStyle = 'iso_8601'",
                "ALTER ROLE odd SET extra_float_digits = -5",
                "ALTER ROLE odd SET DateStyle = 'German'",
                "ALTER ROLE odd SET TimeZone = 'Asia/Kolkata'",
                "ALTER ROLE odd SET quote_all_identifiers = on");
        Properties properties = new Properties();
        properties.setProperty("user", "odd");
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "9.4");
        properties.setProperty("options", SessionSettings.startupOptions());
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"));
        try (Connection replication = DriverManager.getConnection(postgres.getJdbcUrl("odd", "postgres"), properties);
                Statement statement = replication.createStatement()) {
            // pgjdbc's own start-up parameters win.
            assertThat(settings(statement)).containsExactly("ISO, MDY", "Asia/Tokyo", "postgres", "hex", "1", "off");
            statement.execute(SessionSettings.statements());
            assertThat(settings(statement)).containsExactly("ISO, MDY", "UTC", "postgres", "hex", "1", "off");
        } finally {
            TimeZone.setDefault(before);
            execute("DROP ROLE odd");
        }
    }

    private static List<String> settings(Statement statement) throws SQLException {
        List<String> values = new ArrayList<>();
        for (String name : SessionSettings.REQUIRED.keySet()) {
            try (ResultSet row = statement.executeQuery("SHOW " + name)) {
                row.next();
                values.add(row.getString(1));
            }
        }
        return values;
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String write(JsonValueWriter writer, String text) {
        StringBuilder json = new StringBuilder();
        writer.write(text, json);
        return json.toString();
    }
}
