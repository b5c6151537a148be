package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps packs in files of a directory, so that a history outlives the process. Each file is a {@link HistoryFile}; they are numbered, and a new one begins when the newest
 * has grown to a share of the whole, so that forgetting frees room.
 *
 * <p>Written without waiting for the disk: what was appended is there after a kill of the process. A power cut can take the newest of it; the source then goes on behind a hole, which
 * is found when it says where it begins.
 */
public final class DiskStore implements HistoryStore {
    private static final Logger LOG = LoggerFactory.getLogger(DiskStore.class);

    private static final int FILES = 16;
    private static final long MIN_FILE_BYTES = 1024 * 1024;
    private static final String SUFFIX = ".history";

    private final Path directory;
    private final long fileBytes;

    // The publisher's thread, and before it the one that recovers.
    private @Nullable HistoryFile newest;
    private long nextNumber = 1;
    private @Nullable Position reached;

    /**
     * @param directory where the files are; created if missing, readable by this user only
     * @param maxBytes how much is kept in all, in bytes
     */
    public DiskStore(Path directory, long maxBytes) {
        this.directory = directory;
        this.fileBytes = Math.max(MIN_FILE_BYTES, maxBytes / FILES);
    }

    @Override
    public void recover(Recovery recovery) throws IOException {
        createDirectory();
        List<Path> files = files();
        for (int i = 0; i < files.size(); i++) {
            Path path = files.get(i);
            HistoryFile file = HistoryFile.open(path);
            boolean isLast = i == files.size() - 1;
            reached = file.recover(newest == null ? null : reached, isLast, recovery);
            nextNumber = number(path) + 1;
            newest = file;
            if (reached == null) {
                LOG.warn("The history in {} is damaged; it begins behind this file", path);
                file.delete();
                newest = null;
            }
        }
    }

    @Override
    public Pack append(List<DataChangeEvent> events) throws IOException {
        HistoryFile file = newest;
        if (file == null || file.size() > fileBytes) {
            file = begin(reached == null ? events.get(0).position().before() : reached);
        }
        Pack pack = file.append(ChangeCodec.pack(events));
        reached = events.get(events.size() - 1).position();
        return pack;
    }

    @Override
    public void reached(Position boundary) throws IOException {
        HistoryFile file = newest;
        if (file == null) {
            begin(boundary);
        } else {
            file.append(boundary);
        }
        reached = boundary;
    }

    @Override
    public void restart(Position start) throws IOException {
        // The new beginning first: were the process killed in between, the old files would not lead up to it and are
        // left out.
        List<Path> old = files();
        begin(start);
        for (Path path : old) {
            Files.deleteIfExists(path);
        }
        reached = start;
    }

    private HistoryFile begin(Position start) throws IOException {
        HistoryFile before = newest;
        HistoryFile file = HistoryFile.create(directory.resolve("%016x%s".formatted(nextNumber, SUFFIX)), start);
        nextNumber++;
        newest = file;
        if (before != null) {
            before.finish();
        }
        return file;
    }

    @Override
    public void close() {
        if (newest != null) {
            newest.close();
        }
    }

    private void createDirectory() throws IOException {
        if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(directory);
        }
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "[0-9a-f]*" + SUFFIX)) {
            all.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    private static long number(Path file) {
        String name = file.getFileName().toString();
        return Long.parseUnsignedLong(name.substring(0, name.length() - SUFFIX.length()), 16);
    }
}
