package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.SqlCondition;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestServer;
import dev.rowtide.cdc.filter.RandomFilters;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.feed.filter.RowPredicate;
import dev.rowtide.feed.filter.Truth;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random filters on random rows of every type that can be compared: in memory and in the server's WHERE. */
class PostgresFilterPropertyTest {
    private static final int ROWS = 120;
    private static final int FILTERS = 1_500;

    /** Types by column. */
    private static final Map<String, String> TYPES = new LinkedHashMap<>();

    private static final Map<String, List<String>> VALUES = new LinkedHashMap<>();

    static {
        List<String> integers = List.of("0", "1", "-1", "2", "5", "127", "32767", "-32768");
        List<String> longs = with(
                integers,
                "9223372036854775807",
                "-9223372036854775808",
                "9007199254740992",
                "9007199254740993",
                "2147483648",
                "1000000000000000000",
                "999999999999999999");
        List<String> numbers = with(
                longs,
                "9223372036854775808",
                "0.1",
                "0.10",
                "-0.1",
                "0.0000001",
                "-0.05",
                "9007199254740993.5",
                "123456789012345678901234567890.123456789",
                "1e30",
                "1.5e-20",
                "5.000",
                "NaN",
                "Infinity",
                "-Infinity");
        List<String> doubles = with(
                integers,
                "0.1",
                "0.10000000149011612",
                "16777217",
                "9007199254740993",
                "1e300",
                "-1e300",
                "5e-324",
                "1.7976931348623157e308",
                "-0.0",
                "NaN",
                "Infinity",
                "-Infinity");
        List<String> floats = with(
                integers, "0.1", "0.10000001", "16777216", "3.4e38", "1e-45", "-0.0", "NaN", "Infinity", "-Infinity");
        List<String> texts = List.of(
                "",
                " ",
                "a",
                "A",
                "b",
                "B",
                "ab",
                "aB",
                "ab ",
                "a b",
                " a",
                "a%",
                "a_b",
                "\\",
                "a\\b",
                "ä",
                "Ä",
                "a\u0308",
                "ß",
                "\u007f",
                "\u0001",
                "\u00ff",
                "\ufb01",
                "\uffff",
                "\ud83d\ude00",
                "\ud800\udc00",
                "a\ud83d\ude00b",
                "\"",
                "a\"b",
                "\n",
                "\t\b\f",
                "null",
                "5",
                "10",
                "9",
                "NaN",
                "'",
                "aaaaaaaaaaaa");
        List<String> shortTexts = List.of("", "a", "A", "ab", "ab  ", "ab c", "b", "ä", "\ud83d\ude00", "a%", "\\");
        add("b", "boolean", List.of("true", "false"));
        add("i2", "smallint", integers);
        add("i4", "integer", with(integers, "2147483647", "-2147483648"));
        add("i8", "bigint", longs);
        add("n", "numeric", numbers);
        add("n2", "numeric(30,4)", with(integers, "0.1", "0.1000", "12345678901234567890.1234", "NaN"));
        add("f4", "real", floats);
        add("f8", "double precision", doubles);
        add("t", "text", texts);
        add("v", "varchar(20)", texts);
        add("c", "char(6)", shortTexts);
        add("nm", "name", texts);
        add("ci", "text COLLATE case_blind", texts);
        add(
                "u",
                "uuid",
                List.of(
                        "00000000-0000-0000-0000-000000000000",
                        "6f1c1c1e-8b1f-4c7a-9a52-0c7d1f4b3e2a",
                        "6F1C1C1E-8B1F-4C7A-9A52-0C7D1F4B3E2B",
                        "ffffffff-ffff-ffff-ffff-ffffffffffff"));
        add("by", "bytea", List.of("\\x", "\\x00", "\\x01ff", "\\x01FF00", "\\xff", "\\x5c"));
        add(
                "d",
                "date",
                List.of(
                        "2024-02-29",
                        "2024-03-01",
                        "2000-01-01",
                        "1999-12-31",
                        "0001-01-01",
                        "0001-12-31 BC",
                        "0001-02-29 BC",
                        "4714-11-24 BC",
                        "5874897-12-31",
                        "12024-06-01",
                        "infinity",
                        "-infinity"));
        add(
                "ts",
                "timestamp",
                List.of(
                        "2024-02-29T12:00:00",
                        "2024-02-29 12:00:00.000001",
                        "2024-02-29",
                        "2024-02-29T11:59:59.999999",
                        "2024-02-29T12:00",
                        "0044-03-15T12:00:00 BC",
                        "0044-03-15T12:00:01.5 BC",
                        "4714-11-24T00:00:00 BC",
                        "294276-12-31T23:59:59.999999",
                        "infinity",
                        "-infinity"));
        add(
                "tz",
                "timestamptz",
                List.of(
                        "2024-02-29T12:00:00Z",
                        "2024-02-29T17:30:00+05:30",
                        "2024-02-29 12:00:00.000001+00",
                        "2024-02-28T21:00:00-15:00",
                        "1900-01-01T00:00:00+00:19:32",
                        "0044-03-15T12:00:00Z BC",
                        "0044-03-15T12:00:00.25+02:00 BC",
                        "294276-12-31T23:59:59.999999+00",
                        "infinity",
                        "-infinity"));
        add("ti", "time", List.of("00:00:00", "12:00", "12:00:00.000001", "23:59:59.999999", "24:00:00"));
        add("e", "mood", List.of("happy", "sad", "So-so", "it's"));
        add("dm", "small", integers);
        add("de", "feeling", List.of("happy", "sad"));
        add("j", "jsonb", List.of("{}", "5"));
        add("a", "integer[]", List.of("{1,2}"));
        add("ip", "inet", List.of("10.0.0.1"));
        add("iv", "interval", List.of("1 day", "24:00:00"));
    }

