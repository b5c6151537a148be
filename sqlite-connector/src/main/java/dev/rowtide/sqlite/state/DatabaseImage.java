package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;

/**
 * The database as it was after one commit. An image does not change, and stays readable until it is two acknowledged flushes old: use the newest one. One thread uses the images of a
 * state, except for {@link CaptureState#latest}.
 */
public final class DatabaseImage implements PageSource {

    /** The number of the commit that it shows. */
    public long seq() {
        throw new UnsupportedOperationException();
    }

    /** This state with one more transaction upon it. */
    public DatabaseImage with(CapturedTransaction transaction) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int pageSize() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int pageCount() {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] page(int number) throws IOException {
        throw new UnsupportedOperationException();
    }
}
