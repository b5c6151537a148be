package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the first copy into {@code shadow.db}. There is no state from before it begins until it is finished: the meta is deleted first and written last. */
final class FirstCopyWriter implements CaptureState.FirstCopy {
    private final StateFiles files;
    private final ShadowMeta meta;
    private final Finish finish;
    private final RandomAccessFile file;
    private final PageRuns runs;
    private boolean ended;

    /** Takes over the finished copy. */
    interface Finish {
        void finished(ShadowMeta meta) throws IOException;
    }

    /** @param meta of the state to be; its end is not known yet */
    FirstCopyWriter(StateFiles files, ShadowMeta meta, Finish finish) throws IOException {
        this.files = files;
        this.meta = meta;
        this.finish = finish;
        Files.deleteIfExists(files.meta());
        files.forceDirectory(files.directory());
        for (Path segment : SpoolRecovery.list(files.spool())) {
            Files.delete(segment);
        }
        files.forceDirectory(files.spool());
        this.file = StateFiles.openPrivate(files.shadow());
        this.runs = new PageRuns(file, files);
        boolean begun = false;
        try {
            file.setLength(0);
            file.setLength((long) meta.pageSize() * meta.pageCount());
            begun = true;
        } finally {
            if (!begun) {
                file.close();
            }
        }
    }

    @Override
    public void page(int number, byte[] content) throws IOException {
        checkOpen();
        if (number < 1 || number > meta.pageCount() || content.length != meta.pageSize()) {
            throw new IllegalArgumentException("Page " + number + " of " + content.length + " bytes is none of "
                    + meta.pageCount() + " pages of " + meta.pageSize() + " bytes");
        }
        runs.put(number, content);
    }

    @Override
    public void finish(LogPosition end) throws IOException {
        checkOpen();
        runs.flush();
        files.force(files.shadow(), Step.SHADOW_SYNC);
        finish.finished(new ShadowMeta(
                meta.id(), meta.database(), meta.seq(), meta.target(), meta.pageSize(), meta.pageCount(), end));
        ended = true;
        file.close();
    }

    private void checkOpen() {
        if (ended) {
            throw new IllegalStateException("The copy was finished or closed");
        }
    }

    @Override
    public void close() throws IOException {
        if (!ended) {
            ended = true;
            file.close();
            Files.deleteIfExists(files.shadow());
        }
    }
}
