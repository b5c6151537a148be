package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.RowShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The shapes that rows of resources have, as the catalog has them now. For one thread. */
final class CatalogShapes {
    private final ColumnTypes types = new ColumnTypes();

    /** By public name, one for each resource; without columns if there is no such table. */
    Map<String, RowShape> read(Connection connection, List<ResourceConfig> resources) throws SQLException {
        List<String> schemas =
                resources.stream().map(r -> r.table().schema()).distinct().toList();
        var columns = PostgresCatalog.columns(connection, schemas);
        Map<String, RowShape> shapes = new TreeMap<>();
        for (ResourceConfig resource : resources) {
            List<String> names = new ArrayList<>();
            List<ColumnType> columnTypes = new ArrayList<>();
            for (PostgresCatalog.Column column : columns.getOrDefault(resource.table(), List.of())) {
                if (!resource.excludedColumns().contains(column.name())) {
                    names.add(column.name());
                    columnTypes.add(types.of(connection, column.type()));
                }
            }
            shapes.put(resource.name(), new RowShape(names, columnTypes));
        }
        return shapes;
    }
}
