package dev.rowtide.bench;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Named numbers, as one process tells them another: {@code rows=300000 seconds=1.25}. */
record Figures(Map<String, Double> values) {
    static final Figures NONE = new Figures(Map.of());

    static Figures of(String name, double value) {
        return new Figures(Map.of(name, value));
    }

    Figures with(String name, double value) {
        Map<String, Double> more = new TreeMap<>(values);
        more.put(name, value);
        return new Figures(more);
    }

    double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("no '" + name + "' among " + values);
        }
        return value;
    }

    static Figures parse(String text) {
        Map<String, Double> values = new TreeMap<>();
        for (String word : text.trim().split(" +")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), Double.parseDouble(word.substring(equals + 1)));
            }
        }
        return new Figures(values);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> text.append(String.format(Locale.ROOT, " %s=%s", name, value)));
        return text.toString().trim();
    }
}
