package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LiveDatabase;
import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.rows.ChangeHandler;
import dev.rowtide.sqlite.rows.Schema;
import dev.rowtide.sqlite.rows.TableDefinition;
import dev.rowtide.sqlite.rows.TableReader;
import dev.rowtide.sqlite.rows.TransactionDiffer;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.CapturedTransaction;
import dev.rowtide.sqlite.state.DatabaseImage;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The committed row changes of one SQLite database, in commit order, with a position that survives restarts.
 *
 * <p>{@link #start} starts the capture thread ({@code sqlite-capture}), which from then on keeps everything that is committed, whether anybody takes it or not. One
 * other thread at a time, the emitting one, calls {@link #start}, {@link #next}, {@link #table} and {@link #schema}. {@link #acknowledge}, {@link #beginReading}, {@link #metrics} and {@link #close} are
 * thread-safe.
 */
public final class ChangeStream implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeStream.class);

    private final Options options;
    private final CaptureState state;
    private volatile @Nullable Capture capture;
    private @Nullable TransactionDiffer differ;
    private @Nullable DatabaseImage image;
    private boolean broken;
    private volatile long emittedSeq;

    /**
     * @param database the database file
     * @param stateDirectory where the copy and the spool are kept: on a local disk, for this database alone
     * @param live how the database is followed
     * @param limits of the state directory
     * @param tables which tables' rows are wanted, by name
     * @param stateId what a state that is made now is called; null for a random name
     * @param firstSeq the number that a state which is made now begins at; 0 for one from the clock
     * @param maxResyncShare of the database's pages, from 0 to 1: a resync that finds more than that share different stops, with an error, instead of a flood
     * @param auditPagesPerSecond how many pages are compared with the database each second while nobody commits, to find what no protocol can tell; 0 for none
     */
    public record Options(
            Path database,
            Path stateDirectory,
            LiveOptions live,
            CaptureState.Limits limits,
            Predicate<String> tables,
            @Nullable String stateId,
            long firstSeq,
            double maxResyncShare,
            int auditPagesPerSecond) {

        /** Without an audit. */
        public Options(
                Path database,
                Path stateDirectory,
                LiveOptions live,
                CaptureState.Limits limits,
                Predicate<String> tables,
                @Nullable String stateId,
                long firstSeq,
                double maxResyncShare) {
            this(database, stateDirectory, live, limits, tables, stateId, firstSeq, maxResyncShare, 0);
        }
    }

    /** What {@link #start} found. */
    public enum Outcome {
        /** There was neither a position nor a state: everything begins here. */
        FIRST,
        /** Emitting goes on exactly behind the given position. */
        RESUMED,
        /** The position is ahead of what the state has (a power cut, an old state): the difference to the database comes, under new numbers. */
        RENUMBERED,
        /** There is a position, but the state is gone or ahead of it: changes in between cannot be told. */
        LOST,
        /** There is a state, but no position: it was brought up to the database silently. */
        NO_POSITION
    }

    private ChangeStream(Options options, CaptureState state) {
        this.options = options;
        this.state = state;
    }

    /** Opens the state directory. Nothing is captured before {@link #start}. */
    public static ChangeStream open(Options options) throws IOException {
        return new ChangeStream(options, CaptureState.open(options.stateDirectory(), options.limits()));
    }

    /**
     * Decides where emitting begins, begins to capture, and waits for the first copy or the comparison with the database where one is needed. Once, before {@link #next}. After
     * {@link Outcome#LOST} and {@link Outcome#NO_POSITION} the stream stands at the database's present state.
     *
     * @param delivered the number up to which the consumer has everything; empty if it has nothing yet. Need not be that of a commit: who was in the middle of transaction <i>s</i> gives
     *     <i>s</i> - 1 and leaves out by itself what it has, so that a place depends on nothing but its own transaction
     */
    public Outcome start(OptionalLong delivered) throws IOException, InterruptedException {
        requireSameDatabase();
        boolean existed = state.exists();
        long shadowSeq = existed ? state.shadowSeq() : 0;
        long lastSeq = existed ? state.lastSeq() : 0;
        long known = Math.max(delivered.orElse(0), lastSeq);

        Outcome outcome;
        if (!existed) {
            outcome = delivered.isPresent() ? Outcome.LOST : Outcome.FIRST;
        } else if (delivered.isEmpty()) {
            outcome = Outcome.NO_POSITION;
        } else if (delivered.getAsLong() < shadowSeq) {
            outcome = Outcome.LOST;
        } else {
            outcome = delivered.getAsLong() > lastSeq ? Outcome.RENUMBERED : Outcome.RESUMED;
        }
        // Before anything is captured: what comes from now on must not get a number that a consumer has seen. A power
        // cut can take transactions from the end of the spool that were emitted, so numbers leap ahead at each start.
        if (existed) {
            state.jumpTo(Numbering.newEpoch(known));
        }
        long first = options.firstSeq() > known ? options.firstSeq() : Numbering.newEpoch(known);
        Capture started = new Capture(options, state, first);
        capture = started;
        started.start();
        started.awaitReady();

        long begin = switch (outcome) {
            case RESUMED -> delivered.getAsLong();
            case RENUMBERED -> lastSeq;
            case FIRST, LOST, NO_POSITION -> state.lastSeq();
        };
        DatabaseImage start = state.imageAt(begin);
        image = start;
        differ = new TransactionDiffer(start, options.tables());
        emittedSeq = begin;
        if (outcome == Outcome.LOST || outcome == Outcome.NO_POSITION) {
            state.acknowledge(begin);
        }
        LOG.info("Following {}: {} at {}, state {}", options.database(), outcome, begin, stateId());
        return outcome;
    }

    private void requireSameDatabase() throws IOException {
        String path = options.database().toAbsolutePath().normalize().toString();
        String known = state.databasePath();
        if (state.exists() && known != null && !known.equals(path)) {
            throw new IOException(
                    "the state directory " + options.stateDirectory() + " belongs to the database " + known
                            + ", not to " + path
                            + ": give each database a state directory of its own, or delete this one to begin anew");
        }
    }

    /** The number of the commit that the emitting thread stands behind. */
    public long seq() {
        return emittedSeq;
    }

    /** The state's name. */
    public String stateId() {
        return state.id().orElseThrow(() -> new IllegalStateException("there is no state before start()"));
    }

    /** The schema behind {@link #seq}. */
    public Schema schema() {
        return started(differ).schema();
    }

    /** The rows of a table behind {@link #seq}; valid until the next call of {@link #next}. No lock is held on the database. */
    public TableReader table(TableDefinition table) {
        return new TableReader(started(image), schema(), table);
    }

    /**
     * Hands the next transaction to {@code handler}, if one comes within {@code wait}.
     *
     * @return whether one was handed out
     * @throws IOException if capturing has ended, or the transaction cannot be decoded; the stream is then of no more use
     */
    public boolean next(TransactionHandler handler, Duration wait) throws IOException, InterruptedException {
        if (broken) {
            throw new IllegalStateException("the stream failed inside a transaction: open another one");
        }
        DatabaseImage before = started(image);
        Optional<CapturedTransaction> captured = state.after(emittedSeq, wait);
        if (captured.isEmpty()) {
            started(capture).requireRunning();
            return false;
        }
        broken = true;
        CapturedTransaction transaction = captured.get();
        TransactionHeader header = transaction.header();
        DatabaseImage after = before.with(transaction);
        handler.begin(header);
        started(differ).diff(before, after, transaction.changedPages(), header.complete(), handler);
        image = after;
        emittedSeq = header.seq();
        handler.end(header);
        broken = false;
        return true;
    }

    /** Takes whole transactions. */
    public interface TransactionHandler extends ChangeHandler {
        void begin(TransactionHeader transaction) throws InterruptedException;

        /** After the last row. */
        void end(TransactionHeader transaction) throws InterruptedException;
    }

    /** Everything up to and including commit {@code seq} is safe with the consumer. Returns at once. */
    public void acknowledge(long seq) {
        state.acknowledge(Math.min(seq, emittedSeq));
    }

    /**
     * Has a read transaction of somebody else begin, so that it is known which commit it shows. Thread-safe; waits for some milliseconds, and at most about ten seconds.
     *
     * @param reader on a connection made by the same library, which nobody uses until this returns
     * @return the number of that commit: {@link #next} hands out what is not in it under larger numbers
     * @throws IOException if it could not begin, with the reason; if that is {@link dev.rowtide.sqlite.log.UnusableDatabaseException}, it never will as the database is now
     */
    public long beginReading(LiveDatabase.Reader reader) throws IOException, InterruptedException {
        return started(capture).beginReading(reader);
    }

    /** What is measured. */
    public StreamMetrics metrics() {
        return started(capture).metrics(emittedSeq);
    }

    /** Stops capturing, lets the database go, flushes what was acknowledged. */
    @Override
    public void close() throws IOException {
        Capture running = capture;
        if (running != null) {
            running.close();
        }
        state.close();
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("start() comes first");
        }
        return part;
    }
}
