package dev.rowtide.sqlite.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A database written by SQLite, and closed before its pages are read. */
public final class TestDatabase {
    private TestDatabase() {}

    /** What to do with an open database. */
    @FunctionalInterface
    public interface Work {
        void with(Connection connection) throws SQLException;
    }

    public static FilePages write(Path file, Work work) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            execute(connection, "PRAGMA synchronous=OFF");
            work.with(connection);
        }
        return FilePages.read(file);
    }

    public static FilePages write(Path file, String... statements) throws SQLException, IOException {
        return write(file, connection -> execute(connection, statements));
    }

    /** An empty database of that layout; a library can set the reserved bytes only through its C interface. */
    public static void create(Path file, int pageSize, TextEncoding encoding, int reserved)
            throws SQLException, IOException {
        write(file, "PRAGMA page_size=" + pageSize, "PRAGMA user_version=1");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        bytes.put(20, (byte) reserved).putInt(56, encoding.ordinal() + 1);
        // Where the cells of page 1, which has none yet, begin.
        bytes.putShort(105, (short) (pageSize - reserved));
        Files.write(file, bytes.array());
    }

    public static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The root page of a table, as sqlite_schema's rows say. */
    public static int root(PageSource pages, String table) throws IOException {
        DatabaseHeader header = DatabaseHeader.parse(pages.page(1));
        BTreeCursor cursor = new BTreeCursor(pages, header.usableSize(), 1, true, BTreeCursor.NOTHING_SKIPPED);
        while (cursor.next()) {
            StoredValue[] row = cursor.cell().values(pages, header.usableSize(), header.encoding());
            if (row[0].equals(text("table", header.encoding())) && row[1].equals(text(table, header.encoding()))) {
                return Math.toIntExact(((StoredValue.Int) row[3]).value());
            }
        }
        throw new IllegalArgumentException("no table " + table);
    }

    public static StoredValue text(String text, TextEncoding encoding) {
        return new StoredValue.Text(
                text.getBytes(
                        switch (encoding) {
                            case UTF_8 -> java.nio.charset.StandardCharsets.UTF_8;
                            case UTF_16LE -> java.nio.charset.StandardCharsets.UTF_16LE;
                            case UTF_16BE -> java.nio.charset.StandardCharsets.UTF_16BE;
                        }),
                encoding);
    }
}
