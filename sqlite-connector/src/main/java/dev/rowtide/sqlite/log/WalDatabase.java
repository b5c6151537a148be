package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.log.WalIndex.Header;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A database in WAL mode: {@link LogHold} holds the log, {@link WalReader} reads it, {@link LogCare} keeps it short.
 *
 * <p>When the log was started over, reading goes on at its first frame only if we had seen the old log to its end while we held it. It can be started over only when all of it is in the database; and while a transaction
 * of ours is in slot 0 nobody can copy frames, so it happens at most once with content, exactly at the end that we saw. The salts tell no more than that: a connection that has
 * never started a log over picks new ones at random.
 */
final class WalDatabase implements LiveDatabase {
    private static final int DRAIN_ROUNDS = 8;
    private static final Duration LOCK_TURN = Duration.ofMillis(20);
    private static final int STILL_TRIES = 20;
    private static final int MAX_PREDECESSORS = 16;
    private static final long IDENTITY_NANOS = 1_000_000_000;

    private final DatabaseFiles files;
    private final StableIndex index;
    private final Duration busyTimeout;
    private final LogHold hold;
    private final WalReader log;
    private final LogCare care;

    /** The header that was read last, under the hold. */
    private Header seen;

    /** Ends of earlier logs that all mean the beginning of the log of {@link #seen}. */
    private final List<Header> predecessors = new ArrayList<>();

    /** Everything up to this header was drained, or stood still for the caller. */
    private Header drained;

    private long lastCommitNanos = System.nanoTime();
    private long identityNanos = lastCommitNanos;
    private boolean closed;

    private WalDatabase(
            DatabaseFiles files,
            StableIndex index,
            Duration busyTimeout,
            LogHold hold,
            WalReader log,
            LogCare care,
            Header first) {
        this.files = files;
        this.index = index;
        this.busyTimeout = busyTimeout;
        this.hold = hold;
        this.log = log;
        this.care = care;
        this.seen = first;
        this.drained = first;
    }

    /**
     * @param files of a database in WAL mode; closed with it, unless this throws
     * @param first a transaction on it, which is open; likewise
     */
    static WalDatabase over(DatabaseFiles files, ReadTransaction first, LiveOptions options)
            throws IOException, SQLException {
        StableIndex index = new StableIndex(files.database(), files.mapIndex());
        // A wal-index without frames does not know the page size.
        int pageSize = FileHeader.read(files).pageSize();
        LogHold hold = LogHold.take(index, first, files.database(), options.busyTimeout());
        try {
            // Nothing can fail once the reader is open.
            WalReader log = new WalReader(files.wal(), index.memory());
            LogCare care = new LogCare(files, index.memory(), hold, log, pageSize, options.barrier());
            return new WalDatabase(files, index, options.busyTimeout(), hold, log, care, index.read());
        } catch (IOException | RuntimeException e) {
            try (index;
                    hold) {
                throw e;
            }
        }
    }

    @Override
    public boolean hasLog() {
        return true;
    }

    @Override
    public boolean changed() {
        return index.memory().movedSince(drained);
    }

    @Override
    public boolean canResume(LogPosition position) throws IOException {
        Header header = observe();
        // Without salts there was no log yet, and whatever happened since may have gone past it.
        return (position.salt1() != 0 || position.salt2() != 0) && log.contains(position, header);
    }

    /** Reads the header, and remembers where one log followed another. */
    private Header observe() throws IOException {
        Header header = index.read();
        if (!header.sameLog(seen)) {
            if (seen.maxFrame() != 0 || predecessors.size() >= MAX_PREDECESSORS) {
                predecessors.clear();
            }
            predecessors.add(seen);
        }
        seen = header;
        return header;
    }

    /** The same place, as a position in the log of {@link #seen}. */
    private LogPosition inCurrentLog(LogPosition at) throws LogLostException {
        if (isLog(at, seen)) {
            if (at.frame() > seen.maxFrame()) {
                throw lost(at, "has only " + seen.maxFrame());
            }
            return at;
        }
        for (Header predecessor : predecessors) {
            if (isLog(at, predecessor) && at.frame() == predecessor.maxFrame()) {
                return new LogPosition(seen.salt1(), seen.salt2(), 0, 0, 0);
            }
        }
        throw lost(at, "is another one");
    }

    private static boolean isLog(LogPosition position, Header header) {
        return position.salt1() == header.salt1() && position.salt2() == header.salt2();
    }

    private LogLostException lost(LogPosition at, String why) {
        return new LogLostException("The log of " + files.database() + " was read up to frame " + at.frame()
                + ", and now it " + why + ": commits in between cannot be told apart any more.");
    }

