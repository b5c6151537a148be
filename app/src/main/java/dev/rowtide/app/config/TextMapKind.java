package dev.rowtide.app.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A section whose keys are the user's own, each with one text. */
record TextMapKind(SingleKind<String> element) implements Kind<Map<String, String>> {

    @Override
    public @Nullable Map<String, String> read(ConfigTree given, String key, Problems problems) {
        if (given instanceof ConfigTree.Scalar scalar && scalar.isEmpty()) {
            return Map.of();
        }
        if (!(given instanceof ConfigTree.Section section)) {
            mismatch(given, key, problems);
            return null;
        }
        Map<String, String> map = new LinkedHashMap<>();
        for (ConfigTree.Entry entry : section.entries()) {
            String value = element.read(entry.value(), key + '.' + entry.key(), problems);
            if (value != null) {
                map.put(entry.key(), value);
            }
        }
        return Map.copyOf(map);
    }

    @Override
    public String allowed() {
        return "a section {name: text}";
    }

    @Override
    public String write(Map<String, String> value) {
        return value.toString();
    }

    @Override
    public @Nullable ConfigTree ofText(String text, Origin origin) {
        return null;
    }
}
