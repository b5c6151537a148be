package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Who reads for a long time: while a read transaction lasts, the log cannot start over, whoever writes and whoever checkpoints. Linux tells by {@code /proc/locks}, for processes of the same
 * container; elsewhere nothing is found.
 */
final class ReaderCheck {
    private static final Path LOCKS = Path.of("/proc/locks");
    /** In the {@code -shm} file, one byte for each mark that a reader can stand at ("WAL-mode File Format", section 2.3). */
    private static final long FIRST_MARK = 123;

    private static final long LAST_MARK = 127;
    private static final int WORDS = 8;
    private static final long LONG_READ_MILLIS = 300;

    private ReaderCheck() {}

    /** Looks twice, with a moment in between, and names who stood at the same mark both times. */
    static List<Finding> examine(Path database) throws InterruptedException {
        Path shared = database.resolveSibling(database.getFileName() + "-shm");
        if (!Files.exists(LOCKS) || !Files.exists(shared)) {
            return List.of();
        }
        Map<Long, Long> before = marks(shared);
        if (before.isEmpty()) {
            return List.of();
        }
        TimeUnit.MILLISECONDS.sleep(LONG_READ_MILLIS);
        Map<Long, Long> after = marks(shared);
        List<String> readers = new ArrayList<>();
        before.forEach((process, mark) -> {
            if (mark.equals(after.get(process))) {
                readers.add(name(process));
            }
        });
        return readers.isEmpty()
                ? List.of()
                : List.of(Finding.info(
                        "readers",
                        "these processes have had a read transaction open for at least " + LONG_READ_MILLIS
                                + " ms, and the"
                                + " log grows as long as one lasts: " + String.join(", ", readers)
                                + ". A running Rowtide is always among them, and lets the log start over by itself"));
    }

    /** By process, the mark that it stands at. Lines are {@code 1: POSIX ADVISORY READ pid major:minor:inode first last}. */
    private static Map<Long, Long> marks(Path shared) {
        Map<Long, Long> marks = new TreeMap<>();
        try {
            String inode = ":" + Files.getAttribute(shared, "unix:ino");
            for (String line : Files.readAllLines(LOCKS)) {
                String[] words = line.trim().split("\\s+");
                if (words.length == WORDS && words[3].equals("READ") && words[5].endsWith(inode)) {
                    long process = Long.parseLong(words[4]);
                    long first = Long.parseLong(words[6]);
                    if (first >= FIRST_MARK && first <= LAST_MARK && process > 0) {
                        marks.put(process, first);
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            return Map.of(); // not allowed, or of another form: this is only good to know
        }
        return marks;
    }

    private static String name(long process) {
        return ProcessHandle.of(process)
                .flatMap(handle -> handle.info().command())
                .map(command -> Path.of(command).getFileName() + " (" + process + ")")
                .orElse(Long.toString(process));
    }
}
