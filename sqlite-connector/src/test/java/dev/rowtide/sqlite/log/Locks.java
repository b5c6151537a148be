package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Counts the locks of this process, as the kernel sees them. Does nothing where there is no /proc/locks. */
final class Locks {
    private static final Path TABLE = Path.of("/proc/locks");

    private Locks() {}

    /** A reader in some slot, the dead man's switch, and the shared lock of the database. */
    static void assertHeld(Path database) throws IOException {
        if (Files.isReadable(TABLE)) {
            assertThat(of(Path.of(database + "-shm"))).anyMatch(lock -> covers(lock, 123, 127));
            assertThat(of(Path.of(database + "-shm"))).anyMatch(lock -> covers(lock, 128, 128));
            assertThat(of(database)).anyMatch(lock -> covers(lock, (1L << 30) + 2, (1L << 30) + 511));
        }
    }

    static void assertNone(Path database) throws IOException {
        if (Files.isReadable(TABLE)) {
            assertThat(of(database)).isEmpty();
            Path shm = Path.of(database + "-shm");
            if (Files.exists(shm)) {
                assertThat(of(shm)).isEmpty();
            }
        }
    }

    /** First and last byte of each. */
    private static List<long[]> of(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino");
        String self = String.valueOf(ProcessHandle.current().pid());
        List<long[]> locks = new ArrayList<>();
        for (String line : Files.readAllLines(TABLE)) {
            String[] words = line.trim().split("\\s+", -1);
            if (words.length >= 8 && words[5].endsWith(inode) && words[4].equals(self)) {
                locks.add(new long[] {Long.parseLong(words[6]), Long.parseLong(words[7])});
            }
        }
        return locks;
    }

    private static boolean covers(long[] lock, long first, long last) {
        return lock[0] >= first && lock[1] <= last;
    }
}
