package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;

/** A database with a rollback journal. */
final class JournalDatabase implements LiveDatabase {
    @Override
    public boolean canResume(LogPosition position) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public Still standStill() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean changed() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public LogPosition drain(LogPosition from, TransactionSink sink) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void tend(LogPosition drained) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean hasLog() {
        return false;
    }

    @Override
    public LogMetrics metrics() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        throw new UnsupportedOperationException();
    }
}
