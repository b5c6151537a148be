package dev.rowtide.cdc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqlCondition;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.TestFile;
import dev.rowtide.cdc.filter.RandomFilters;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.feed.filter.RowPredicate;
import dev.rowtide.feed.filter.Truth;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random filters on random rows with values of any class in columns of any affinity and collating sequence: in memory and in SQLite's WHERE. */
class SqliteFilterPropertyTest {
    private static final int ROWS = 150;
    private static final int FILTERS = 1_500;
    private static final List<String> DECLARED = List.of(
            "INTEGER", "BIGINT", "REAL", "DOUBLE", "NUMERIC", "DATETIME", "BOOLEAN", "TEXT", "VARCHAR(5)", "BLOB", "");
    private static final List<String> COLLATIONS = List.of("BINARY", "NOCASE", "RTRIM");

    private static final List<String> NUMBERS = List.of(
            "0",
            "1",
            "-1",
            "5",
            "5.0",
            "10",
            "0.1",
            "-0.5",
            "9007199254740992",
            "9007199254740993",
            "9007199254740993.5",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "1e300",
            "-1e300",
            "5e-324",
            "9.2233720368547758e18",
            "1e3");
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "a",
            "A",
            "b",
            "ab",
            "AB",
            "ab ",
            "ab  ",
            " ab",
            "ab\t",
            "a%",
            "a_",
            "\\",
            "ä",
            "Ä",
            "\ud83d\ude00",
            "\uffff",
            "\ufb01",
            "a\0",
            "a\0b",
            "A\0c",
            "a\0cd",
            "5",
            "5.0",
            " 5",
            "5 ",
            "+5",
            "5.",
            ".5",
            "5e0",
            "5e",
            "0x5",
            "Infinity",
            "-Infinity",
            "true",
            "2024-01-01",
            "2024-01-01 12:00:00",
            "NaN",
            "1_000",
            "9223372036854775808",
            "\u0101",
            "\u0200",
            "b\u0100");
    private static final List<String> BLOBS = List.of("", "AA==", "AP8=", "AP8A", "YWI=", "NQ==", "/w==");

    private final long seed = Long.getLong("rowtide.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16le", "UTF-16be"})
    void everyRowPassesInMemoryIfAndOnlyIfItDoesInTheDatabase(String encoding) throws Exception {
        TestFile file = new TestFile(folder.resolve("app.db"));
        List<String> definitions = new ArrayList<>();
        SchemaBuilder schema = SchemaBuilder.struct();
        Map<String, List<String>> values = new LinkedHashMap<>();
        List<String> all = new ArrayList<>(NUMBERS);
        all.addAll(TEXTS);
        all.addAll(BLOBS);
        all.add("true");
        for (String declared : DECLARED) {
            for (String collation : COLLATIONS) {
                String column = "c" + definitions.size();
                definitions.add(column + ' ' + declared + " COLLATE " + collation.toLowerCase(Locale.ROOT));
                schema.field(column, field(declared, collation, encoding));
                values.put(column, declared.equals("BLOB") ? BLOBS : all);
            }
        }
        try (Connection connection = file.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA encoding = '" + encoding + "'");
            statement.execute("CREATE TABLE t (" + String.join(", ", definitions) + ")");
            insertRows(connection, definitions.size());
            SqliteTableShape table = table(schema.build(), Numbers.NUMBER);
            RowShape shape = table.shape();
            assertThat(new RowShape(
                            shape.columns(),
                            new DefinedTables()
                                    .read(connection).get(new TableName("main", "t")).stream()
                                            .map(DefinedTables.Column::type)
                                            .collect(Collectors.<ColumnType>toList())))
                    .as("what the definition says and what comes with the rows")
                    .isEqualTo(shape);
            List<Row> rows = rows(connection, schema.build(), table);
            SqliteTableShape withStrings = table(schema.build(), Numbers.STRING);
            rows.addAll(rows(connection, schema.build(), withStrings));

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

    private static Schema field(String declared, String collation, String encoding) {
        return SchemaBuilder.bytes()
                .parameter("declared_type", declared)
                .parameter("affinity", StoredType.affinity(declared, false))
                .parameter("collation", collation)
                .parameter("encoding", encoding.toUpperCase(Locale.ROOT))
                .optional()
                .build();
    }

    private static SqliteTableShape table(Schema row, Numbers numbers) throws SourceFailure {
        return SqliteTableShape.of(row, null, ResourceConfig.ofTable(new TableName("main", "t"), numbers));
    }

    private void compare(Connection connection, RowFilter filter, RowShape shape, List<Row> rows, int[] outcomes)
            throws InvalidFilterException {
        SqlCondition condition = SqlCondition.of(filter, shape, new SqliteDialect());
        RowPredicate predicate = RowPredicate.of(filter, shape);
        Truth[] expected = new Truth[ROWS];
        try (PreparedStatement query =
                connection.prepareStatement("SELECT rowid, (" + condition.text() + ") FROM t ORDER BY rowid")) {
            condition.bind(query, 1);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Object holds = row.getObject(2);
                    expected[row.getInt(1) - 1] =
                            holds == null ? Truth.UNKNOWN : holds.equals(1) ? Truth.TRUE : Truth.FALSE;
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

    private void insertRows(Connection connection, int columns) throws SQLException {
        String sql = "INSERT INTO t VALUES (?" + ", ?".repeat(columns - 1) + ")";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int row = 0; row < ROWS; row++) {
                for (int column = 1; column <= columns; column++) {
                    insert.setObject(column, value());
                }
                insert.executeUpdate();
            }
        }
    }

    private Object value() {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> random.nextBoolean() ? random.nextLong() : (long) random.nextInt(12) - 2;
            case 2 -> {
                double any = Double.longBitsToDouble(random.nextLong());
                yield Double.isNaN(any) ? Double.NEGATIVE_INFINITY : any;
            }
            case 3 -> Double.parseDouble(NUMBERS.get(random.nextInt(NUMBERS.size())));
            case 4 -> Base64.getDecoder().decode(BLOBS.get(random.nextInt(BLOBS.size())));
            case 5 -> NUMBERS.get(random.nextInt(NUMBERS.size()));
            default -> TEXTS.get(random.nextInt(TEXTS.size()));
        };
    }

    /** In the form that the connector gives to stored values, through the decoder's own shape. */
    private static List<Row> rows(Connection connection, Schema schema, SqliteTableShape table) throws SQLException {
        List<Row> rows = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT ");
        schema.fields()
                .forEach(field -> sql.append(field.name())
                        .append(", typeof(")
                        .append(field.name())
                        .append("), "));
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql + "1 FROM t ORDER BY rowid")) {
            while (row.next()) {
                Struct struct = new Struct(schema);
                int column = 1;
                for (var field : schema.fields()) {
                    struct.put(field, stored(row, column, row.getString(column + 1)));
                    column += 2;
                }
                rows.add(table.row(struct));
            }
        }
        return rows;
    }

    private static byte[] stored(ResultSet row, int column, String storageClass) throws SQLException {
        return switch (storageClass) {
            case "null" -> null;
            case "integer" ->
                ByteBuffer.allocate(9)
                        .put((byte) 1)
                        .putLong(row.getLong(column))
                        .array();
            case "real" ->
                ByteBuffer.allocate(9)
                        .put((byte) 2)
                        .putDouble(row.getDouble(column))
                        .array();
            case "text" -> tagged(3, row.getString(column).getBytes(StandardCharsets.UTF_8));
            default -> tagged(4, row.getBytes(column));
        };
    }

    private static byte[] tagged(int storageClass, byte[] bytes) {
        return ByteBuffer.allocate(bytes.length + 1)
                .put((byte) storageClass)
                .put(bytes)
                .array();
    }
}
