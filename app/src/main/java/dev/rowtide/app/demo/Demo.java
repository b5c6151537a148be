package dev.rowtide.app.demo;

import dev.rowtide.app.Bridge;
import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigException;
import dev.rowtide.app.config.ConfigLoader;
import dev.rowtide.feed.SourceHealth;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A shop, the bridge on its database, and somebody who works there: everything in one temporary folder, which is gone afterwards.
 *
 * <p>{@link #close} may come from another thread at any time. It waits for what {@link #open} is doing, some hundred milliseconds, so that nobody makes files in a folder that is
 * being removed.
 */
public final class Demo implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration GLANCE = Duration.ofMillis(20);

    /** The bridge cannot listen; the message is its sentence. */
    public static final class CannotListenException extends IOException {
        private static final long serialVersionUID = 1L;

        CannotListenException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private final Path temporary;
    private final String port;
    private final Clock clock;
    private @Nullable TemporaryFolder folder;
    private @Nullable Bridge bridge;
    private @Nullable Shopkeeper shopkeeper;
    private boolean closed;

    /**
     * Nothing is made yet.
     *
     * @param temporary where the folder will be
     * @param port as the option {@code port}
     */
    public Demo(Path temporary, String port, Clock clock) {
        this.temporary = temporary;
        this.port = port;
        this.clock = clock;
    }

    /**
     * Makes the shop, starts the bridge, and lets somebody work in the shop.
     *
     * @return the shop's database
     * @throws ConfigException if the port is none
     * @throws CannotListenException if the port is taken
     * @throws IOException with a sentence, if there is no room for it
     */
    public synchronized Path open() throws ConfigException, IOException, InterruptedException {
        if (closed) {
            throw new IllegalStateException("the demo is over");
        }
        TemporaryFolder newFolder = TemporaryFolder.in(temporary, "demo");
        folder = newFolder;
        // Before anything uses the driver; the bridge leaves it where it is.
        SqliteFile.unpackDriverTo(newFolder.path());
        SqliteFile database = new SqliteFile(newFolder.path().resolve("shop.db"));
        AppConfig config = new ConfigLoader(Map.of())
                .load(
                        null,
                        Map.of(
                                "database",
                                "sqlite:" + database.path(),
                                "data-dir",
                                newFolder.path().resolve("data").toString(),
                                "port",
                                port));
        // Side by side: putting the bridge together loads classes for as long as the shop takes.
        FutureTask<Void> founding = new FutureTask<>(() -> {
            try (Connection connection = database.create()) {
                new Shop(connection, new SplittableRandom()).found(clock.instant());
            }
            return null;
        });
        new Thread(founding, "demo-founder").start();
        Bridge newBridge;
        try {
            newBridge = new Bridge(config);
            bridge = newBridge;
        } finally {
            await(founding, database);
        }
        try {
            newBridge.start();
        } catch (IOException e) {
            throw new CannotListenException(e);
        }
        // At once, though nobody sees the first of it: it brings the record by which the bridge knows that changes
        // flow.
        shopkeeper = new Shopkeeper(database, clock, new SplittableRandom());
        shopkeeper.start();
        return database.path();
    }

    private static void await(FutureTask<Void> founding, SqliteFile database) throws IOException, InterruptedException {
        try {
            founding.get();
        } catch (ExecutionException e) {
            String why =
                    e.getCause() instanceof SQLException sql ? database.explain(sql) : String.valueOf(e.getCause());
            throw new IOException("the shop cannot be made in " + database.path() + ": " + why, e);
        }
    }

    /** The port that the bridge listens on. Once {@link #open} is through. */
    public synchronized int port() {
        if (bridge == null) {
            throw new IllegalStateException("the demo is not open");
        }
        return bridge.port();
    }

    /**
     * Waits until changes flow, a second or two after {@link #open}.
     *
     * @return how the bridge is doing; if it is not ready, then its sentence says why not
     */
    public SourceHealth awaitChanges() throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            SourceHealth health = health();
            boolean settled = switch (health.state()) {
                case FLOWING, FAILED, STOPPED -> true;
                case STARTING, RETRYING -> false;
            };
            if (settled || System.nanoTime() - deadline > 0) {
                return health;
            }
            Thread.sleep(GLANCE.toMillis());
        }
    }

    /** A statement that changes a row in a way that shows, each time it is run. */
    public static String exampleUpdate() {
        return Shop.EXAMPLE_UPDATE;
    }

    /** Ends everything and removes the folder; takes a second or two. Can be called again. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // Who writes, then who reads, then what they worked on.
        if (shopkeeper != null) {
            shopkeeper.close();
        }
        if (bridge != null) {
            bridge.close();
        }
        if (folder != null) {
            folder.close();
        }
    }

    private synchronized SourceHealth health() {
        if (bridge == null) {
            throw new IllegalStateException("the demo is not open");
        }
        return bridge.health();
    }
}
