package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.rows.ChangeHandler;
import dev.rowtide.sqlite.rows.Schema;
import dev.rowtide.sqlite.rows.TableDefinition;
import dev.rowtide.sqlite.rows.TableReader;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The committed row changes of one SQLite database, in commit order, with a position that survives restarts.
 *
 * <p>{@link #open} starts the capture thread ({@code sqlite-capture}), which from then on keeps everything that is committed, whether anybody takes it or not. One
 * other thread, the emitting one, calls {@link #start}, {@link #next}, {@link #table} and {@link #schema}. {@link #acknowledge}, {@link #metrics} and {@link #close} are thread-safe.
 */
public final class ChangeStream implements AutoCloseable {

    /**
     * @param database the database file
     * @param stateDirectory where the copy and the spool are kept: on a local disk, for this database alone
     * @param live how the database is followed
     * @param limits of the state directory
     * @param tables which tables' rows are wanted, by name
     * @param stateId what a state that is made now is called; null for a random name
     * @param firstSeq the number that a state which is made now begins at; 0 for one from the clock
     * @param maxResyncShare of the database's pages, from 0 to 1: a resync after a replaced file that finds more than that share different stops, with an error, instead of a flood
     */
    public record Options(
            Path database,
            Path stateDirectory,
            LiveOptions live,
            CaptureState.Limits limits,
            Predicate<String> tables,
            @Nullable String stateId,
            long firstSeq,
            double maxResyncShare) {}

    /**
     * Where emitting begins: everything up to commit {@code seq} was delivered, and of the transaction after it the first {@code rows} changes.
     */
    public record StreamPosition(long seq, int rows) {}

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

    /** Opens the state and the database; waits for the first copy, if one is needed. */
    public static ChangeStream open(Options options) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /** Decides where emitting begins. Once, before {@link #next}. After {@link Outcome#LOST} the stream stands at the database's present state. */
    public Outcome start(Optional<StreamPosition> delivered) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /** The number of the commit that the emitting thread stands behind. */
    public long seq() {
        throw new UnsupportedOperationException();
    }

    /** The state's name. */
    public String stateId() {
        throw new UnsupportedOperationException();
    }

    /** The schema behind {@link #seq}. */
    public Schema schema() {
        throw new UnsupportedOperationException();
    }

    /** The rows of a table behind {@link #seq}; valid until the next call of {@link #next}. No lock is held on the database. */
    public TableReader table(TableDefinition table) {
        throw new UnsupportedOperationException();
    }

    /**
     * Hands the next transaction to {@code handler}, if one comes within {@code wait}.
     *
     * @return whether one was handed out
     * @throws IOException if capturing has ended, or the transaction cannot be decoded
     */
    public boolean next(TransactionHandler handler, Duration wait) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    /** Takes whole transactions. */
    public interface TransactionHandler extends ChangeHandler {
        void begin(TransactionHeader transaction) throws InterruptedException;

        /** After the last row. */
        void end(TransactionHeader transaction) throws InterruptedException;
    }

    /** Everything up to and including commit {@code seq} is safe with the consumer. Returns at once. */
    public void acknowledge(long seq) {
        throw new UnsupportedOperationException();
    }

    /** What is measured. */
    public StreamMetrics metrics() {
        throw new UnsupportedOperationException();
    }

    /** Stops capturing, lets the database go, flushes what was acknowledged. */
    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException();
    }
}
