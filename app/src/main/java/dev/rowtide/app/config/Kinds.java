package dev.rowtide.app.config;

import dev.rowtide.app.config.SingleKind.Mistake;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds of single values that options have. */
final class Kinds {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,12})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(B|KB|MB|GB)?");
    private static final long KILO = 1024;

    private Kinds() {}

    /** Any text of one to {@code maxLength} characters. */
    static SingleKind<String> text(String allowed, int maxLength) {
        return text(allowed, maxLength, false);
    }

    /** A text that is never repeated in problems. */
    static SingleKind<String> secret(String allowed, int maxLength) {
        return text(allowed, maxLength, true);
    }

    private static SingleKind<String> text(String allowed, int maxLength, boolean secret) {
        return new SingleKind<>(
                allowed,
                secret,
                text -> {
                    if (text.isEmpty()) {
                        throw new Mistake("is empty");
                    }
                    if (text.length() > maxLength) {
                        throw new Mistake("has " + text.length() + " characters, more than " + maxLength);
                    }
                    return text;
                },
                Function.identity());
    }

    /** A text of a certain form. */
    static SingleKind<String> matching(String allowed, Pattern form) {
        return new SingleKind<>(
                allowed,
                false,
                text -> {
                    if (!form.matcher(text).matches()) {
                        throw new Mistake("does not have the right form");
                    }
                    return text;
                },
                Function.identity());
    }

    /** A whole number within a range, both ends included. */
    static SingleKind<Integer> integer(int min, int max) {
        return new SingleKind<>(
                "a whole number from " + min + " to " + max,
                false,
                text -> {
                    if (!text.matches("-?[0-9]{1,18}")) {
                        throw new Mistake("is not a whole number");
                    }
                    return Math.toIntExact(inRange(Long.parseLong(text), min, max));
                },
                value -> Integer.toString(value));
    }

    /** A number of bytes within a range, both ends included: {@code 64KB}; without a unit, bytes. */
    static SingleKind<Long> size(long min, long max) {
        return new SingleKind<>(
                "a size from " + writeSize(min) + " to " + writeSize(max),
                false,
                text -> {
                    Matcher matcher = SIZE.matcher(text.toUpperCase(Locale.ROOT));
                    if (!matcher.matches()) {
                        throw new Mistake("is not a size such as 64KB or 16MB");
                    }
                    String unit = matcher.group(2) == null ? "B" : matcher.group(2);
                    long factor = switch (unit) {
                        case "KB" -> KILO;
                        case "MB" -> KILO * KILO;
                        case "GB" -> KILO * KILO * KILO;
                        default -> 1;
                    };
                    // Twelve digits times 2^30 still fit into a long's range only below 2^33 GB: compare before
                    // multiplying.
                    long count = Long.parseLong(matcher.group(1));
                    return count > max / factor ? inRange(Long.MAX_VALUE, min, max) : inRange(count * factor, min, max);
                },
                Kinds::writeSize);
    }

    /** A span of time within a range, both ends included: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h}. */
    static SingleKind<Duration> duration(Duration min, Duration max) {
        return new SingleKind<>(
                "a duration from " + writeDuration(min) + " to " + writeDuration(max),
                false,
                text -> {
                    Matcher matcher = DURATION.matcher(text);
                    if (!matcher.matches()) {
                        throw new Mistake("is not a duration such as 500ms, 30s, 5m or 1h");
                    }
                    long millis = Long.parseLong(matcher.group(1))
                            * switch (matcher.group(2)) {
                                case "ms" -> 1;
                                case "s" -> 1_000;
                                case "m" -> 60_000;
                                default -> 3_600_000;
                            };
                    return Duration.ofMillis(inRange(millis, min.toMillis(), max.toMillis()));
                },
                Kinds::writeDuration);
    }

    /** {@code true} or {@code false}, and none of YAML's other spellings. */
    static SingleKind<Boolean> bool() {
        return new SingleKind<>(
                "true or false",
                false,
                text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new Mistake("is neither true nor false");
                },
                value -> Boolean.toString(value));
    }

    /** One of {@code values}, by lower-case name. */
    static <E extends Enum<E>> SingleKind<E> oneOf(List<E> values) {
        String names = values.stream().map(Kinds::name).collect(Collectors.joining(", "));
        return new SingleKind<>(
                "one of " + names,
                false,
                text -> {
                    for (E value : values) {
                        if (name(value).equals(text)) {
                            return value;
                        }
                    }
                    throw new Mistake(Spelling.nearest(
                                    text, values.stream().map(Kinds::name).toList())
                            .map(near -> "is not known (did you mean '" + near + "'?)")
                            .orElse("is not known"));
                },
                Kinds::name);
    }

    /** One of all constants of an enum. */
    static <E extends Enum<E>> SingleKind<E> oneOf(Class<E> type) {
        return oneOf(Arrays.asList(type.getEnumConstants()));
    }

    /** A path in the file system, relative to where the process was started. */
    static SingleKind<Path> path() {
        return new SingleKind<>(
                "a path",
                false,
                text -> {
                    try {
                        return Path.of(text);
                    } catch (InvalidPathException e) {
                        throw new Mistake("is not a path: " + e.getReason());
                    }
                },
                Path::toString);
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static long inRange(long value, long min, long max) throws Mistake {
        if (value < min) {
            throw new Mistake("is too small");
        }
        if (value > max) {
            throw new Mistake("is too large");
        }
        return value;
    }

    private static String writeSize(long bytes) {
        for (String unit : List.of("GB", "MB", "KB")) {
            long factor = switch (unit) {
                case "GB" -> KILO * KILO * KILO;
                case "MB" -> KILO * KILO;
                default -> KILO;
            };
            if (bytes >= factor && bytes % factor == 0) {
                return bytes / factor + unit;
            }
        }
        return bytes + "B";
    }

    private static String writeDuration(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        return millis % 60_000 == 0 && millis > 0 ? millis / 60_000 + "m" : millis / 1_000 + "s";
    }
}
