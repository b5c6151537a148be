package dev.rowtide.cdc;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Small files that are either the old or the new one after a crash, never half of one. */
final class DurableFile {
    private DurableFile() {}

    /**
     * Writes beside the file, forces it to the disk, renames it over the old one, and forces the folder. An interrupt neither stops it nor is lost: the
     * engine interrupts its threads when it is closed, which is when the last offset is written.
     *
     * @throws UncheckedIOException naming the file; the old content is still there
     */
    static void replace(Path path, String content) {
        Path beside = path.resolveSibling(path.getFileName() + ".new");
        // A stream, because a channel would be closed by an interrupt.
        try {
            try (FileOutputStream file = new FileOutputStream(beside.toFile())) {
                file.write(content.getBytes(StandardCharsets.UTF_8));
                file.getFD().sync();
            }
            Files.move(beside, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceFolder(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e, e);
        }
    }

    static void delete(Path path) {
        try {
            if (Files.deleteIfExists(path)) {
                forceFolder(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path + ": " + e, e);
        }
    }

    /** A rename is durable only when the folder is. Only a channel can do that, so an interrupt is set aside meanwhile. */
    private static void forceFolder(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        boolean interrupted = false;
        while (true) {
            interrupted |= Thread.interrupted();
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
                break;
            } catch (ClosedByInterruptException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
