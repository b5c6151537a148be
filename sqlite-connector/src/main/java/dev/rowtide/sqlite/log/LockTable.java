package dev.rowtide.sqlite.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * Who holds which locks, as {@code /proc/locks} tells on Linux: only for messages, because it shows neither processes of other containers nor anything on other systems.
 */
final class LockTable {
    /** Where SQLite keeps its locks in a database file: PENDING, RESERVED, and 510 bytes of SHARED. */
    private static final long DATABASE_LOCKS = 1L << 30;

    private static final int DATABASE_LOCK_BYTES = 512;

    /** In the {@code -shm} file: the slots of readers 1 to 4. */
    private static final int FIRST_READER = 124;

    private static final int LAST_READER = 127;

    private LockTable() {}

    /** Names the other processes that read from the log. */
    static String readersOfLog(Path shm) {
        return processes(holders(shm, FIRST_READER, LAST_READER));
    }

    /** Names the other processes that have a transaction on the database. */
    static String usersOf(Path database) {
        return processes(holders(database, DATABASE_LOCKS, DATABASE_LOCKS + DATABASE_LOCK_BYTES - 1));
    }

    private static String processes(Set<Long> ids) {
        if (ids.isEmpty()) {
            return "another process";
        }
        StringBuilder text = new StringBuilder(ids.size() == 1 ? "process " : "processes ");
        String separator = "";
        for (long id : ids) {
            text.append(separator).append(id);
            separator = ", ";
        }
        return text.toString();
    }

    /** Lines are {@code 1: POSIX ADVISORY READ pid major:minor:inode first last}. The device is left out: some file systems show another one here. */
    private static Set<Long> holders(Path file, long first, long last) {
        Set<Long> ids = new TreeSet<>();
        try {
            String inode = ":" + Files.getAttribute(file, "unix:ino");
            for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
                String[] words = line.trim().split("\\s+", -1);
                if (words.length < 8 || !words[5].endsWith(inode)) {
                    continue;
                }
                long from = Long.parseLong(words[6]);
                long to = words[7].equals("EOF") ? Long.MAX_VALUE : Long.parseLong(words[7]);
                long id = Long.parseLong(words[4]);
                if (from <= last
                        && to >= first
                        && id > 0
                        && id != ProcessHandle.current().pid()) {
                    ids.add(id);
                }
            }
        } catch (IOException | RuntimeException e) {
            // Not Linux, or not allowed: the message does without.
            return Set.of();
        }
        return ids;
    }
}
