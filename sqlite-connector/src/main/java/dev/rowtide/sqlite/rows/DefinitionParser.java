package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.KeyOrder;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.sqlite.Collation;
import org.sqlite.SQLiteDataSource;

/**
 * Lets SQLite read CREATE TABLE statements, one at a time in a database in memory, and asks it what they mean. Not thread-safe.
 *
 * <p>The statement is written into sqlite_schema and the schema loaded, and not executed: loading does not mind functions and collating sequences that only the users'
 * programs have, and writes nothing.
 *
 * <p>Defaults come from the code that uses them: the database has a row that is older than all columns but the first, and the columns are read from it. SQLite takes
 * only constants for that, no function is called.
 */
final class DefinitionParser implements AutoCloseable {
    /** Roots of the two prepared b-trees: pages are given out in order. */
    private static final int ROWID_ROOT = 2;

    private static final int KEYED_ROOT = 3;
    private static final int INDEX_ROOT = 4;

    private static final String BINARY = "BINARY";
    private static final char NOT_DECODABLE = '\ufffd';
    /** Not the name of a table: those that begin so are SQLite's own, which are not parsed. */
    private static final String COLLATIONS_INDEX = "sqlite_collations";

    private static final int HIDDEN_VIRTUAL = 2;
    private static final int HIDDEN_STORED = 3;

    private static final Set<String> KNOWN_COLLATIONS = Set.of("BINARY", "NOCASE", "RTRIM");

    private final Connection connection;
    private final TextEncoding encoding;

    /** @param encoding that of the database whose statements these are; texts of defaults are in it */
    DefinitionParser(TextEncoding encoding) throws IOException {
        this.encoding = encoding;
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite::memory:");
        try {
            connection = source.getConnection();
        } catch (SQLException e) {
            throw new IOException("cannot open a database in memory to read table definitions", e);
        }
        try {
            execute("PRAGMA encoding='"
                    + switch (encoding) {
                        case UTF_8 -> "UTF-8";
                        case UTF_16LE -> "UTF-16le";
                        case UTF_16BE -> "UTF-16be";
                    }
                    + "'");
            execute("CREATE TABLE old(x)");
            execute("INSERT INTO old VALUES(NULL)");
            execute("CREATE TABLE old_keyed(x PRIMARY KEY) WITHOUT ROWID");
            execute("INSERT INTO old_keyed VALUES(1)");
            execute("CREATE INDEX old_index ON old(x)");
        } catch (SQLException e) {
            close();
            throw new IOException("cannot prepare a database in memory to read table definitions", e);
        }
    }

    /**
     * @param name the table's name, and {@code sql} its statement, as stored
     * @throws UnreadableDefinitionException if SQLite cannot read it
     */
    TableDefinition parse(StoredValue.Text name, int rootPage, StoredValue.Text sql)
            throws UnreadableDefinitionException {
        String readable = encoding.decode(name.bytes());
        try {
            load(name, sql, ROWID_ROOT);
            return define(name, readable, rootPage, sql);
        } catch (SQLException e) {
            throw new UnreadableDefinitionException("table \"" + readable + "\": " + version()
                    + " cannot read its definition; a newer library may have written it: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot close a database in memory", e);
        }
    }

