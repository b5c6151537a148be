package dev.rowtide.sqlite.log;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The only opener of a database file and of its {@code -shm} file in this process, beside SQLite itself.
 *
 * <p>On POSIX systems locks belong to the process, and closing <em>any</em> descriptor of a file drops all of the process's locks on it, silently: those that SQLite holds for us, too ("How To Corrupt An
 * SQLite Database File", section 2.2). So a file is opened once and kept in a static registry, where neither a caller nor the garbage collector can close it. It is closed only when its path no
 * longer leads to it and nobody follows it any more. It is a {@link RandomAccessFile} because a {@link FileChannel} closes itself when a thread that reads from it is interrupted. No locks live on the {@code
 * -wal} file; it may be opened and closed freely.
 *
 * <p>A kept descriptor also keeps the inode number from being given to another file, so that comparing device and inode of the path with those of the descriptor is proof.
 *
 * <p>Thread-safe, except where said.
 */
final class DatabaseFiles implements AutoCloseable {

    /** An open file, and where it was found. */
    private static final class Kept {
        final Path path;
        final RandomAccessFile file;
        int users;

        Kept(Path path, RandomAccessFile file) {
            this.path = path;
            this.file = file;
        }
    }

    /** By identity; guarded by itself. */
    private static final Map<Object, Kept> REGISTRY = new HashMap<>();

    /** Databases that are being followed, by identity; guarded by the registry. */
    private static final Map<Object, Path> FOLLOWED = new HashMap<>();

    private final Path given;
    private final Path database;
    private final Object databaseKey;
    private final Kept databaseFile;
    private final List<Kept> used = new ArrayList<>();
    private final Map<Path, Object> beside = new HashMap<>();
    private boolean closed;

    private DatabaseFiles(Path given, Path database, Object databaseKey, Kept databaseFile) {
        this.given = given;
        this.database = database;
        this.databaseKey = databaseKey;
        this.databaseFile = databaseFile;
        used.add(databaseFile);
    }

    /**
     * Opens the database file for reading.
     *
     * @param given as the user named it; links are followed, as SQLite follows them
     * @throws UnusableDatabaseException if there is none, or it is followed already
     */
    static DatabaseFiles open(Path given) throws IOException {
        Path database;
        try {
            database = given.toRealPath();
        } catch (NoSuchFileException e) {
            throw new UnusableDatabaseException("There is no database at " + given.toAbsolutePath()
                    + ". It is never created from here: correct the path, or let your application create it first.");
        }
        if (!Files.isRegularFile(database)) {
            throw new UnusableDatabaseException(
                    database + " is not a file. Name the database file itself, not its directory.");
        }
        synchronized (REGISTRY) {
            closeLeftovers();
            Object key = identity(database);
            Path other = FOLLOWED.putIfAbsent(key, database);
            if (other != null) {
                throw new UnusableDatabaseException(
                        "The database " + other
                                + " is already followed by another connector of this process. Two would spoil each other's locks: stop one of them.");
            }
            try {
                return new DatabaseFiles(given, database, key, keep(database, key));
            } catch (IOException | RuntimeException e) {
                FOLLOWED.remove(key);
                throw e;
            }
        }
    }

    private static Kept keep(Path path, Object key) throws IOException {
        Kept kept = REGISTRY.get(key);
        if (kept == null) {
            kept = new Kept(path, new RandomAccessFile(path.toFile(), "r"));
            if (!key.equals(identity(path))) {
                // Nobody of ours can hold locks on a file that has only just appeared.
                kept.file.close();
                throw new IOException(path + " was replaced while it was being opened. It will be tried again.");
            }
            REGISTRY.put(key, kept);
        }
        kept.users++;
        return kept;
    }

    /** Replaced files would keep their disk space for ever. Nobody finds them by their path any more, and nobody here follows them. */
    private static void closeLeftovers() {
        for (Iterator<Map.Entry<Object, Kept>> all = REGISTRY.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Object, Kept> entry = all.next();
            Kept kept = entry.getValue();
            if (kept.users == 0 && !isStill(kept.path, entry.getKey())) {
                all.remove();
                try {
                    kept.file.close();
                } catch (IOException e) {
                    // It was only read; there is nothing to lose.
                }
            }
        }
    }

