package dev.rowtide.sqlite.capture;

import dev.rowtide.sqlite.log.LiveDatabase.TransactionSink;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.CapturedTransaction;
import dev.rowtide.sqlite.state.LogPosition;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.IOException;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** From the log into the spool. A transaction that was begun may go beyond the spool's limit, so that one larger than the limit passes at all. */
final class SpoolSink implements TransactionSink, AutoCloseable {
    private final CaptureState state;
    private final LogPosition mark;
    private CaptureState.@Nullable TransactionWriter open;
    private long transactions;
    private OptionalLong seqAtMark = OptionalLong.empty();

    SpoolSink(CaptureState state) {
        this(state, LogPosition.NONE);
    }

    /** @param mark a place in the log of which is to be known which commit it is */
    SpoolSink(CaptureState state, LogPosition mark) {
        this.state = state;
        this.mark = mark;
    }

    @Override
    public void page(int number, byte[] content) throws IOException {
        writer().page(number, content);
    }

    @Override
    public void commit(int pageSize, int pageCount, LogPosition end) throws IOException {
        try (CaptureState.TransactionWriter writer = writer()) {
            open = null;
            CapturedTransaction committed =
                    writer.commit(TransactionHeader.Kind.COMMIT, pageSize, pageCount, false, end);
            if (end.samePlace(mark)) {
                seqAtMark = OptionalLong.of(committed.header().seq());
            }
        }
        transactions++;
    }

    /** The number of the transaction that ends at the mark; empty if it was none of these. */
    OptionalLong seqAtMark() {
        return seqAtMark;
    }

    /** Those that are in the spool. */
    long transactions() {
        return transactions;
    }

    private CaptureState.TransactionWriter writer() throws IOException {
        CaptureState.TransactionWriter writer = open;
        if (writer == null) {
            if (state.full()) {
                throw new SpoolFullException();
            }
            writer = state.append();
            open = writer;
        }
        return writer;
    }

    /** Takes back what was begun and not committed. */
    @Override
    public void close() throws IOException {
        if (open != null) {
            open.close();
        }
    }
}
