package dev.rowtide.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The peer: a process that asks the triggers' log table for what is new, every millisecond. It deletes nothing, which a real one has to do now and then and which would cost the writers more.
 *
 * <p>Commands: {@code follow DATABASE [INSTANTS]}, {@code await ROWS}, {@code stop}.
 */
final class TriggerReader {
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int NEW_ID = 8;
    private static final int COLUMNS = 12;

    private @Nullable Reading reading;

    private TriggerReader() {}

    public static void main(String[] arguments) throws IOException {
        Commands.serve(new TriggerReader()::handle);
    }

    private Figures handle(String[] words) throws Exception {
        switch (words[0]) {
            case "follow" -> {
                reading = new Reading(Path.of(words[1]), words.length > 2 ? new Instants(Path.of(words[2])) : null);
                return Figures.NONE;
            }
            case "await" -> {
                return open().await(Long.parseLong(words[1]));
            }
            case "stop" -> {
                open().stop();
                reading = null;
                return Figures.NONE;
            }
            default -> throw new IllegalArgumentException("unknown: " + words[0]);
        }
    }

    private Reading open() {
        Reading open = reading;
        if (open == null) {
            throw new IllegalStateException("follow comes first");
        }
        return open;
    }

    private static final class Reading {
        private final Connection connection;
        private final @Nullable Instants received;
        private final Thread thread = new Thread(this::run, "trigger-reader");
        private final AtomicLong rows = new AtomicLong();
        private volatile long lastRowAt;
        private volatile boolean closed;
        private volatile @Nullable Exception failure;

        Reading(Path database, @Nullable Instants received) throws SQLException {
            this.received = received;
            SQLiteConfig config = new SQLiteConfig();
            config.setBusyTimeout(10_000);
            connection = config.createConnection("jdbc:sqlite:" + database);
            thread.start();
        }

        private void run() {
            try (PreparedStatement query =
                    connection.prepareStatement("SELECT * FROM event_log WHERE seq > ? ORDER BY seq LIMIT 10000")) {
                long seq = 0;
                while (!closed) {
                    query.setLong(1, seq);
                    int came = 0;
                    try (ResultSet row = query.executeQuery()) {
                        while (row.next()) {
                            seq = row.getLong(1);
                            for (int column = 2; column <= COLUMNS; column++) {
                                row.getObject(column);
                            }
                            long now = System.nanoTime();
                            if (received != null) {
                                received.set(row.getLong(NEW_ID), now);
                            }
                            lastRowAt = now;
                            came++;
                        }
                    }
                    rows.addAndGet(came);
                    if (came == 0) {
                        LockSupport.parkNanos(POLL_NANOS);
                    }
                }
            } catch (SQLException e) {
                e.printStackTrace();
                failure = e;
            }
        }

        Figures await(long wanted) throws Exception {
            while (rows.get() < wanted) {
                if (failure != null) {
                    throw failure;
                }
                TimeUnit.MILLISECONDS.sleep(1);
            }
            return Figures.of("rows", rows.get()).with("lastRowAt", lastRowAt);
        }

        void stop() throws Exception {
            closed = true;
            thread.join();
            connection.close();
        }
    }
}
