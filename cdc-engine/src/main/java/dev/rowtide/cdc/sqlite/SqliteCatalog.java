package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** What tables a database has. */
final class SqliteCatalog {
    /** Without views, virtual tables, the tables that these keep their data in, and SQLite's own. */
    private static final String TABLES =
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

    private SqliteCatalog() {}

    /** The tables whose rows have changes, sorted. */
    static List<TableName> tables(Connection connection) throws SQLException {
        List<TableName> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(TABLES)) {
            while (row.next()) {
                tables.add(new TableName(SqliteSource.SCHEMA, row.getString(1)));
            }
        }
        return tables;
    }
}
