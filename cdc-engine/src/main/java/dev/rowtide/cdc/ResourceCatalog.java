package dev.rowtide.cdc;

import dev.rowtide.feed.RowShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The resources that exist. Thread-safe: read by anyone, replaced by the supervisor when tables come and go, added to by a decoder that meets a new one. */
public final class ResourceCatalog {
    private volatile Map<TableName, ResourceConfig> byTable = Map.of();
    private volatile Map<String, ResourceConfig> byName = Map.of();
    private volatile Map<String, RowShape> shapes = Map.of();
    private volatile ShapeListener listener = (resource, shape) -> {};

    /**
     * Replaces all of them.
     *
     * @throws SourceFailure if two have the same name, or one table is two resources
     */
    public synchronized void replace(List<ResourceConfig> resources) throws SourceFailure {
        Map<TableName, ResourceConfig> tables = new TreeMap<>();
        Map<String, ResourceConfig> names = new TreeMap<>();
        for (ResourceConfig resource : resources) {
            ResourceConfig sameName = names.put(resource.name(), resource);
            if (sameName != null) {
                throw SourceFailure.permanent(
                        "tables " + sameName.table() + " and " + resource.table() + " would both be the resource '"
                                + resource.name() + "': name them in the configuration's resources");
            }
            ResourceConfig sameTable = tables.put(resource.table(), resource);
            if (sameTable != null) {
                throw SourceFailure.permanent("table " + resource.table() + " is both the resource '" + sameTable.name()
                        + "' and '" + resource.name() + "': keep one of them");
            }
        }
        byTable = tables;
        byName = names;
    }

    /**
     * Adds one.
     *
     * @throws SourceFailure if there is one of that name, or of that table, already
     */
    public synchronized void add(ResourceConfig resource) throws SourceFailure {
        List<ResourceConfig> all = new ArrayList<>(byTable.values());
        all.add(resource);
        replace(all);
    }

    /** Who is told of each shape that comes from now on. */
    public void listen(ShapeListener newListener) {
        listener = newListener;
    }

    /**
     * Says which columns the resources have, as of now. A shape that is as before stays the same object, and the listener is told of the others.
     *
     * @param now by public name; a resource that is not among them keeps what was said before
     */
    public synchronized void describe(Map<String, RowShape> now) {
        Map<String, RowShape> all = new TreeMap<>(shapes);
        all.keySet().retainAll(byName.keySet());
        Map<String, RowShape> changed = new TreeMap<>();
        now.forEach((name, shape) -> {
            if (!shape.equals(all.get(name))) {
                changed.put(name, shape);
            }
        });
        all.putAll(changed);
        shapes = all;
        changed.forEach(listener::described);
    }

    /** The columns that a resource has now, as far as somebody has looked; what comes from the log may be of an earlier shape, or of a later one. */
    public Optional<RowShape> shape(String name) {
        return byName.containsKey(name) ? Optional.ofNullable(shapes.get(name)) : Optional.empty();
    }

    /** The resource of a table, or null. */
    public @Nullable ResourceConfig ofTable(TableName table) {
        return byTable.get(table);
    }

    /** The resource of a public name, or null. */
    public @Nullable ResourceConfig ofName(String name) {
        return byName.get(name);
    }

    /** Whether a resource has that public name. */
    public boolean exists(String name) {
        return byName.containsKey(name);
    }

    /** All resources, sorted by public name. */
    public List<ResourceConfig> all() {
        return List.copyOf(byName.values());
    }

    /** All public names, sorted. */
    public List<String> names() {
        return List.copyOf(byName.keySet());
    }

    /** All tables, sorted. */
    public List<TableName> tables() {
        return byTable.keySet().stream().collect(Collectors.toUnmodifiableList());
    }
}
