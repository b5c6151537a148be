package dev.rowtide.sqlite.log;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs checkpoints on the thread {@code sqlite-checkpoint}, with a connection that belongs to that thread, so that copying and forcing to the disk delay neither the capture thread nor, as far as that goes, a
 * user's commit. It decides nothing: the capture thread asks for one checkpoint at a time. All methods but {@link #run} are for the capture thread.
 */
final class Checkpointer implements AutoCloseable, Runnable {
    /** How a checkpoint may treat others. */
    enum Kind {
        /** Waits for nobody, copies as far as the oldest mark allows. */
        PASSIVE,
        /** Makes the file of the log empty, if nobody uses it; gives up at once otherwise. */
        TRUNCATE
    }

    /**
     * What came of one.
     *
     * @param busy whether somebody else was checkpointing, or in the way
     * @param backfilled how many frames of the log are in the database now
     * @param failure SQLite's words if it failed, or null
     */
    record Result(
            Kind kind,
            boolean busy,
            int backfilled,
            @Nullable String failure) {}

    private final Path database;
    private final Thread thread;

    /** These are guarded by this. */
    private @Nullable Kind wanted;

    private @Nullable Result result;
    private boolean closing;

    private volatile boolean busy;
    private final AtomicLong done = new AtomicLong();
    private volatile @Nullable Throwable death;

    Checkpointer(Path database) {
        this.database = database;
        this.thread = new Thread(this, "sqlite-checkpoint");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whether a checkpoint is asked for or running. */
    boolean busy() {
        return busy;
    }

    /** Checkpoints that copied something or emptied the file, since start. Thread-safe. */
    long done() {
        return done.get();
    }

    /** Why the thread ended, or null. */
    @Nullable
    Throwable death() {
        return death;
    }

    /** Asks for one; none may be running. */
    synchronized void request(Kind kind) {
        if (busy) {
            throw new IllegalStateException("A checkpoint is running");
        }
        busy = true;
        wanted = kind;
        result = null;
        notifyAll();
    }

    /** Takes what came of the last one, if it has ended and was not taken yet. */
    synchronized @Nullable Result takeResult() {
        Result taken = result;
        result = null;
        return taken;
    }

    /** Waits until none is running, and takes what came of it; null if it takes longer. */
    synchronized @Nullable Result await(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        while (busy && death == null) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                break;
            }
            try {
                wait(left / 1_000_000, (int) (left % 1_000_000));
            } catch (InterruptedException e) {
                interrupted = true;
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return takeResult();
    }

    @Override
    public void run() {
        // No busy timeout: a checkpoint of ours never waits for anybody.
        try (Connection connection = SqliteConnections.open(database, Duration.ZERO)) {
            for (Kind kind = next(); kind != null; kind = next()) {
                Result came = checkpoint(connection, kind);
                synchronized (this) {
                    result = came;
                    busy = false;
                    notifyAll();
                }
            }
        } catch (SQLException | RuntimeException | Error e) {
            death = e;
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private synchronized @Nullable Kind next() {
        while (!closing && wanted == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread; it ends by close().
            }
        }
        Kind kind = closing ? null : wanted;
        wanted = null;
        return kind;
    }

    private Result checkpoint(Connection connection, Kind kind) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + kind + ")")) {
            row.next();
            boolean others = row.getInt(1) != 0;
            if (!others) {
                done.incrementAndGet();
            }
            return new Result(kind, others, row.getInt(3), null);
        } catch (SQLException e) {
            if (SqliteConnections.busy(e)) {
                return new Result(kind, true, 0, null);
            }
            return new Result(kind, false, 0, e.getMessage());
        }
    }

    /** Lets a running checkpoint end, which can take as long as writing the log into the database takes, and closes the connection. */
    @Override
    public void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        DatabaseFiles.joinWithoutInterrupt(thread);
    }
}