    private TableDefinition define(StoredValue.Text name, String readable, int rootPage, StoredValue.Text sql)
            throws SQLException {
        boolean withoutRowid;
        boolean strict;
        try (PreparedStatement query = query(
                        "SELECT wr, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name = CAST(? AS TEXT)",
                        name);
                ResultSet rows = query.executeQuery()) {
            if (!rows.next()) {
                throw new SQLException("the statement does not create an ordinary table of that name");
            }
            withoutRowid = rows.getBoolean(1);
            strict = rows.getBoolean(2);
        }
        List<Declared> declared = declared(name);
        List<IndexPart> key = primaryKeyIndex(name);
        // By the number that SQLite gives to columns; virtual ones have one, too.
        Map<Integer, Integer> columnOf = new HashMap<>();
        for (Declared column : declared) {
            if (column.hidden != HIDDEN_VIRTUAL) {
                columnOf.put(column.cid, columnOf.size());
            }
        }
        List<Declared> keyColumns = declared.stream()
                .filter(column -> column.pk > 0)
                .sorted(Comparator.comparingInt(Declared::pk))
                .toList();
        // Every primary key has an index, but for an INTEGER PRIMARY KEY, which is the rowid. The type alone does not
        // tell: INTEGER PRIMARY KEY DESC is not.
        boolean aliased = !withoutRowid && keyColumns.size() == 1 && key.isEmpty();
        OptionalInt alias = aliased ? OptionalInt.of(columnOf(keyColumns.get(0).cid, columnOf)) : OptionalInt.empty();
        List<Integer> storage = new ArrayList<>();
        List<KeyOrder.Part> keyOrder = new ArrayList<>();
        if (withoutRowid) {
            for (IndexPart part : key) {
                storage.add(columnOf(part.cid, columnOf));
                if (part.key) {
                    keyOrder.add(new KeyOrder.Part(part.collation, part.descending));
                }
            }
        } else {
            for (int i = 0; i < columnOf.size(); i++) {
                storage.add(i);
            }
        }
        Map<String, StoredValue> defaults = defaults(name, sql, declared, storage, columnOf, key, withoutRowid, alias);
        Map<Integer, String> collations = collations(name, declared);
        List<Column> columns = new ArrayList<>();
        for (Declared column : declared) {
            if (column.hidden != HIDDEN_VIRTUAL) {
                columns.add(new Column(
                        column.name,
                        column.type,
                        Column.Affinity.of(column.type, strict),
                        collations.getOrDefault(column.cid, BINARY),
                        column.notNull || column.pk > 0 && (withoutRowid || aliased),
                        defaults.getOrDefault(column.name, StoredValue.NULL),
                        column.hidden == HIDDEN_STORED));
            }
        }
        List<Integer> primaryKey = new ArrayList<>();
        for (Declared column : keyColumns) {
            primaryKey.add(columnOf(column.cid, columnOf));
        }
        return new TableDefinition(
                readable,
                rootPage,
                withoutRowid,
                strict,
                columns,
                storage,
                alias,
                primaryKey,
                keyOrder,
                encoding.decode(sql.bytes()));
    }

    private static int columnOf(int cid, Map<Integer, Integer> columnOf) throws SQLException {
        Integer index = columnOf.get(cid);
        if (index == null) {
            throw new SQLException("its key or storage names column " + cid + ", which is not stored");
        }
        return index;
    }

    /** A row of table_xinfo. */
    private record Declared(
            int cid, String name, String type, boolean notNull, boolean hasDefault, int pk, int hidden) {}

