package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LiveDatabase;
import dev.rowtide.sqlite.log.LiveDatabase.Reader;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Lets others read the database at a commit whose number is known.
 *
 * <p>The capture thread does it, between two drains: it alone sees both the wal-index, which tells at which frame a transaction begins to read, and the spool, which numbers what ends at that frame.
 */
final class ReadPoints {
    private static final int MAX_WAITING = 128;

    private final CaptureState state;
    private final LongAdder drainedTransactions;
    private final BlockingQueue<Wish> wishes = new ArrayBlockingQueue<>(MAX_WAITING);

    /** @param taken by the capture thread, which then begins, or by who waits, who then does not want it any more */
    private record Wish(Reader reader, AtomicBoolean taken, CompletableFuture<Long> seq) {}

    /** @param drainedTransactions counts what is drained on the way */
    ReadPoints(CaptureState state, LongAdder drainedTransactions) {
        this.state = state;
        this.drainedTransactions = drainedTransactions;
    }

    /**
     * Has a transaction begin, and waits until it has; called by any other thread.
     *
     * @param wake makes the capture thread look at once
     * @return the number of the commit that the transaction shows
     * @throws IOException if it could not begin, with the reason
     */
    long begin(Reader reader, Duration patience, Runnable wake) throws IOException, InterruptedException {
        Wish wish = new Wish(reader, new AtomicBoolean(), new CompletableFuture<>());
        if (!wishes.offer(wish)) {
            throw new IOException(MAX_WAITING + " readers are waiting to begin already: try again later");
        }
        wake.run();
        try {
            try {
                return wish.seq().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!wish.taken().getAndSet(true)) {
                    wishes.remove(wish);
                    throw new IOException(
                            "the reading could not begin within " + patience.toMillis()
                                    + " ms: the database is being copied or compared, or its spool is full. Try again later",
                            e);
                }
                // It is beginning now, on our connection: that has an end of its own, the busy timeout.
                return wish.seq().get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException reason) {
                throw reason;
            }
            throw new IOException("the reading could not begin: " + e.getCause(), e);
        }
    }

    /**
     * Begins those that wait. Called by the capture thread.
     *
     * @param at up to where everything was drained
     * @return up to where everything is drained now
     * @throws IOException if draining fails; not if a reader does
     */
    LogPosition serve(LiveDatabase live, LogPosition at) throws IOException {
        LogPosition drained = at;
        Wish wish = wishes.poll();
        while (wish != null) {
            if (!wish.taken().getAndSet(true)) {
                drained = serve(live, drained, wish);
            }
            wish = wishes.poll();
        }
        return drained;
    }

    private LogPosition serve(LiveDatabase live, LogPosition at, Wish wish) throws IOException {
        LogPosition mark;
        try {
            mark = live.beginReading(wish.reader());
        } catch (IOException | RuntimeException e) {
            wish.seq().completeExceptionally(e);
            return at;
        }
        long before = state.lastSeq();
        try (SpoolSink sink = new SpoolSink(state, mark)) {
            LogPosition drained = live.drain(at, sink);
            drainedTransactions.add(sink.transactions());
            OptionalLong found = sink.seqAtMark();
            if (found.isPresent()) {
                wish.seq().complete(found.getAsLong());
            } else if (mark.frame() == 0 || mark.samePlace(at)) {
                // Nothing had been committed since the last drain; a log without frames begins where the one before
                // ended.
                wish.seq().complete(before);
            } else {
                wish.seq()
                        .completeExceptionally(
                                new IOException("the log was started over while the reading began, at frame "
                                        + mark.frame() + ": try again"));
            }
            return drained;
        } catch (SpoolFullException e) {
            wish.seq()
                    .completeExceptionally(
                            new IOException("the spool is full of changes that wait to be taken: try again later", e));
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            wish.seq().completeExceptionally(new IOException("the log could not be read: " + e.getMessage(), e));
            throw e;
        }
    }

    /** Nobody is served any more, or not for a while. */
    void refuseAll(String why) {
        Wish wish = wishes.poll();
        while (wish != null) {
            if (!wish.taken().getAndSet(true)) {
                wish.seq().completeExceptionally(new IOException(why));
            }
            wish = wishes.poll();
        }
    }
}