    @Override
    public LogPosition drain(LogPosition from, TransactionSink sink) throws IOException {
        try {
            LogPosition at = from;
            // A long drain is followed by another: checkpoints come forward only as fast as the mark does.
            for (int round = 0; round < DRAIN_ROUNDS; round++) {
                at = drainRound(at, sink);
                if (!changed()) {
                    break;
                }
            }
            return at;
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private LogPosition drainRound(LogPosition from, TransactionSink sink) throws IOException {
        Header header = observe();
        LogPosition at = readTo(header, from, sink);
        if (!hold.moving() && care.mayMove() && care.lagsFar(header)) {
            hold.move();
            header = observe();
            at = readTo(header, at, sink);
        }
        hold.settle();
        drained = header;
        long now = System.nanoTime();
        lastCommitNanos = now;
        if (care.barrierDue(header, now)) {
            return drainAtBarrier(at, sink);
        }
        care.collect(now);
        care.checkpointIfDue(now, 0);
        return at;
    }

    private LogPosition readTo(Header header, LogPosition from, TransactionSink sink) throws IOException {
        LogPosition at = inCurrentLog(from);
        return at.frame() == header.maxFrame() ? at : log.read(at, header, sink);
    }

    /** Keeps writers out, copies what is left of the log, and leaves it so that the next writer starts it over. */
    private LogPosition drainAtBarrier(LogPosition from, TransactionSink sink) throws IOException {
        if (!care.keepWritersOut()) {
            return from;
        }
        LogPosition at = from;
        boolean freed = false;
        try {
            Header header = observe();
            if (care.fitsBarrier(header.maxFrame() - inCurrentLog(at).frame())) {
                at = readTo(header, at, sink);
                drained = header;
                // Nobody can commit: what was drained is everything.
                hold.move();
                hold.settle();
                if (care.copyRest()) {
                    hold.move();
                    hold.settle();
                    freed = true;
                }
            }
        } finally {
            care.letWritersIn(freed);
        }
        return at;
    }

    /** Replaced files make all kinds of errors. */
    private IOException explained(IOException e) {
        if (!(e instanceof LogLostException)) {
            try {
                files.checkIdentity();
            } catch (LogLostException lost) {
                lost.addSuppressed(e);
                return lost;
            }
        }
        return e;
    }

    @Override
    public void tend(LogPosition position) throws IOException {
        try {
            tendAll(position);
        } catch (IOException e) {
            throw explained(e);
        }
    }

    private void tendAll(LogPosition position) throws IOException {
        long now = System.nanoTime();
        if (now - identityNanos >= IDENTITY_NANOS) {
            identityNanos = now;
            files.checkIdentity();
        }
        if (changed()) {
            lastCommitNanos = now;
        }
        long quiet = now - lastCommitNanos;
        care.collect(now);
        if (care.mayMove() && (hold.moving() || care.wantsMove(quiet))) {
            hold.move();
            Header header = observe();
            if (inCurrentLog(position).frame() == header.maxFrame()) {
                hold.settle();
            }
        }
        if (!hold.moving()) {
            care.checkpointIfDue(now, quiet);
        }
    }

    @Override
    public Still standStill() throws IOException {
        ReadTransaction reader;
        try {
            reader = ReadTransaction.connect(files.database(), busyTimeout);
        } catch (SQLException e) {
            throw explained(new IOException("Cannot open " + files.database() + ": " + e.getMessage(), e));
        }
        try {
            Header mark = beginUnchanged(reader.reader());
            Still still = new WalStill(files, index.memory(), log, reader, mark);
            drained = mark;
            return still;
        } catch (IOException | RuntimeException e) {
            try {
                reader.close();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            if (e instanceof IOException io) {
                throw explained(io);
            }
            throw e;
        }
    }

    /**
     * Begins a transaction of which we know the commit that it shows: the header was the same before and after, or nobody could write.
     *
     * <p>The write lock is waited for in short turns. A user's RESTART or TRUNCATE checkpoint has it while it waits for our hold, which only this thread can move: waiting for each other, both would keep all
     * writers out until a timeout. But while it has the lock the header stays, so the next turn begins without.
     */
    private Header beginUnchanged(Reader reader) throws IOException {
        long end = System.nanoTime() + busyTimeout.toNanos();
        do {
            for (int i = 0; i < STILL_TRIES; i++) {
                Header before = observe();
                reader.begin();
                if (before.equals(observe())) {
                    return before;
                }
                reader.end();
            }
            // Somebody commits all the time.
            Optional<Header> mark = care.whileWritersWait(LOCK_TURN, () -> {
                reader.begin();
                return observe();
            });
            if (mark.isPresent()) {
                return mark.get();
            }
        } while (System.nanoTime() - end < 0);
        throw new IOException("Somebody commits to " + files.database()
                + " all the time, and has not let go of its write lock for a moment in " + busyTimeout.toMillis()
                + " ms");
    }

    @Override
    public LogPosition beginReading(Reader reader) throws IOException {
        try {
            return beginUnchanged(reader).position();
        } catch (IOException e) {
            throw explained(e);
        }
    }

    @Override
    public LogMetrics metrics() {
        return care.metrics();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (files;
                log) {
            try (index;
                    hold;
                    care) {
                // Closed from the last to the first; the hold after everything that could move the log.
            }
        } catch (SQLException e) {
            throw new IOException("Cannot close " + files.database() + ": " + e.getMessage(), e);
        }
    }
}
