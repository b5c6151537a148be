package dev.rowtide.sqlite.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** State directories in tests. */
final class Directories {
    static final CaptureState.Limits UNSYNCED = new CaptureState.Limits(64 << 20, false);
    static final CaptureState.Limits SYNCED = new CaptureState.Limits(64 << 20, true);

    private Directories() {}

    /** As it would be found if the process ended now. */
    static void copy(Path from, Path to) throws IOException {
        delete(to);
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (Path path :
                        paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    static List<Path> segments(Path directory) throws IOException {
        return SpoolRecovery.list(directory.resolve("spool"));
    }
}