    private static List<String> with(List<String> values, String... more) {
        List<String> all = new ArrayList<>(values);
        all.addAll(List.of(more));
        return all;
    }

    private static void add(String column, String type, List<String> values) {
        TYPES.put(column, type);
        VALUES.put(column, values);
    }

    private final long seed = Long.getLong("rowtide.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final TestServer.Database database = TestServer.database();

    @Test
    void everyRowPassesInMemoryIfAndOnlyIfItDoesInTheDatabase() throws Exception {
        try (Connection connection = database.address().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(SessionSettings.statements());
            statement.execute("CREATE TYPE mood AS ENUM ('sad', 'So-so', 'happy', 'it''s')");
            statement.execute("CREATE DOMAIN small AS integer CHECK (VALUE < 100000)");
            statement.execute("CREATE DOMAIN feeling AS mood");
            statement.execute(
                    "CREATE COLLATION case_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
            StringBuilder ddl = new StringBuilder("CREATE TABLE probe (id integer PRIMARY KEY");
            TYPES.forEach((column, type) ->
                    ddl.append(", ").append(column).append(' ').append(type));
            statement.execute(ddl.append(')').toString());
            insertRows(connection);
            RowShape shape = shape(connection);
            List<Row> rows = rowsOfToJsonb(connection, shape);
            // Another zone writes other offsets for the same instants.
            statement.execute("SET TimeZone = 'Asia/Kolkata'");
            rows.addAll(rowsOfToJsonb(connection, shape));
            statement.execute("SET TimeZone = 'UTC'");
            rows.addAll(rowsOfTheLogsText(connection, shape));

            Map<String, List<String>> values = new LinkedHashMap<>(VALUES);
            values.put("id", List.of("0", "7", "119"));
            RandomFilters filters = new RandomFilters(random, shape, values);
            int[] outcomes = new int[Truth.values().length];
            for (int i = 0; i < FILTERS; i++) {
                compare(connection, filters.next(), shape, rows, outcomes);
            }
            assertThat(outcomes[Truth.TRUE.ordinal()]).isGreaterThan(10_000);
            assertThat(outcomes[Truth.FALSE.ordinal()]).isGreaterThan(10_000);
            assertThat(outcomes[Truth.UNKNOWN.ordinal()]).isGreaterThan(1_000);
            assertThat(outcomes[Truth.NOT_IN_LOG.ordinal()]).isZero();
        }
    }

    private void compare(Connection connection, RowFilter filter, RowShape shape, List<Row> rows, int[] outcomes)
            throws SQLException {
        SqlCondition condition;
        RowPredicate predicate;
        try {
            condition = SqlCondition.of(filter, shape, new PostgresDialect());
            predicate = RowPredicate.of(filter, shape);
        } catch (InvalidFilterException e) {
            throw new AssertionError("seed " + seed + ": " + filter.text(), e);
        }
        Truth[] expected = new Truth[ROWS];
        try (PreparedStatement query =
                connection.prepareStatement("SELECT id, (" + condition.text() + ") FROM probe ORDER BY id")) {
            condition.bind(query, 1);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Object holds = row.getObject(2);
                    expected[row.getInt(1)] =
                            holds == null ? Truth.UNKNOWN : holds.equals(true) ? Truth.TRUE : Truth.FALSE;
                }
            }
        } catch (SQLException e) {
            throw new AssertionError("seed " + seed + ": " + filter.text() + "\n" + condition, e);
        }
        for (int i = 0; i < rows.size(); i++) {
            Truth is = predicate.evaluate(rows.get(i));
            outcomes[is.ordinal()]++;
            if (is != expected[i % ROWS]) {
                fail("seed %d: %s%n%s%nrow %d: %s%nis %s in memory and %s in the database"
                        .formatted(seed, filter.text(), condition, i, rows.get(i), is, expected[i % ROWS]));
            }
        }
    }

