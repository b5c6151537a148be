package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeTransactionTest {
    private static final int PAGE_SIZE = 65536;
    /** 100 MiB. */
    private static final int PAGES = 1600;

    @TempDir
    Path directory;

    @Test
    void aTransactionOf100MegabytesPassesThroughASmallHeap() throws Exception {
        String said = OtherProcess.run(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"), Main.class, directory);
        assertThat(said).contains("all well");
    }

    /** Copies, appends, compares, flushes, and reads again. */
    static final class Main {
        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            CaptureState.Limits limits = new CaptureState.Limits(1 << 30, false);
            try (CaptureState state = CaptureState.open(directory, limits)) {
                try (CaptureState.FirstCopy copy = state.firstCopy("large", "db", 1, PAGE_SIZE, PAGES)) {
                    byte[] page = new byte[PAGE_SIZE];
                    for (int i = 1; i <= PAGES; i++) {
                        copy.page(i, content(page, i, 1));
                    }
                    copy.finish(LogPosition.NONE);
                }
                append(state, 2, false);
                DatabaseImage before = state.imageAt(1);
                DatabaseImage after =
                        before.with(state.after(1, Duration.ofSeconds(10)).orElseThrow());
                check(before, 1);
                check(after, 2);
                append(state, 3, true);
                after = after.with(
                        state.after(after.seq(), Duration.ofSeconds(10)).orElseThrow());
                check(after, 3);
                state.acknowledge(2);
            }
            try (CaptureState state = CaptureState.open(directory, limits)) {
                check(state.imageAt(state.shadowSeq()), 2);
                check(state.imageAt(state.lastSeq()), 3);
                state.acknowledge(state.lastSeq());
            }
            try (CaptureState state = CaptureState.open(directory, limits)) {
                check(state.imageAt(state.shadowSeq()), 3);
            }
            System.out.println("all well");
        }

        private static void append(CaptureState state, int version, boolean complete) throws IOException {
            try (CaptureState.TransactionWriter writer = state.append()) {
                byte[] page = new byte[PAGE_SIZE];
                for (int i = PAGES; i >= 1; i--) {
                    writer.page(i, content(page, i, version));
                }
                writer.commit(TransactionHeader.Kind.COMMIT, PAGE_SIZE, PAGES, complete, LogPosition.NONE);
            }
        }

        private static byte[] content(byte[] page, int number, int version) {
            ByteBuffer.wrap(page).putInt(number).putInt(version).putInt(PAGE_SIZE - 4, number ^ version);
            return page;
        }

        private static void check(DatabaseImage image, int version) throws IOException {
            for (int i = 1; i <= PAGES; i++) {
                ByteBuffer page = ByteBuffer.wrap(image.page(i));
                if (page.getInt(0) != i || page.getInt(4) != version || page.getInt(PAGE_SIZE - 4) != (i ^ version)) {
                    throw new IllegalStateException("Page " + i + " of " + version);
                }
            }
        }
    }
}
