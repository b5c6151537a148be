package dev.rowtide.cdc.postgres;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One file of {@code src/test/resources/types}; its README.md has the format.
 *
 * @param name the file's name without its ending
 * @param setup statements to run before, in order; files can share a database
 * @param values the values
 */
public record TypeFixture(String name, List<String> setup, List<Value> values) {

    /**
     * @param file where it stands
     * @param line where it stands, from 1
     * @param type the SQL type
     * @param expression an SQL expression of that type, or a literal
     * @param json what must come out
     * @param asToJsonb whether {@code to_jsonb} says the same; if not, it fails or differs
     */
    public record Value(String file, int line, String type, String expression, String json, boolean asToJsonb) {

        /** The value as an SQL expression. */
        public String sql() {
            return "CAST(" + expression + " AS " + type + ")";
        }

        @Override
        public String toString() {
            return file + ":" + line + "  " + type + " | " + expression;
        }
    }

    public static List<TypeFixture> all() {
        try (Stream<Path> files = Files.list(Path.of(
                Objects.requireNonNull(TypeFixture.class.getResource("/types")).toURI()))) {
            return files.filter(file -> file.toString().endsWith(".sql"))
                    .sorted()
                    .map(TypeFixture::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TypeFixture read(Path file) {
        String name = file.getFileName().toString();
        List<String> setup = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).trim();
            if (line.isEmpty() || line.startsWith("--")) {
                continue;
            }
            if (line.endsWith(";")) {
                setup.add(line.substring(0, line.length() - 1));
                continue;
            }
            int bar = outsideQuotes(line, " | ", 0);
            int arrow = Math.max(outsideQuotes(line, " -> ", bar), outsideQuotes(line, " => ", bar));
            if (bar < 0 || arrow < 0) {
                throw new IllegalStateException(name + ":" + (i + 1) + " is neither a statement nor a value: " + line);
            }
            values.add(new Value(
                    name,
                    i + 1,
                    line.substring(0, bar),
                    line.substring(bar + 3, arrow),
                    line.substring(arrow + 4),
                    line.charAt(arrow + 1) == '-'));
        }
        return new TypeFixture(name.substring(0, name.lastIndexOf('.')), setup, values);
    }

    /** The first place of {@code what} that is not inside single quotes, or -1. */
    private static int outsideQuotes(String line, String what, int from) {
        boolean quoted = false;
        for (int i = Math.max(from, 0); i < line.length(); i++) {
            if (line.charAt(i) == '\'') {
                quoted = !quoted;
            } else if (!quoted && line.startsWith(what, i)) {
                return i;
            }
        }
        return -1;
    }
}
