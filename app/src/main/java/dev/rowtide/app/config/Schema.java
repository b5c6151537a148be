package dev.rowtide.app.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The catalog of options as the tree that a file has to follow.
 *
 * <p>A node is an option, a section with known keys, a section with any keys (one child {@code *}) or a list of sections (one
 * child {@code []}).
 */
final class Schema {
    private static final String ANY_KEY = "*";
    private static final String ELEMENT = "[]";

    private final Map<String, Schema> children = new LinkedHashMap<>();
    private @Nullable Option<?> option;

    private Schema() {}

    static Schema of(List<Option<?>> options) {
        Schema root = new Schema();
        for (Option<?> option : options) {
            Schema node = root;
            for (String segment : option.segments()) {
                node = node.children.computeIfAbsent(segment, name -> new Schema());
            }
            node.option = option;
        }
        return root;
    }

    /** Takes everything that {@code tree} gives into {@code settings}. */
    void read(ConfigTree.Section tree, Settings settings, Problems problems) {
        readSection(tree, "", this, settings, problems);
    }

    private static void read(
            ConfigTree given, String path, Schema schema, Schema root, Settings settings, Problems problems) {
        if (schema.option != null) {
            settings.read(schema.option, path, given, problems);
            return;
        }
        Schema element = schema.children.get(ELEMENT);
        boolean isEmpty = given instanceof ConfigTree.Scalar scalar && scalar.isEmpty();
        if (element != null && (isEmpty || given instanceof ConfigTree.Items)) {
            settings.addElements(path);
        }
        if (isEmpty) {
            // A section whose lines are all commented out.
            return;
        }
        if (element != null && given instanceof ConfigTree.Items items) {
            int index = 0;
            for (ConfigTree item : items.items()) {
                String itemPath = path + '[' + index++ + ']';
                if (item instanceof ConfigTree.Section section) {
                    settings.addElement(path, new Settings.Element("", itemPath, item.origin()));
                    element.readSection(section, itemPath, root, settings, problems);
                } else if (!(item instanceof ConfigTree.Broken)) {
                    problems.add(
                            item.origin(),
                            itemPath,
                            "is " + item.noun() + ". Allowed: a section with the keys " + element.names());
                }
            }
        } else if (element == null && given instanceof ConfigTree.Section section) {
            schema.readSection(section, path, root, settings, problems);
        } else if (!(given instanceof ConfigTree.Broken)) {
            String allowed = element != null
                    ? "a list of sections with the keys " + element.names()
                    : schema.children.containsKey(ANY_KEY)
                            ? "a section with a name for each element"
                            : "a section with the keys " + schema.names();
            problems.add(given.origin(), path, "is " + given.noun() + ". Allowed: " + allowed);
        }
    }

    private void readSection(
            ConfigTree.Section section, String path, Schema root, Settings settings, Problems problems) {
        Schema any = children.get(ANY_KEY);
        for (ConfigTree.Entry entry : section.entries()) {
            String entryPath = path.isEmpty() ? entry.key() : path + '.' + entry.key();
            Schema child = any != null ? any : children.get(entry.key());
            if (child == null) {
                problems.add(entry.origin(), entryPath, "there is no such key. " + hint(entry.key(), root));
                continue;
            }
            if (any != null) {
                settings.addElement(path, new Settings.Element(entry.key(), entryPath, entry.origin()));
            }
            read(entry.value(), entryPath, child, root, settings, problems);
        }
    }

    private String hint(String key, Schema root) {
        Optional<String> near = Spelling.nearest(key, children.keySet());
        if (near.isPresent()) {
            return "Did you mean '" + near.get() + "'?";
        }
        return root.find(key, "")
                .map(path -> "It belongs elsewhere: '" + path + "'")
                .orElseGet(() -> "Allowed here: " + names());
    }

    /** The path of an option of that name anywhere below. */
    private Optional<String> find(String name, String path) {
        for (Map.Entry<String, Schema> child : children.entrySet()) {
            String childPath = path.isEmpty()
                    ? child.getKey()
                    : path + (child.getKey().equals(ELEMENT) ? "" : ".") + child.getKey();
            if (child.getKey().equals(name)) {
                return Optional.of(childPath);
            }
            Optional<String> deeper = child.getValue().find(name, childPath);
            if (deeper.isPresent()) {
                return deeper;
            }
        }
        return Optional.empty();
    }

    private String names() {
        return String.join(", ", children.keySet());
    }
}
