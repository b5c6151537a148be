package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;

/** A database in WAL mode. */
final class WalDatabase implements LiveDatabase {
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
        return true;
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
