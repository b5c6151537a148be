package dev.rowtide.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the connector calls itself in records and metrics. */
final class Module {
    /** Not {@code sqlite}, which Debezium's own connector uses. */
    static final String NAME = "sqlite-log";

    private static final String VERSION = readVersion();

    private Module() {}

    static String version() {
        return VERSION;
    }

    private static String readVersion() {
        try (InputStream in = Module.class.getResourceAsStream("connector.properties")) {
            if (in == null) {
                throw new IllegalStateException("connector.properties is missing from the connector's jar");
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
