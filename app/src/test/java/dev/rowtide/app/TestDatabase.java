package dev.rowtide.app;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of a real PostgreSQL, which is shared by all tests and ends with the JVM. */
public final class TestDatabase {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static volatile EmbeddedPostgres server;

    private final String name = "app" + NAMES.incrementAndGet();

    private TestDatabase() {}

    /** A fresh one with these tables. */
    public static TestDatabase with(String... sql) {
        TestDatabase database = new TestDatabase();
        executeIn("postgres", "CREATE DATABASE " + database.name);
        database.execute(sql);
        return database;
    }

    /** Each string is a transaction of its own. */
    public void execute(String... sql) {
        executeIn(name, sql);
    }

    /** A name for slot and publication that no other test has: they are the server's, not the database's. */
    public String name() {
        return name;
    }

    /** Its address, with a password that nobody asks for but that must be seen nowhere. */
    public String url() {
        return "postgres://postgres:hidden-password@127.0.0.1:" + server().getPort() + '/' + name;
    }

    private static void executeIn(String database, String... sql) {
        try (Connection connection = server().getDatabase("postgres", database).getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized EmbeddedPostgres server() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("wal_level", "logical")
                        .setServerConfig("max_replication_slots", "200")
                        .setServerConfig("max_wal_senders", "200")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return server;
    }
}