    private void insertRows(Connection connection) throws SQLException {
        StringBuilder sql = new StringBuilder("INSERT INTO probe VALUES (?");
        TYPES.values().forEach(type -> sql.append(", ?::").append(type.replace(" COLLATE case_blind", "")));
        try (PreparedStatement insert =
                connection.prepareStatement(sql.append(')').toString())) {
            for (int id = 0; id < ROWS; id++) {
                insert.setInt(1, id);
                int parameter = 2;
                for (String column : TYPES.keySet()) {
                    insert.setString(parameter, random.nextInt(6) == 0 ? null : value(column));
                    parameter++;
                }
                insert.executeUpdate();
            }
        }
    }

    private String value(String column) {
        if (column.equals("i8") && random.nextInt(4) == 0) {
            return Long.toString(random.nextLong());
        } else if (column.equals("f8") && random.nextInt(4) == 0) {
            double any = Double.longBitsToDouble(random.nextLong());
            return Double.toString(any);
        } else if (column.equals("n") && random.nextInt(4) == 0) {
            return new BigDecimal(new BigInteger(random.nextInt(200), random), random.nextInt(40)).toPlainString();
        }
        List<String> values = VALUES.get(column);
        return values.get(random.nextInt(values.size()));
    }

    private RowShape shape(Connection connection) throws SQLException {
        ColumnTypes types = new ColumnTypes();
        List<String> names = new ArrayList<>();
        List<ColumnType> compared = new ArrayList<>();
        for (PostgresCatalog.Column column :
                PostgresCatalog.columns(connection, List.of("public")).get(new TableName("public", "probe"))) {
            names.add(column.name());
            compared.add(types.of(connection, column.type()));
        }
        assertThat(names).hasSize(TYPES.size() + 1);
        return new RowShape(names, compared);
    }

    private static List<Row> rowsOfToJsonb(Connection connection, RowShape shape) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT ");
        shape.columns()
                .forEach(column ->
                        sql.append("(to_jsonb(probe) -> '").append(column).append("')::text, "));
        List<Row> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql + "1 FROM probe ORDER BY id")) {
            while (row.next()) {
                String[] json = new String[shape.columns().size()];
                for (int i = 0; i < json.length; i++) {
                    json[i] = row.getString(i + 1);
                }
                rows.add(new Row(shape, json));
            }
        }
        return rows;
    }

    /** As the decoder makes them of the log's text, with the numbers as strings. */
    private List<Row> rowsOfTheLogsText(Connection connection, RowShape shape) throws SQLException {
        PostgresTypes types = new PostgresTypes(() -> database.address().connect());
        List<JsonValueWriter> writers = new ArrayList<>();
        for (PostgresCatalog.Column column :
                PostgresCatalog.columns(connection, List.of("public")).get(new TableName("public", "probe"))) {
            writers.add(types.writer(column.type(), Numbers.STRING));
        }
        StringBuilder sql = new StringBuilder("SELECT ");
        shape.columns()
                .forEach(column -> sql.append("CASE WHEN ")
                        .append(column)
                        .append(" IS NOT NULL THEN format('%s', ")
                        .append(column)
                        .append(") END, "));
        List<Row> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql + "1 FROM probe ORDER BY id")) {
            while (row.next()) {
                String[] json = new String[shape.columns().size()];
                for (int i = 0; i < json.length; i++) {
                    String text = row.getString(i + 1);
                    StringBuilder written = new StringBuilder();
                    if (text != null) {
                        writers.get(i).write(text, written);
                    }
                    json[i] = text == null ? "null" : written.toString();
                }
                rows.add(new Row(shape, json));
            }
        }
        return rows;
    }
}
