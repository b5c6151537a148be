package dev.rowtide.sqlite.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoundFileSystemTest {
    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "apfs", "hfs", "NTFS"})
    void localOnesAreAccepted(String type) {
        assertThat(SoundFileSystem.isSound(type)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nfs",
                "nfs4",
                "cifs",
                "smb3",
                "fuse.sshfs",
                "fuseblk",
                "9p",
                "virtiofs",
                "afs",
                "gfs2",
                "ceph",
                ""
            })
    void sharedOnesAreRefusedWithTheWayOut(String type) {
        assertThat(SoundFileSystem.isSound(type)).isFalse();
        assertThat(SoundFileSystem.refusal(Path.of("app.db"), "the file system " + type))
                .hasMessageContaining("app.db is on the file system " + type)
                .hasMessageContaining("local disk");
    }
}