    private static boolean isStill(Path path, Object key) {
        try {
            return key.equals(identity(path));
        } catch (IOException e) {
            return false;
        }
    }

    /** Device and inode; on Windows, where open files can be neither replaced nor deleted, the path. */
    private static Object identity(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return key != null ? key : path.toRealPath();
    }

    Path database() {
        return database;
    }

    Path wal() {
        return sibling("-wal");
    }

    Path shm() {
        return sibling("-shm");
    }

    private Path sibling(String suffix) {
        return database.resolveSibling(Objects.requireNonNull(database.getFileName()) + suffix);
    }

    /** Bytes of the database file. */
    long length() throws IOException {
        return databaseFile.file.length();
    }

    /**
     * Reads bytes of the database file. Not interruptible.
     *
     * @return how many there were, less than asked for at the end of the file
     */
    int read(long at, byte[] into, int offset, int length) throws IOException {
        synchronized (databaseFile) {
            databaseFile.file.seek(at);
            int read = 0;
            while (read < length) {
                int n = databaseFile.file.read(into, offset + read, length - read);
                if (n < 0) {
                    break;
                }
                read += n;
            }
            return read;
        }
    }

    /**
     * Maps the head of the wal-index and begins to watch the identity of the log's files. SQLite must have the database open in WAL mode, within a transaction: the first opener truncates the file, and memory over
     * a truncated file is deadly.
     */
    WalIndex mapIndex() throws IOException {
        Path shm = shm();
        RandomAccessFile file;
        synchronized (REGISTRY) {
            Object key = identity(shm);
            Kept kept = keep(shm, key);
            used.add(kept);
            file = kept.file;
            beside.put(shm, key);
            beside.put(wal(), identity(wal()));
        }
        if (file.length() < WalIndex.MAPPED_BYTES) {
            throw new IOException(shm + " has only " + file.length() + " bytes. It will be tried again.");
        }
        AtomicReference<@Nullable ByteBuffer> mapped = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        // On a thread that nobody can interrupt: an interrupt would close the channel, and with it the file and its
        // locks.
        Thread mapper = new Thread(
                () -> {
                    try {
                        mapped.set(file.getChannel()
                                .map(FileChannel.MapMode.READ_ONLY, 0, WalIndex.MAPPED_BYTES)
                                .order(ByteOrder.nativeOrder()));
                    } catch (IOException | RuntimeException | Error e) {
                        failure.set(e);
                    }
                },
                "sqlite-map");
        mapper.setDaemon(true);
        mapper.start();
        joinWithoutInterrupt(mapper);
        ByteBuffer memory = mapped.get();
        if (memory == null) {
            throw new IOException("Cannot map " + shm + ": " + failure.get(), failure.get());
        }
        return new WalIndex(memory);
    }

    static void joinWithoutInterrupt(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Looks whether the paths still lead to the files that are open. Three system calls.
     *
     * @throws LogLostException if not
     */
    void checkIdentity() throws LogLostException {
        check(given, databaseKey);
        for (Map.Entry<Path, Object> file : beside.entrySet()) {
            check(file.getKey(), file.getValue());
        }
    }

    private static void check(Path path, Object key) throws LogLostException {
        Object now;
        try {
            now = identity(path);
        } catch (NoSuchFileException e) {
            throw new LogLostException(
                    path + " was deleted while it was followed. Users may be writing into files that nobody can find.");
        } catch (IOException e) {
            throw new LogLostException(path + " cannot be looked at any more: " + e.getMessage());
        }
        if (!key.equals(now)) {
            throw new LogLostException(path + " is another file now: it was replaced while it was followed.");
        }
    }

    /** Gives the database up for others of this process to follow. Its files stay open. All SQLite connections must be closed. */
    @Override
    public void close() {
        synchronized (REGISTRY) {
            if (!closed) {
                closed = true;
                FOLLOWED.remove(databaseKey);
                used.forEach(kept -> kept.users--);
            }
        }
    }
}
