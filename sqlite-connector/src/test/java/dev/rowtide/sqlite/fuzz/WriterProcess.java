package dev.rowtide.sqlite.fuzz;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.sqlite.Collation;

/**
 * A process that has a database open and does to it what it is told on standard input, a command a line: {@code x} and a statement (in base64) to run it on the first connection, {@code
 * digest} and {@code rows} to read all tables on the second one, {@code open} and {@code close}. Answers a line: {@code +} or {@code -} and an error; lists end with {@code .}.
 */
final class WriterProcess {
    /** A collation that only users' programs have. Its keys are plain ASCII, so that every writer's is the same. */
    private static final Collation REVERSED = new Collation() {
        @Override
        protected int xCompare(String one, String other) {
            return other.compareTo(one);
        }
    };

    private final String database;
    private Connection connection;
    private Connection reader;
    private long schemaVersion = -1;
    private final Map<String, Shape> shapes = new HashMap<>();

    /** What is read of a table: its stored columns, as SQLite lists them. */
    private record Shape(List<String> columns, String select) {}

    private WriterProcess(String database) {
        this.database = database;
    }

    public static void main(String[] args) throws Exception {
        var process = new WriterProcess(args[0]);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            try {
                process.command(line, out);
            } catch (SQLException e) {
                out.write("- " + e.getMessage().replace('\n', ' ') + "\n");
            }
            out.flush();
        }
    }

    /** What {@code digest} and {@code rows} would answer for a database that this process has not opened otherwise. */
    static List<String> read(String database, boolean rows) throws SQLException {
        var process = new WriterProcess(database);
        process.reader = DriverManager.getConnection("jdbc:sqlite:" + database);
        Collation.create(process.reader, "mine", REVERSED);
        try {
            return process.tables(rows).lines().toList();
        } finally {
            process.reader.close();
        }
    }

    private void command(String line, BufferedWriter out) throws IOException, SQLException {
        if (line.startsWith("x ")) {
            run(new String(Base64.getDecoder().decode(line.substring(2)), StandardCharsets.UTF_8));
            out.write("+\n");
        } else if (line.equals("open")) {
            connection = DriverManager.getConnection("jdbc:sqlite:" + database);
            Collation.create(connection, "mine", REVERSED);
            reader = DriverManager.getConnection("jdbc:sqlite:" + database);
            Collation.create(reader, "mine", REVERSED);
            run("PRAGMA busy_timeout=20000");
            try (Statement statement = reader.createStatement()) {
                statement.execute("PRAGMA busy_timeout=20000");
                statement.execute("PRAGMA wal_autocheckpoint=0");
            }
            schemaVersion = -1;
            out.write("+\n");
        } else if (line.equals("close")) {
            if (connection != null) {
                reader.close();
                connection.close();
                connection = null;
            }
            out.write("+\n");
        } else if (line.equals("digest")) {
            out.write(tables(false) + ".\n");
        } else if (line.equals("rows")) {
            out.write(tables(true) + ".\n");
        } else {
            throw new IOException("unknown command " + line);
        }
    }

    private void run(String sql) throws SQLException {
        if (connection == null) {
            throw new SQLException("closed");
        }
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    while (rows.next()) {
                        rows.getObject(1);
                    }
                }
            }
        }
    }

    private String tables(boolean rows) throws SQLException {
        var text = new StringBuilder();
        try (Statement statement = reader.createStatement()) {
            statement.execute("BEGIN");
            try {
                long version = number(statement, "PRAGMA schema_version");
                if (version != schemaVersion) {
                    readShapes(statement);
                    schemaVersion = version;
                }
                for (var shape : shapes.entrySet()) {
                    text.append(table(statement, shape.getKey(), shape.getValue(), rows));
                }
            } finally {
                statement.execute("COMMIT");
            }
        }
        return text.toString();
    }

    private static String table(Statement statement, String name, Shape shape, boolean withRows) throws SQLException {
        var text = new StringBuilder();
        var digest = new TableDigest(shape.columns);
        var values = new String[shape.columns.size()];
        try (ResultSet rows = statement.executeQuery(shape.select)) {
            while (rows.next()) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = value(rows, 1 + 2 * i);
                }
                String row = TableDigest.row(values);
                digest.add(row);
                if (withRows) {
                    text.append("r ").append(row).append('\n');
                }
            }
        }
        return "t " + name + "\t" + digest + "\n" + text + progress(statement, name);
    }

    /** How far the writers are, in sum. */
    private static String progress(Statement statement, String table) throws SQLException {
        return table.equals(Workload.MARKER) ? "p " + number(statement, "SELECT total(n) FROM marker") + "\n" : "";
    }

    private static String value(ResultSet rows, int index) throws SQLException {
        String type = rows.getString(index);
        switch (type) {
            case "null":
                return ValueText.NULL;
            case "integer":
                return ValueText.integer(rows.getLong(index + 1));
            case "real":
                return ValueText.real(rows.getDouble(index + 1));
            default:
                byte[] bytes = rows.getBytes(index + 1);
                bytes = bytes == null ? new byte[0] : bytes;
                return type.equals("text") ? ValueText.text(bytes) : ValueText.blob(bytes);
        }
    }

    private void readShapes(Statement statement) throws SQLException {
        shapes.clear();
        var names = new ArrayList<String>();
        try (ResultSet rows = statement.executeQuery(
                "SELECT name FROM pragma_table_list WHERE schema='main' AND type='table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        for (String name : names) {
            var columns = new ArrayList<String>();
            // hidden 2 is a virtual generated column, which no page holds.
            try (ResultSet rows = statement.executeQuery("PRAGMA table_xinfo(" + quoted(name) + ")")) {
                while (rows.next()) {
                    if (rows.getInt("hidden") == 0 || rows.getInt("hidden") == 3) {
                        columns.add(rows.getString("name"));
                    }
                }
            }
            var select = new StringBuilder("SELECT ");
            for (String column : columns) {
                String c = quoted(column);
                select.append(select.length() > 7 ? "," : "")
                        .append("typeof(" + c + "), CASE typeof(" + c + ") WHEN 'text' THEN CAST(" + c
                                + " AS BLOB) ELSE " + c + " END");
            }
            select.append(" FROM ").append(quoted(name));
            shapes.put(name, new Shape(columns, select.toString()));
        }
    }

    static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
