package dev.rowtide.app.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A list without repetition, in order; as one text its elements are separated by commas. */
record ListKind<T>(SingleKind<T> element) implements Kind<List<T>> {

    @Override
    public @Nullable List<T> read(ConfigTree given, String key, Problems problems) {
        if (given instanceof ConfigTree.Scalar scalar && scalar.isEmpty()) {
            return List.of();
        }
        if (!(given instanceof ConfigTree.Items items)) {
            mismatch(given, key, problems);
            return null;
        }
        Set<T> values = new LinkedHashSet<>();
        for (ConfigTree item : items.items()) {
            T value = element.read(item, key, problems);
            if (value != null && !values.add(value)) {
                problems.add(item.origin(), key, "the same value is there twice: " + element.write(value));
            }
        }
        return List.copyOf(values);
    }

    @Override
    public String allowed() {
        return "a list [a, b]; each element " + element.allowed();
    }

    @Override
    public String write(List<T> value) {
        return "[" + String.join(", ", value.stream().map(element::write).toList()) + "]";
    }

    @Override
    public ConfigTree ofText(String text, Origin origin) {
        List<ConfigTree> items = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            if (!item.isBlank()) {
                items.add(element.ofText(item.strip(), origin));
            }
        }
        return new ConfigTree.Items(items, origin);
    }
}
