package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.SqliteSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The first 100 bytes of the file ("Database File Format", section 1.3): what no SQL tells.
 *
 * <p>Reads the file by Java, which drops all locks that SQLite in this process has on it. So it runs before any connection is opened, and while nothing here follows the database.
 */
final class HeaderCheck {
    private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES = 100;
    private static final int WRITE_VERSION = 18;
    private static final int READ_VERSION = 19;
    private static final int WRITER = 96;
    private static final int WAL = 2;
    /** A checkpoint that races with a restart of the log can lose a transaction: https://sqlite.org/wal.html, "The WAL-Reset Bug". */
    private static final int FIRST_WITH_RESET_BUG = 3_007_000;

    private static final int FIRST_WITHOUT_RESET_BUG = 3_051_003;

    private HeaderCheck() {}

    /**
     * What the header says.
     *
     * @param empty whether there is none yet
     * @param wal whether the database has a write-ahead log
     * @param findings what is wrong; an error makes every further question pointless
     */
    record Header(boolean empty, boolean wal, List<Finding> findings) {}

    static Header examine(Path file, SqliteSource source) throws IOException {
        byte[] header = new byte[BYTES];
        long size;
        try (RandomAccessFile database = new RandomAccessFile(file.toFile(), "r")) {
            size = database.length();
            if (size >= BYTES) {
                database.readFully(header);
            }
        }
        if (size == 0) {
            return new Header(
                    true,
                    false,
                    List.of(Finding.info(
                            FileCheck.SUBJECT, "it is empty: nothing was written to this database so far")));
        }
        if (size < BYTES || !startsWithMagic(header)) {
            return unreadable(file + " is not a SQLite database, or it is encrypted (SQLCipher, SEE), which cannot be"
                    + " followed: its log is encrypted, too");
        }
        int write = header[WRITE_VERSION];
        int read = header[READ_VERSION];
        if (write < 1 || write > WAL || read < 1 || read > WAL) {
            return unreadable(
                    file + " has the format versions " + write + "/" + read + ", and only 1 (rollback journal)"
                            + " and 2 (write-ahead log) are known: if it is in wal2 mode, run PRAGMA journal_mode = WAL with the"
                            + " library that made it");
        }
        boolean wal = write == WAL;
        List<Finding> findings = new ArrayList<>();
        findings.addAll(journal(wal, size, source.follow()));
        findings.addAll(writer(wal, ByteBuffer.wrap(header).getInt(WRITER)));
        return new Header(false, wal, findings);
    }

    private static Header unreadable(String sentence) {
        return new Header(false, false, List.of(Finding.error(FileCheck.SUBJECT, sentence)));
    }

    private static boolean startsWithMagic(byte[] header) {
        return ByteBuffer.wrap(header, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    private static List<Finding> journal(boolean wal, long size, SqliteSource.Follow follow) {
        if (wal) {
            return List.of();
        }
        if (follow.switchToWal()) {
            return List.of(Finding.info(
                    "journal",
                    "the database has a rollback journal, and `serve` switches it to a write-ahead log, once and for good:"
                            + " every program that uses it must be on this machine. sqlite.switch-to-wal: false keeps it as it is",
                    "PRAGMA journal_mode = WAL"));
        }
        if (size > follow.journalMaxBytes()) {
            return List.of(Finding.error(
                    "journal",
                    "the database has a rollback journal and " + megabytes(size)
                            + " MB, and without a write-ahead log all"
                            + " its pages are compared at each commit, which is done up to "
                            + megabytes(follow.journalMaxBytes())
                            + " MB (sqlite.journal-max-bytes): switch it to one, or allow it (sqlite.switch-to-wal: true)",
                    "PRAGMA journal_mode = WAL"));
        }
        return List.of(Finding.warning(
                "journal",
                "the database has a rollback journal: commits that come close together arrive as one, and while its pages"
                        + " are compared, which takes about " + Math.max(1, megabytes(size) * 2 / 5)
                        + " ms, writers wait. A write-ahead log does neither",
                "PRAGMA journal_mode = WAL"));
    }

    private static List<Finding> writer(boolean wal, int version) {
        if (!wal || version < FIRST_WITH_RESET_BUG || version >= FIRST_WITHOUT_RESET_BUG) {
            return List.of();
        }
        return List.of(Finding.info(
                "writer",
                "the program that wrote last uses SQLite " + name(version)
                        + ", whose checkpoints can, very rarely, lose a"
                        + " transaction when two of them meet a restart of the log (the \"WAL-reset bug\", mended in 3.51.3)."
                        + " That happens with and without Rowtide: update that program's SQLite"));
    }

    private static String name(int version) {
        return version / 1_000_000 + "." + version / 1000 % 1000 + "." + version % 1000;
    }

    private static long megabytes(long bytes) {
        return bytes >> 20;
    }
}
