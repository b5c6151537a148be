package dev.rowtide.sqlite.log;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/**
 * Which file systems are accepted. In WAL mode all users of a database share memory through the {@code -shm} file, and locks through the kernel: that works only within one kernel. On others a
 * database can be read wrongly, or destroyed, and not only by us.
 */
final class SoundFileSystem {
    /**
     * Local ones, as {@link FileStore#type} names them, in lower case. Of overlay, which containers have wherever no volume is mounted, the layer that is written is local in practice; that it need not be is the one risk
     * that is taken here. What is refused: nfs, cifs, smb, afs, gfs, ceph, 9p, virtiofs and everything by FUSE, where two kernels, or two views in one, may disagree.
     */
    private static final Set<String> SOUND = Set.of(
            "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay", "apfs", "hfs", "ntfs", "ntfs3",
            "refs");

    private SoundFileSystem() {}

    static boolean isSound(String type) {
        return SOUND.contains(type.toLowerCase(Locale.ROOT));
    }

    /** @throws UnusableDatabaseException if it is not known to be sound */
    static void check(Path database) throws UnusableDatabaseException {
        String type;
        try {
            type = Files.getFileStore(database).type();
        } catch (IOException e) {
            throw refusal(database, "a file system that the operating system does not name (" + e.getMessage() + ")");
        }
        if (!isSound(type)) {
            throw refusal(database, "the file system " + type);
        }
    }

    static UnusableDatabaseException refusal(Path database, String what) {
        return new UnusableDatabaseException(database + " is on " + what
                + ". Following its log needs memory and locks that all users of the file share, which network, FUSE and"
                + " virtual machine file systems do not give. Put the database on a local disk, or accept any file"
                + " system in the configuration if you know that every user of the file runs on this kernel.");
    }

    /** @throws UnusableDatabaseException if it, or its directory, cannot be written */
    static void checkWritable(Path database) throws UnusableDatabaseException {
        Path directory = Objects.requireNonNull(database.getParent());
        boolean file = Files.isWritable(database);
        if (!file || !Files.isWritable(directory)) {
            throw new UnusableDatabaseException(
                    (file ? directory : database)
                            + " cannot be written by this process. Locks of readers stand in a file beside the database, so that following it needs to write there: give this process write access to the database and its directory.");
        }
    }
}
