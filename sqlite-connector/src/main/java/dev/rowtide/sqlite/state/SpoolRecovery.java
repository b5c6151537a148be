package dev.rowtide.sqlite.state;

import dev.rowtide.sqlite.state.Probe.Step;
import dev.rowtide.sqlite.state.Spool.Tail;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a spool that some process left, whole, and cuts off a transaction that was not finished. Files are only appended to, so a crash leaves at most one unfinished record, and
 * nothing behind it; a bad record with good ones behind it is damage.
 */
final class SpoolRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(SpoolRecovery.class);
    private static final Pattern SEGMENT = Pattern.compile("\\d{19}\\.log");
    private static final int SEARCH_CHUNK = 1 << 16;

    private final StateFiles files;
    private final ShadowMeta shadow;
    private final long tag;
    private final List<SpoolSegment> segments = new ArrayList<>();
    private Tail tail;
    private boolean anyRecord;
    private long lastRecord;

    SpoolRecovery(StateFiles files, ShadowMeta shadow) {
        this.files = files;
        this.shadow = shadow;
        this.tag = SpoolRecord.tag(shadow.id());
        this.tail = new Tail(shadow.seq(), shadow.end());
    }

    /** The segments in order, by their names. */
    static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(path ->
                            SEGMENT.matcher(path.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    Spool run(long maxSegmentBytes, Runnable onCommit) throws IOException {
        List<Path> paths = list(files.spool());
        long base = 0;
        for (int i = 0; i < paths.size(); i++) {
            SpoolSegment segment = new SpoolSegment(paths.get(i), base);
            boolean whole;
            try (RandomAccessFile file = new RandomAccessFile(paths.get(i).toFile(), "rw")) {
                whole = readAll(segment, file, paths.subList(i + 1, paths.size()));
            }
            base += segment.length();
            if (segment.count() > 0) {
                segments.add(segment);
            } else {
                Files.delete(segment.path());
            }
            if (!whole) {
                for (Path later : paths.subList(i + 1, paths.size())) {
                    Files.delete(later);
                }
                break;
            }
        }
        if (tail.seq() < shadow.target()) {
            throw files.damaged("the shadow was being brought to transaction " + shadow.target()
                    + ", and the spool ends at " + tail.seq());
        }
        return new Spool(files, tag, maxSegmentBytes, segments, tail, shadow.seq(), onCommit);
    }

    /** @return false if it ended in an unfinished record, which was cut off */
    private boolean readAll(SpoolSegment segment, RandomAccessFile file, List<Path> later) throws IOException {
        long length = file.length();
        RecordReader reader = new RecordReader(file, tag);
        for (long offset = 0; offset < length; offset = segment.length()) {
            SpoolRecord record = reader.read(offset);
            if (record == null) {
                if (soundRecordIn(file, offset + 1) || soundRecordIn(later)) {
                    throw files.damaged(
                            segment.path() + " has a bad transaction at byte " + offset + ", and good ones behind it");
                }
                LOG.info("Cutting off an unfinished transaction: {} bytes of {}", length - offset, segment.path());
                files.probe(Step.SPOOL_CUT);
                file.setLength(offset);
                return false;
            }
            accept(record);
            segment.add(record.header().seq(), offset + record.length());
        }
        return true;
    }

    private void accept(SpoolRecord record) throws IOException {
        long seq = record.header().seq();
        // Each names the one before it. What the shadow has already may have been deleted in part, so there the chain
        // begins anywhere.
        boolean follows = (!anyRecord && seq <= shadow.seq()) || record.previousSeq() == chainEnd();
        if (!follows || seq <= record.previousSeq()) {
            throw files.damaged("transaction " + seq + " in the spool follows " + record.previousSeq() + ", and "
                    + chainEnd() + " is what stands before it");
        }
        anyRecord = true;
        lastRecord = seq;
        if (seq > shadow.seq()) {
            tail = new Tail(seq, record.header().end());
        }
    }

    private long chainEnd() {
        return anyRecord ? lastRecord : shadow.seq();
    }

    private boolean soundRecordIn(List<Path> paths) throws IOException {
        for (Path path : paths) {
            try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                if (soundRecordIn(file, 0)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether there is one anywhere from an offset on: looks for its magic number first. */
    private boolean soundRecordIn(RandomAccessFile file, long from) throws IOException {
        RecordReader reader = new RecordReader(file, tag);
        byte[] chunk = new byte[SEARCH_CHUNK];
        int word = 0;
        long position = from;
        while (true) {
            file.seek(position);
            int read = file.read(chunk);
            if (read < 0) {
                return false;
            }
            for (int i = 0; i < read; i++) {
                word = word << 8 | (chunk[i] & 0xff);
                if (word == SpoolRecord.MAGIC && reader.read(position + i - 3) != null) {
                    return true;
                }
            }
            position += read;
        }
    }
}
