package dev.rowtide.app.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One option, everything that is said about it in one place.
 *
 * @param key its path in the file; {@code *} stands for a name that the user chooses, {@code []} for an element of a list
 * @param kind what its value may be
 * @param defaultValue what it is when nobody gives it; null if there is no such value
 * @param required whether it has to be given
 * @param description one sentence for the documentation, without a full stop
 * @param <T> the value's type
 */
record Option<T>(String key, Kind<T> kind, @Nullable T defaultValue, boolean required, String description) {

    /** An option that is {@code defaultValue} when nobody gives it. */
    static <T> Option<T> of(String key, Kind<T> kind, T defaultValue, String description) {
        return new Option<>(key, kind, defaultValue, false, description);
    }

    /** An option that may be left out, with what that means in its description. */
    static <T> Option<T> optional(String key, Kind<T> kind, String description) {
        return new Option<>(key, kind, null, false, description);
    }

    /** An option that has to be given wherever its section is. */
    static <T> Option<T> required(String key, Kind<T> kind, String description) {
        return new Option<>(key, kind, null, true, description);
    }

    /** Its path, part by part. */
    List<String> segments() {
        return List.of(key.replace("[]", ".[]").split("\\."));
    }

    /** The last part of its path. */
    String name() {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /** The environment variable that overrides it, or null if none can: there is no one value, or it is not one text. */
    @Nullable
    String variable() {
        boolean single = kind.ofText("", new Origin("", 0)) != null && !key.contains("*") && !key.contains("[]");
        return single
                ? "ROWTIDE_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_')
                : null;
    }

    /** Its row in docs/configuration.md. */
    String documentation() {
        String byDefault = required ? "**required**" : defaultValue == null ? "" : "`" + kind.write(defaultValue) + "`";
        return "| `" + key + "` | " + kind.allowed() + " | " + byDefault + " | " + description + " |";
    }
}