    private List<Declared> declared(StoredValue.Text name) throws SQLException {
        List<Declared> declared = new ArrayList<>();
        try (PreparedStatement query = query(
                        "SELECT cid, name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden"
                                + " FROM pragma_table_xinfo(CAST(? AS TEXT)) ORDER BY cid",
                        name);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                String type = rows.getString(3);
                declared.add(new Declared(
                        rows.getInt(1),
                        rows.getString(2),
                        type == null ? "" : type,
                        rows.getBoolean(4),
                        rows.getBoolean(5),
                        rows.getInt(6),
                        rows.getInt(7)));
            }
        }
        return declared;
    }

    /** A row of index_xinfo. */
    private record IndexPart(int cid, boolean descending, String collation, boolean key) {}

    /** Of a WITHOUT ROWID table this is the table: its parts are the columns in the order in which they are stored. */
    private List<IndexPart> primaryKeyIndex(StoredValue.Text name) throws SQLException {
        List<IndexPart> parts = new ArrayList<>();
        try (PreparedStatement query = query(
                        "SELECT part.cid, part.\"desc\", part.coll, part.\"key\""
                                + " FROM pragma_index_list(CAST(? AS TEXT)) AS list, pragma_index_xinfo(list.name) AS part"
                                + " WHERE list.origin = 'pk' ORDER BY part.seqno",
                        name);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                parts.add(new IndexPart(
                        rows.getInt(1),
                        rows.getBoolean(2),
                        Schema.asciiUpperCase(rows.getString(3)),
                        rows.getBoolean(4)));
            }
        }
        return parts;
    }

    /**
     * The collating sequence of each column that is stored, by the column's number. SQL does not say it of a column, but of the parts of an index, which take it from their columns; so an index on all of them
     * is written into sqlite_schema, and never built. It stays the last thing that is done with a definition.
     */
    private Map<Integer, String> collations(StoredValue.Text name, List<Declared> declared) throws SQLException {
        String columns = declared.stream()
                .filter(column -> column.hidden != HIDDEN_VIRTUAL)
                .map(column -> quote(column.name))
                .collect(Collectors.joining(", "));
        String statement = "CREATE INDEX " + COLLATIONS_INDEX + " ON " + quote(encoding.decode(name.bytes())) + " ("
                + columns + ")";
        if (statement.indexOf(NOT_DECODABLE) >= 0) {
            return Map.of(); // a name that is not valid text cannot be written again
        }
        execute("PRAGMA writable_schema=ON");
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sqlite_schema VALUES('index', ?2, CAST(?1 AS TEXT), ?3, ?4)")) {
            insert.setBytes(1, name.bytes());
            insert.setString(2, COLLATIONS_INDEX);
            insert.setInt(3, INDEX_ROOT);
            insert.setString(4, statement);
            insert.executeUpdate();
        }
        execute("PRAGMA writable_schema=RESET");
        Map<Integer, String> collations = new HashMap<>();
        try (Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery(
                        "SELECT cid, coll FROM pragma_index_xinfo('" + COLLATIONS_INDEX + "') WHERE \"key\"")) {
            while (rows.next()) {
                collations.put(rows.getInt(1), Schema.asciiUpperCase(rows.getString(2)));
            }
        }
        return collations;
    }

    /** What a row older than the columns has in them, by column name; columns without a default are not in it. */
    private Map<String, StoredValue> defaults(
            StoredValue.Text name,
            StoredValue.Text sql,
            List<Declared> declared,
            List<Integer> storage,
            Map<Integer, Integer> columnOf,
            List<IndexPart> key,
            boolean withoutRowid,
            OptionalInt alias)
            throws SQLException {
        Map<String, StoredValue> defaults = new LinkedHashMap<>();
        StringBuilder select = new StringBuilder();
        for (Declared column : declared) {
            Integer index = columnOf.get(column.cid);
            // The first position exists in every row. The rowid is not stored at all.
            if (index != null
                    && column.hasDefault
                    && index.intValue() != storage.get(0)
                    && (alias.isEmpty() || alias.getAsInt() != index)) {
                defaults.put(column.name, StoredValue.NULL);
                String quoted = quote(column.name);
                // As a blob: the bytes of a text in the database's encoding.
                select.append(select.length() == 0 ? "SELECT " : ", ")
                        .append(quoted)
                        .append(", CAST(")
                        .append(quoted)
                        .append(" AS BLOB)");
            }
        }
        if (defaults.isEmpty()) {
            return defaults;
        }
        if (withoutRowid) {
            load(name, sql, KEYED_ROOT);
            // To open the b-tree SQLite wants to know how it is ordered; to read its only row it does not ask.
            for (IndexPart part : key) {
                if (!KNOWN_COLLATIONS.contains(part.collation)) {
                    Collation.create(connection, part.collation, new Unordered());
                }
            }
        }
        // Not indexed: the indexes that belong to the statement have no pages here.
        select.append(" FROM main.")
                .append(quote(encoding.decode(name.bytes())))
                .append(" NOT INDEXED");
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(select.toString())) {
            if (!rows.next()) {
                throw new SQLException("the row that shows the defaults is not found");
            }
            int position = 1;
            for (Map.Entry<String, StoredValue> entry : defaults.entrySet()) {
                entry.setValue(value(rows, position));
                position += 2;
            }
        }
        return defaults;
    }

    private static final class Unordered extends Collation {
        @Override
        protected int xCompare(String left, String right) {
            throw new IllegalStateException("a table of one row needs no order");
        }
    }

    private StoredValue value(ResultSet rows, int position) throws SQLException {
        Object value = rows.getObject(position);
        if (value instanceof Integer || value instanceof Long) {
            return new StoredValue.Int(((Number) value).longValue());
        } else if (value instanceof Double number) {
            return new StoredValue.Real(number);
        } else if (value instanceof String) {
            return new StoredValue.Text(rows.getBytes(position + 1), encoding);
        } else if (value instanceof byte[] bytes) {
            return new StoredValue.Blob(bytes);
        }
        return StoredValue.NULL;
    }

    /** Makes the statement the only one in sqlite_schema. It is read when the next query needs it, and its faults show then. */
    private void load(StoredValue.Text name, StoredValue.Text sql, int rootPage) throws SQLException {
        execute("PRAGMA writable_schema=ON");
        execute("DELETE FROM sqlite_schema");
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO sqlite_schema VALUES('table', CAST(?1 AS TEXT), CAST(?1 AS TEXT), ?2, CAST(?3 AS TEXT))")) {
            insert.setBytes(1, name.bytes());
            insert.setInt(2, rootPage);
            insert.setBytes(3, sql.bytes());
            insert.executeUpdate();
        }
        // Also forgets the schema read before. With the schema writable, faults would pass in silence.
        execute("PRAGMA writable_schema=RESET");
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private PreparedStatement query(String sql, StoredValue.Text name) throws SQLException {
        PreparedStatement query = connection.prepareStatement(sql);
        query.setBytes(1, name.bytes());
        return query;
    }

    private String version() {
        try {
            return "SQLite " + connection.getMetaData().getDatabaseProductVersion();
        } catch (SQLException e) {
            return "SQLite";
        }
    }

    private static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
