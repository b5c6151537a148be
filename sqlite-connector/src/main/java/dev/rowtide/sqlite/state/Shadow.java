package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** {@code shadow.db} and its {@link ShadowMeta}. Read by any thread, through one handle; written by one thread at a time, through handles of its own. */
final class Shadow implements AutoCloseable {
    private final StateFiles files;
    private final RandomAccessFile reader;
    private volatile ShadowMeta meta;

    private Shadow(StateFiles files, ShadowMeta meta) throws IOException {
        this.files = files;
        this.meta = meta;
        this.reader = new RandomAccessFile(files.shadow().toFile(), "r");
    }

    /** Opens it; null if there is no finished copy. */
    static @Nullable Shadow open(StateFiles files) throws IOException {
        if (!Files.exists(files.meta())) {
            return null;
        }
        ShadowMeta meta;
        try {
            meta = ShadowMeta.decode(Files.readAllBytes(files.meta()));
        } catch (IllegalArgumentException | ArithmeticException e) {
            IOException damaged = files.damaged("shadow.meta " + e.getMessage());
            damaged.initCause(e);
            throw damaged;
        }
        if (!Files.exists(files.shadow())) {
            throw files.damaged("shadow.db is missing");
        }
        return new Shadow(files, meta);
    }

    /** Makes what stands in {@code shadow.db} the state. */
    static Shadow create(StateFiles files, ShadowMeta meta) throws IOException {
        files.replaceMeta(meta.encode());
        return new Shadow(files, meta);
    }

    ShadowMeta meta() {
        return meta;
    }

    /** On the disk first, then for everybody here. */
    void replaceMeta(ShadowMeta next) throws IOException {
        files.replaceMeta(next.encode());
        meta = next;
    }

    /** Of a shadow that nobody is writing: its size must be what the meta says. */
    void checkLength() throws IOException {
        long expected = (long) meta.pageCount() * meta.pageSize();
        long length = Files.size(files.shadow());
        if (length != expected) {
            throw files.damaged("shadow.db has " + length + " bytes, and should have " + expected);
        }
    }

    /** A page as it stands in the file; zeros behind its end. */
    byte[] read(int number, int pageSize) throws IOException {
        byte[] page = new byte[pageSize];
        synchronized (reader) {
            reader.seek(PageRuns.offset(number, pageSize));
            for (int done = 0; done < pageSize; ) {
                int read = reader.read(page, done, pageSize - done);
                if (read < 0) {
                    break;
                }
                done += read;
            }
        }
        return page;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
