package dev.rowtide.cdc;

import dev.rowtide.cdc.snapshot.SnapshotSource;
import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import java.util.Optional;
import java.util.Properties;

/**
 * What the engine needs from a kind of database: where to start, how to tell Debezium, how to read its records.
 *
 * <p>All methods are called by the supervisor's thread; only the decoder is used by the engine's, and scanners by those that read snapshots.
 */
public interface LogSource extends SnapshotSource, AutoCloseable {

    /**
     * The sink that changes are given to on their way to {@code sink}: a database that cuts snapshots by more than their place in the log looks at what passes. Once, before anything else.
     */
    default ChangeSink watched(ChangeSink sink) {
        return sink;
    }

    /**
     * Makes everything ready for reading the log, and compares what the database has with what was stored.
     *
     * @throws SourceFailure if it cannot be read now
     */
    Start prepare() throws SourceFailure;

    /** The engine's configuration, valid until the next {@link #prepare}. {@code connector} names this run, and no other in this process. */
    Properties engineProperties(String connector);

    /** How the engine's offsets are read and written. */
    OffsetForm offsetForm();

    /** A decoder for one run of the engine. */
    SourceRecordDecoder decoder();

    /**
     * Called now and then while the log is read, for what changes in the meantime: new tables, for one.
     *
     * @return whether reading on makes sense; if not, the engine is started anew and {@link #prepare} says why
     * @throws SourceFailure if it could not find out (passing), or if a person has to do something (permanent)
     */
    boolean whileRunning() throws SourceFailure;

    /** How much log the database keeps, for this reader or since nobody has cleared it, in bytes, as of the last look; 0 if that is not known. Thread-safe. */
    long keptLogBytes();

    /** Called once when the engine begins to poll; whatever it does must soon bring a record, as proof that changes flow. */
    void afterStart() throws SourceFailure;

    /** What a failure of the engine means. */
    SourceFailure explain(Throwable failure);

    /** The resources that exist, kept up to date. */
    @Override
    ResourceCatalog resources();

    @Override
    void close();

    /**
     * Where reading starts.
     *
     * @param epoch the epoch that positions belong to
     * @param commit the boundary before the first change to come
     * @param newEpoch why the epoch is another than the stored one; empty if it is not, or if there was none
     * @param withFirstRecord whether {@code commit} is a place in the log only once the engine's first record comes: before that the engine copies the database, and what is committed
     *     meanwhile is in the copy and is delivered to nobody. Whoever has subscribed by then is told that changes may be missing
     */
    record Start(Epoch epoch, long commit, Optional<GapReason> newEpoch, boolean withFirstRecord) {
        /** At a place that exists already. */
        public Start(Epoch epoch, long commit, Optional<GapReason> newEpoch) {
            this(epoch, commit, newEpoch, false);
        }
    }
}
