package dev.rowtide.sqlite.log;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteOpenMode;

/** Opens connections that never create a database, and never checkpoint by themselves. */
final class SqliteConnections {
    private SqliteConnections() {}

    static Connection open(Path database, Duration busyTimeout) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setOpenMode(SQLiteOpenMode.READWRITE);
        config.setBusyTimeout((int) Math.min(Integer.MAX_VALUE, busyTimeout.toMillis()));
        Connection connection = config.createConnection("jdbc:sqlite:" + uri(database));
        try {
            // A checkpoint at our own commit or close would run on the wrong thread.
            execute(connection, "PRAGMA wal_autocheckpoint=0");
        } catch (SQLException e) {
            closeAfter(connection, e);
            throw e;
        }
        return connection;
    }

    /** As a URI, so that a question mark in a file name does not begin the driver's parameters. */
    private static String uri(Path database) {
        StringBuilder uri = new StringBuilder("file:");
        String path = database.toAbsolutePath().toString().replace('\\', '/');
        if (!path.startsWith("/")) {
            uri.append("///");
        }
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c > ' ' && c < 127 && c != '%' && c != '?' && c != '#') {
                uri.append(c);
            } else {
                uri.append(String.format("%%%02x", b & 0xff));
            }
        }
        return uri.toString();
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        }
    }

    static void closeAfter(Connection connection, Exception cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** The primary result code: extended codes carry it in their low byte. */
    static boolean is(SQLException e, SQLiteErrorCode code) {
        return e instanceof SQLiteException sqlite && (sqlite.getResultCode().code & 0xff) == code.code;
    }

    static boolean busy(SQLException e) {
        return is(e, SQLiteErrorCode.SQLITE_BUSY) || is(e, SQLiteErrorCode.SQLITE_LOCKED);
    }
}
