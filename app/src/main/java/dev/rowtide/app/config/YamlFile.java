package dev.rowtide.app.config;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads a YAML file into a {@link ConfigTree}, with {@code ${NAME}} replaced by environment variables. The only class that knows the
 * YAML library.
 *
 * <p>Nodes and not a binding to records: of the bindings that were tried, one stops at the first mistake and the other knows no lines.
 */
final class YamlFile {
    /** Deeper than any sensible metadata; also what ends a file whose aliases contain themselves. */
    private static final int MAX_DEPTH = 20;

    private static final Pattern REFERENCE = Pattern.compile("\\$(\\$\\{)|\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");

    private final String place;
    private final Map<String, String> environment;
    private final Problems problems;
    private final Set<String> referenced = new HashSet<>();

    /**
     * @param place how problems call the file
     * @param environment what {@code ${NAME}} refers to
     */
    YamlFile(String place, Map<String, String> environment, Problems problems) {
        this.place = place;
        this.environment = environment;
        this.problems = problems;
    }

    /** The whole file; an empty section, with the problems noted, if it cannot be read. */
    ConfigTree.Section read(Path path) {
        try {
            return read(new StringReader(Files.readString(path)));
        } catch (NoSuchFileException e) {
            problems.add(new Origin(place, 0), "", "there is no such file");
        } catch (MalformedInputException e) {
            problems.add(new Origin(place, 0), "", "the file is not UTF-8 text");
        } catch (IOException e) {
            problems.add(new Origin(place, 0), "", "the file cannot be read: " + e.getMessage());
        }
        return empty();
    }

    private ConfigTree.Section read(Reader reader) {
        @Nullable Node root;
        try {
            root = new Yaml(new LoaderOptions()).compose(reader);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            problems.add(new Origin(place, line), "", "this is not YAML: " + e.getProblem());
            return empty();
        } catch (YAMLException e) {
            problems.add(new Origin(place, 0), "", "this is not YAML: " + e.getMessage());
            return empty();
        }
        if (root == null
                || (root instanceof ScalarNode scalar && scalar.getValue().isEmpty())) {
            return empty();
        }
        ConfigTree tree = convert(root, 0);
        if (tree instanceof ConfigTree.Section section) {
            return section;
        }
        problems.add(tree.origin(), "", "the file has to contain keys, such as 'port: 3001', but is " + tree.noun());
        return empty();
    }

    /** The variables that the file mentions, set or not. */
    Set<String> referenced() {
        return referenced;
    }

    private ConfigTree.Section empty() {
        return new ConfigTree.Section(List.of(), new Origin(place, 0));
    }

    private ConfigTree convert(Node node, int depth) {
        Origin origin = new Origin(place, node.getStartMark().getLine() + 1);
        if (depth > MAX_DEPTH) {
            problems.add(origin, "", "more than " + MAX_DEPTH + " levels of nesting");
            return new ConfigTree.Broken(origin);
        }
        if (node instanceof MappingNode mapping) {
            return section(mapping, origin, depth);
        }
        if (node instanceof SequenceNode sequence) {
            List<ConfigTree> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(convert(item, depth + 1));
            }
            return new ConfigTree.Items(items, origin);
        }
        ScalarNode scalar = (ScalarNode) node;
        boolean quoted = scalar.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN;
        String text = interpolate(scalar.getValue(), origin);
        return text == null ? new ConfigTree.Broken(origin) : new ConfigTree.Scalar(text, quoted, origin);
    }

    private ConfigTree.Section section(MappingNode mapping, Origin origin, int depth) {
        List<ConfigTree.Entry> entries = new ArrayList<>();
        Map<String, Integer> firstLines = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Origin keyOrigin =
                    new Origin(place, tuple.getKeyNode().getStartMark().getLine() + 1);
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                problems.add(keyOrigin, "", "a key has to be a single word");
                continue;
            }
            String key = keyNode.getValue();
            Integer firstLine = firstLines.putIfAbsent(key, keyOrigin.line());
            if (firstLine != null) {
                problems.add(keyOrigin, key, "this key is there twice, first in line " + firstLine);
                continue;
            }
            entries.add(new ConfigTree.Entry(key, keyOrigin, convert(tuple.getValueNode(), depth + 1)));
        }
        return new ConfigTree.Section(entries, origin);
    }

    /** The text with its references replaced; null, with the problem noted, if one of them is not set. */
    private @Nullable String interpolate(String text, Origin origin) {
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder result = new StringBuilder();
        boolean complete = true;
        while (matcher.find()) {
            String value;
            if (matcher.group(1) != null) {
                // $${ stands for ${ itself.
                value = matcher.group(1);
            } else {
                String name = matcher.group(2);
                referenced.add(name);
                value = environment.get(name);
                if (value == null) {
                    problems.add(origin, "", "${" + name + "} is not set in the environment");
                    complete = false;
                    value = "";
                }
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        matcher.appendTail(result);
        return complete ? result.toString() : null;
    }
}
