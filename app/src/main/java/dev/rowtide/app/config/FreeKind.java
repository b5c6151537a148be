package dev.rowtide.app.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A section whose keys are the user's own, and whose values are any JSON. */
record FreeKind() implements Kind<Map<String, @Nullable Object>> {
    /** JSON's own grammar of numbers: YAML would also read 1_000, 0o17 and 12:30 as numbers. */
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");

    @Override
    public @Nullable Map<String, @Nullable Object> read(ConfigTree given, String key, Problems problems) {
        if (given instanceof ConfigTree.Scalar scalar && scalar.isEmpty()) {
            return Map.of();
        }
        if (!(given instanceof ConfigTree.Section section)) {
            mismatch(given, key, problems);
            return null;
        }
        return map(section);
    }

    @Override
    public String allowed() {
        return "a section {name: value}; values of any kind";
    }

    @Override
    public String write(Map<String, @Nullable Object> value) {
        return value.toString();
    }

    @Override
    public @Nullable ConfigTree ofText(String text, Origin origin) {
        return null;
    }

    static Map<String, @Nullable Object> map(ConfigTree.Section section) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (ConfigTree.Entry entry : section.entries()) {
            map.put(entry.key(), value(entry.value()));
        }
        return Collections.unmodifiableMap(map);
    }

    private static @Nullable Object value(ConfigTree tree) {
        if (tree instanceof ConfigTree.Section section) {
            return map(section);
        }
        if (tree instanceof ConfigTree.Items items) {
            List<@Nullable Object> list = new ArrayList<>();
            for (ConfigTree item : items.items()) {
                list.add(value(item));
            }
            return Collections.unmodifiableList(list);
        }
        return tree instanceof ConfigTree.Scalar scalar ? value(scalar) : null;
    }

    private static @Nullable Object value(ConfigTree.Scalar scalar) {
        if (scalar.quoted()) {
            return scalar.text();
        }
        if (scalar.isEmpty()) {
            return null;
        }
        if (scalar.text().equals("true") || scalar.text().equals("false")) {
            return Boolean.valueOf(scalar.text());
        }
        if (NUMBER.matcher(scalar.text()).matches()) {
            BigDecimal number = new BigDecimal(scalar.text());
            // Small whole numbers as what everybody expects; the others keep all their digits.
            boolean isInt = number.scale() == 0 && number.precision() <= 9;
            return isInt ? (Object) number.intValueExact() : number;
        }
        return scalar.text();
    }
}
