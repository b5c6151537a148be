package dev.rowtide.cdc.postgres;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings of the session that reads the log which decide how values look as text, and the only values of them that {@link
 * PostgresTypes} reads. They must be set on the replication connection: {@code ALTER ROLE} and {@code ALTER DATABASE} can change each.
 *
 * <p>{@code lc_monetary} and {@code search_path} are not among them: they too are seen in values (money; the names of reg* types), but
 * what the database has by default is what {@code to_jsonb} gives to its other users.
 */
public final class SessionSettings {

    /** Name and value, in no particular order. */
    public static final Map<String, String> REQUIRED = required();

    private SessionSettings() {}

    private static Map<String, String> required() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("DateStyle", "ISO");
        settings.put("TimeZone", "UTC");
        settings.put("IntervalStyle", "postgres");
        settings.put("bytea_output", "hex");
        // 1 and above: the shortest digits that give the same number again.
        settings.put("extra_float_digits", "1");
        settings.put("quote_all_identifiers", "off");
        return Collections.unmodifiableMap(settings);
    }

    /**
     * The settings as the {@code options} parameter of a connection. pgjdbc sends DateStyle and TimeZone (the JVM's) by itself, and what
     * it sends wins: in a JVM that is not in UTC, {@link #statements} must follow.
     */
    public static String startupOptions() {
        StringBuilder options = new StringBuilder();
        REQUIRED.forEach((name, value) -> options.append(options.isEmpty() ? "-c " : " -c ")
                .append(name)
                .append('=')
                .append(value));
        return options.toString();
    }

    /** The settings as SQL, which a replication connection takes as well (with pgjdbc: {@code preferQueryMode=simple}). */
    public static String statements() {
        StringBuilder sql = new StringBuilder();
        REQUIRED.forEach((name, value) ->
                sql.append("SET ").append(name).append(" = '").append(value).append("'; "));
        return sql.toString().trim();
    }
}
