package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.JsonType;
import dev.rowtide.cdc.JsonType.Simple;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.ResourceConfig.Numbers;
import dev.rowtide.cdc.ResourceRows;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * What the rows of the resources look like, from the declared types. Outside of STRICT tables SQLite binds nobody to them: this is what a program stores that keeps to its own declarations.
 */
public final class SqliteRows {
    /** Virtual generated columns (2) and those of virtual tables (1) are not stored. An INTEGER PRIMARY KEY is the row's number and never null; one with an index of its own (that is written DESC, a quirk of SQLite's) is an ordinary column. */
    private static final String COLUMNS = """
            SELECT c.name, c.type, c."notnull",
                   c.pk = 1 AND upper(c.type) = 'INTEGER'
                     AND (SELECT count(*) FROM pragma_table_xinfo(?1) WHERE pk > 0) = 1
                     AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'),
                   coalesce((SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1), 0)
              FROM pragma_table_xinfo(?1) c
             WHERE c.hidden NOT IN (1, 2)
             ORDER BY c.cid""";

    private SqliteRows() {}

    /**
     * Opens a connection of its own and closes it; also in a process that follows the database.
     *
     * @return sorted by public name
     * @throws SourceFailure if the database cannot be read, or has no such table
     */
    public static List<ResourceRows> read(SqliteSource source) throws SourceFailure {
        try (Connection connection = source.address().connect()) {
            List<TableName> tables = SqliteCatalog.tables(connection);
            List<ResourceConfig> resources = source.allTables()
                    ? tables.stream()
                            .map(table -> ResourceConfig.ofTable(table, source.numbers()))
                            .toList()
                    : source.resources();
            List<ResourceRows> rows = new ArrayList<>();
            for (ResourceConfig resource : resources) {
                if (!tables.contains(resource.table())) {
                    throw SourceFailure.permanent(
                            "there is no table " + resource.table().table() + " for the resource '" + resource.name()
                                    + "': correct resources." + resource.name() + ".table");
                }
                rows.add(rows(connection, resource));
            }
            rows.sort(Comparator.comparing(ResourceRows::name));
            return rows;
        } catch (SQLException e) {
            throw SqliteFailures.explain(e, source.address());
        } catch (IllegalArgumentException e) {
            throw SourceFailure.permanent(String.valueOf(e.getMessage()), e);
        }
    }

    private static ResourceRows rows(Connection connection, ResourceConfig resource) throws SQLException {
        List<ResourceRows.Column> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
            statement.setString(1, resource.table().table());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(1);
                    if (!resource.excludedColumns().contains(name)) {
                        String declared = row.getString(2);
                        columns.add(new ResourceRows.Column(
                                name,
                                type(declared == null ? "" : declared, row.getBoolean(5), resource.numbers()),
                                !row.getBoolean(3) && !row.getBoolean(4)));
                    }
                }
            }
        }
        return new ResourceRows(resource.name(), columns);
    }

    private static JsonType type(String declared, boolean strict, Numbers numbers) {
        String affinity = StoredType.affinity(declared, strict);
        return switch (affinity) {
            case "integer" -> numbers == Numbers.STRING ? Simple.STRING : Simple.NUMBER;
            case "real" -> Simple.NUMBER;
            case "text" -> Simple.STRING;
            case "blob" -> declared.toUpperCase(Locale.ROOT).contains("BLOB") ? Simple.STRING : Simple.NUMBER_OR_STRING;
            default -> numeric(declared.toUpperCase(Locale.ROOT), numbers);
        };
    }

    /** What is no number there stays what it is: dates and documents are mostly texts. */
    private static JsonType numeric(String declared, Numbers numbers) {
        boolean meansNumbers = declared.contains("NUM") || declared.contains("DEC") || declared.contains("BOOL");
        // Whole ones would be strings, others not.
        return meansNumbers && numbers == Numbers.NUMBER ? Simple.NUMBER : Simple.NUMBER_OR_STRING;
    }
}
