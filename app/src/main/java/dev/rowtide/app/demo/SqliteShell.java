package dev.rowtide.app.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Runs one statement on a SQLite file and prints what comes of it: what {@code sqlite3} does, for machines that have none. */
public final class SqliteShell {
    private final SqliteFile file;
    private final PrintWriter out;

    /** Nothing is opened yet. */
    public SqliteShell(Path file, PrintWriter out) {
        this.file = new SqliteFile(file);
        this.out = out;
    }

    /**
     * Runs {@code sql}. Not in a thread that has to end soon: a statement takes as long as it takes.
     *
     * @param temporary where the driver may unpack SQLite's library; what it leaves there goes with the process
     * @throws IllegalArgumentException with a sentence, if there is no such file or {@code sql} is not one statement; nothing was done
     * @throws IOException with a sentence, if the statement failed
     */
    public void run(String sql, Path temporary) throws IOException {
        if (!Files.exists(file.path())) {
            throw new IllegalArgumentException("there is no file " + file.path() + ", and none is made");
        }
        if (!Files.isRegularFile(file.path())) {
            throw new IllegalArgumentException(file.path() + " is not a file");
        }
        if (SqlText.isBlank(sql)) {
            throw new IllegalArgumentException("there is no statement to run");
        }
        if (!SqlText.isOneStatement(sql)) {
            throw new IllegalArgumentException(
                    "there is more than one statement, of which SQLite would run only the first: give them one by one");
        }
        TemporaryFolder folder = TemporaryFolder.in(temporary, "sql");
        // Also if it is interrupted; a library that is in use does not need its name.
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(folder::close, "remove-" + folder.path().getFileName()));
        SqliteFile.unpackDriverTo(folder.path());
        try (Connection connection = file.connect();
                Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    print(rows);
                }
            } else {
                int changed = Math.max(0, statement.getUpdateCount());
                out.println(changed == 1 ? "1 row changed" : changed + " rows changed");
            }
        } catch (SQLException e) {
            throw new IOException(file.explain(e), e);
        }
    }

    private void print(ResultSet rows) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            names.add(columns.getColumnLabel(i));
        }
        TextTable table = new TextTable(names, out);
        while (rows.next()) {
            List<String> cells = new ArrayList<>();
            for (int i = 1; i <= names.size(); i++) {
                cells.add(cell(rows, i));
            }
            table.add(cells);
        }
        table.finish();
    }

    /** As SQLite itself writes the value, BLOBs as its literals. */
    private static String cell(ResultSet row, int column) throws SQLException {
        if (row.getObject(column) instanceof byte[] bytes) {
            return "x'" + HexFormat.of().formatHex(bytes) + "'";
        }
        String text = row.getString(column);
        return text == null ? "NULL" : text;
    }
}
