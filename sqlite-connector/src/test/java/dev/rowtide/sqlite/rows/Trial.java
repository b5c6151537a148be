package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.sqlite.Collation;

/**
 * A real database beside a differ. After each transaction the events are replayed and the replica is compared with what SQL reads; a differ that was just started, one that is told
 * of all pages, and one that is told to skip nothing must give the same events in the same order; and no link may be missing.
 *
 * <p>The file is in rollback-journal mode, and read while SQLite holds no lock on it: so the locks that closing the file drops are none.
 */
final class Trial implements AutoCloseable {
    private final Path file;
    private final Predicate<String> wanted;
    private final Connection connection;
    private final Replica replica = new Replica();
    private PagesInMemory pages;
    private TransactionDiffer differ;
    private final List<String> statements = new ArrayList<>();
    private int lastReads;

    /** The content that was never told as events, of each table that was there at the start. */
    Trial(Path file, Predicate<String> wanted, String... setUp) throws Exception {
        this.file = file;
        this.wanted = wanted;
        this.connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Collation.create(connection, "BACKWARDS", new Collation() {
            @Override
            protected int xCompare(String left, String right) {
                return new StringBuilder(right).reverse().compareTo(new StringBuilder(left).reverse());
            }
        });
        run("PRAGMA synchronous=OFF");
        for (String sql : setUp) {
            run(sql);
        }
        run("CREATE TABLE IF NOT EXISTS \"a first table\"(x)");
        pages = new PagesInMemory(Files.readAllBytes(file));
        differ = new TransactionDiffer(pages, wanted);
        for (TableDefinition table : wantedTables()) {
            replica.schema(new SchemaChange(null, table));
        }
        for (TableDefinition table : wantedTables()) {
            TableReader reader = new TableReader(pages, differ.schema(), table);
            for (RowChange row = reader.next(); row != null; row = reader.next()) {
                replica.row(row);
            }
        }
        replica.takeEvents();
        assertThat(replica.content()).isEqualTo(content());
    }

    private List<TableDefinition> wantedTables() {
        return differ.schema().tables().stream()
                .filter(table -> wanted.test(table.name()))
                .toList();
    }

    static Trial of(Path directory, String... setUp) throws Exception {
        return new Trial(directory.resolve("test.db"), name -> true, setUp);
    }

    /** Runs it outside of any transaction; each statement that changes something is one. */
    void run(String sql) throws SQLException {
        statements.add(sql.length() > 300 ? sql.substring(0, 300) + "..." : sql);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Runs statements as one transaction, and gives its events. */
    List<String> commit(String... statements) throws Exception {
        run("BEGIN");
        for (String sql : statements) {
            run(sql);
        }
        run("COMMIT");
        return changes();
    }

    /** The events of what happened since the last call. */
    List<String> changes() throws Exception {
        return changes(false);
    }

    List<String> changes(boolean onlyComplete) throws Exception {
        PagesInMemory before = pages;
        pages = new PagesInMemory(Files.readAllBytes(file));
        boolean resized = before.pageSize() != pages.pageSize();
        int[] changed = pages.changedSince(before);
        Recorder complete = new Recorder();
        new TransactionDiffer(before, wanted).diff(before, pages, pages.allPages(), true, complete);
        if (onlyComplete || resized) {
            differ.diff(before, pages, pages.allPages(), true, replica);
        } else {
            before.forgetReads();
            pages.forgetReads();
            differ.diff(before, pages, changed, false, replica);
            lastReads = before.pagesRead() + pages.pagesRead();
        }
        List<String> events = replica.takeEvents();
        assertThat(complete.events).as("with nothing skipped").isEqualTo(events);
        differ.checkLinks(pages);
        if (!resized) {
            same(before, changed, events);
            same(before, pages.allPages(), events);
            TransactionDiffer silent = new TransactionDiffer(before, wanted);
            silent.diff(before, pages, changed, false, new Recorder());
            silent.checkLinks(pages);
            assertThat(silent.schema()).isEqualTo(differ.schema());
        }
        assertThat(replica.content()).isEqualTo(content());
        statements.clear();
        return events;
    }

    /** What ran since the last comparison. */
    List<String> lastStatements() {
        return statements;
    }

    /** The first column of a query. */
    List<String> column(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }

    /** How many pages of both states the last transaction cost. */
    int lastReads() {
        return lastReads;
    }

    PagesInMemory pages() {
        return pages;
    }

    Schema schema() {
        return differ.schema();
    }

    private void same(PagesInMemory before, int[] changed, List<String> events) throws Exception {
        TransactionDiffer fresh = new TransactionDiffer(before, wanted);
        Recorder recorder = new Recorder();
        fresh.diff(before, pages, changed, false, recorder);
        assertThat(recorder.events).as("started just before").isEqualTo(events);
        fresh.checkLinks(pages);
    }

    /** What SQL reads. */
    private Map<String, List<String>> content() throws SQLException, IOException {
        Map<String, List<String>> content = new TreeMap<>();
        for (TableDefinition table : Schema.read(pages).tables()) {
            if (wanted.test(table.name())) {
                content.put(table.name(), rows(table).stream().sorted().toList());
            }
        }
        return content;
    }

    private List<String> rows(TableDefinition table) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT 0");
        for (Column column : table.columns()) {
            String name = '"' + column.name().replace("\"", "\"\"") + '"';
            sql.append(", typeof(")
                    .append(name)
                    .append("), CASE typeof(")
                    .append(name)
                    .append(") WHEN 'text' THEN CAST(")
                    .append(name)
                    .append(" AS BLOB) ELSE ")
                    .append(name)
                    .append(" END");
        }
        sql.append(" FROM \"").append(table.name().replace("\"", "\"\"")).append("\" NOT INDEXED");
        List<String> rows = new ArrayList<>();
        TextEncoding encoding = differ.schema().header().encoding();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql.toString())) {
            while (result.next()) {
                StoredValue[] row = new StoredValue[table.columns().size()];
                for (int i = 0; i < row.length; i++) {
                    row[i] = value(result, 2 + 2 * i, encoding);
                }
                rows.add(Replica.text(row));
            }
        }
        return rows;
    }

    private static StoredValue value(ResultSet result, int type, TextEncoding encoding) throws SQLException {
        return switch (result.getString(type)) {
            case "integer" -> new StoredValue.Int(result.getLong(type + 1));
            case "real" -> new StoredValue.Real(result.getDouble(type + 1));
            case "text" -> new StoredValue.Text(bytes(result, type + 1), encoding);
            case "blob" -> new StoredValue.Blob(bytes(result, type + 1));
            default -> StoredValue.NULL;
        };
    }

    private static byte[] bytes(ResultSet result, int column) throws SQLException {
        byte[] bytes = result.getBytes(column);
        return bytes == null ? new byte[0] : bytes;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** Keeps events as text, and checks nothing. */
    static final class Recorder implements ChangeHandler {
        final List<String> events = new ArrayList<>();

        @Override
        public void schema(SchemaChange change) {
            TableDefinition before = change.before();
            TableDefinition after = change.after();
            events.add("schema " + (before == null ? "-" : before.name()) + " " + (after == null ? "-" : after.name()));
        }

        @Override
        public void row(RowChange change) {
            events.add("row " + change.table().name() + " " + change.kind() + " "
                    + (change.rowid().isPresent() ? change.rowid().getAsLong() : "-") + " "
                    + Replica.text(change.before()) + " -> " + Replica.text(change.after()));
        }
    }
}
