package dev.rowtide.app.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that were given, each with its origin; what is read later overrides what was read before. */
final class Settings {
    private final Map<String, Given> given = new HashMap<>();
    private final Map<String, List<Element>> elements = new HashMap<>();

    /** A value, or null for one that was given and is wrong. */
    private record Given(@Nullable Object value, Origin origin) {}

    /**
     * An element of a list, or a named section.
     *
     * @param name its name; empty in a list
     * @param path the path of its options without their names: {@code resources.post}, {@code auth.tokens[0]}
     */
    record Element(String name, String path, Origin origin) {}

    /** Takes a value for the option at {@code path}. */
    <T> void read(Option<T> option, String path, ConfigTree tree, Problems problems) {
        given.put(path, new Given(option.kind().read(tree, path, problems), tree.origin()));
    }

    /** There is a list at {@code path}, be it empty. */
    void addElements(String path) {
        elements.computeIfAbsent(path, key -> new ArrayList<>());
    }

    void addElement(String path, Element element) {
        elements.computeIfAbsent(path, key -> new ArrayList<>()).add(element);
    }

    /** The elements of the list or the named sections at {@code path}, in order. */
    List<Element> elements(String path) {
        return elements.getOrDefault(path, List.of());
    }

    /** Whether anybody gave that list, be it empty. */
    boolean hasElements(String path) {
        return elements.containsKey(path);
    }

    /** Whether anybody gave the option. */
    boolean has(Option<?> option) {
        return given.containsKey(option.key());
    }

    /** Whether anybody gave the option of an element. */
    boolean has(Option<?> option, Element element) {
        return given.containsKey(path(option, element));
    }

    /** Where the option was given; {@code otherwise} if nobody gave it. */
    Origin origin(Option<?> option, Origin otherwise) {
        Given found = given.get(option.key());
        return found == null ? otherwise : found.origin();
    }

    /** Where the option of an element was given; where the element begins if nobody gave it. */
    Origin origin(Option<?> option, Element element) {
        Given found = given.get(path(option, element));
        return found == null ? element.origin() : found.origin();
    }

    /** The value of an option that has a default. */
    <T> T get(Option<T> option) {
        T value = value(option, option.key());
        return value == null ? byDefault(option) : value;
    }

    /** The value of an option of an element that has a default. */
    <T> T get(Option<T> option, Element element) {
        T value = value(option, path(option, element));
        return value == null ? byDefault(option) : value;
    }

    /** The value of an option that may be left out, or null. */
    <T> @Nullable T find(Option<T> option) {
        return value(option, option.key());
    }

    /** The value of an option of an element that may be left out, or null. */
    <T> @Nullable T find(Option<T> option, Element element) {
        return value(option, path(option, element));
    }

    /** The value of an option that has to be given; null, with the problem noted, if it is not. */
    <T> @Nullable T require(Option<T> option, Origin origin, Problems problems) {
        return require(option, option.key(), origin, problems);
    }

    /** The same for an option of an element. */
    <T> @Nullable T require(Option<T> option, Element element, Problems problems) {
        return require(option, path(option, element), element.origin(), problems);
    }

    private <T> @Nullable T require(Option<T> option, String path, Origin origin, Problems problems) {
        if (!given.containsKey(path)) {
            String variable = option.variable();
            problems.add(
                    origin,
                    path,
                    "is missing. Allowed: " + option.kind().allowed()
                            + (variable == null ? "" : ", here, in " + variable + " or as --" + option.key()));
        }
        return value(option, path);
    }

    private static String path(Option<?> option, Element element) {
        return element.path() + '.' + option.name();
    }

    private static <T> T byDefault(Option<T> option) {
        T value = option.defaultValue();
        if (value == null) {
            throw new IllegalStateException(option.key() + " has no default");
        }
        return value;
    }

    // Only read() puts values here, under the path of the option of the same type.
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private <T> @Nullable T value(Option<T> option, String path) {
        Given found = given.get(path);
        return found == null ? null : (T) found.value();
    }
}
