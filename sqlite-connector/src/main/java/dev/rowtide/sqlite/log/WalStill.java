package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.format.DamagedDatabaseException;
import dev.rowtide.sqlite.log.WalIndex.Header;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A WAL database at one commit, held by a read transaction of its own. Pages that have a frame up to the mark come from the log, all others from the file: checkpointers copy only up to the
 * smallest mark, so the file is never ahead. Used by the capture thread.
 */
final class WalStill implements LiveDatabase.Still {
    private final DatabaseFiles files;
    private final WalIndex index;
    private final WalReader log;
    private final ReadTransaction reader;
    private final Header mark;
    private final int pageSize;
    private final int pageCount;
    private final FilePages file;

    /** Null if the log was started over since: then the file has everything. */
    private @Nullable FrameMap frames;

    /** @param reader is open, and shows what {@code mark} says; closed with this, unless this throws */
    WalStill(DatabaseFiles files, WalIndex index, WalReader log, ReadTransaction reader, Header mark)
            throws IOException {
        this.files = files;
        this.index = index;
        this.log = log;
        this.reader = reader;
        this.mark = mark;
        // A wal-index without frames need not know the database.
        FileHeader header = mark.maxFrame() == 0 ? FileHeader.read(files) : null;
        this.pageSize = header == null ? mark.pageSize() : header.pageSize();
        this.pageCount = header == null ? mark.pageCount() : header.pageCount();
        this.file = new FilePages(files, pageSize);
        try {
            this.frames = log.map(mark);
        } catch (LogLostException e) {
            // Only a log that is wholly in the database can be started over while a reader holds it.
            this.frames = null;
        }
    }

    @Override
    public LogPosition position() {
        return mark.position();
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public int pageCount() {
        return pageCount;
    }

    @Override
    public byte[] page(int number) throws IOException {
        if (number < 1 || number > pageCount) {
            throw new DamagedDatabaseException(files.database() + " has no page " + number + ": it has " + pageCount);
        }
        if (frames != null) {
            int frame = frames.get(number);
            if (frame != 0) {
                byte[] page = new byte[pageSize];
                if (readFrame(frame, page)) {
                    return page;
                }
                frames = null;
            }
        }
        return file.page(number);
    }

    /** Salts change in the wal-index before the first frame is overwritten: if they are unchanged after reading, the bytes are those of the mark. */
    private boolean readFrame(int frame, byte[] page) throws IOException {
        try {
            log.readPage(frame, mark, page);
        } catch (LogLostException e) {
            return false;
        }
        return !index.restartedSince(mark);
    }

    @Override
    public void close() throws IOException {
        try {
            reader.close();
        } catch (SQLException e) {
            throw new IOException("Cannot end reading " + files.database() + ": " + e.getMessage(), e);
        }
    }
}
