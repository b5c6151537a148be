package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class TornTailTest {
    private static final Tuning QUIET = new Tuning(300, Duration.ofDays(1), Probe.NONE);

    @TempDir
    Path directory;

    private final ModelDatabase model = new ModelDatabase(new SplittableRandom(7));

    @BeforeAll
    static void thousandsOfCutsAreNoNews() {
        ((Logger) LoggerFactory.getLogger(SpoolRecovery.class)).setLevel(Level.WARN);
    }

    @BeforeEach
    void someTransactions() throws IOException {
        try (CaptureState state = open()) {
            model.firstCopy(state, "first", 1000, 64, 9);
            for (int i = 0; i < 6; i++) {
                model.append(state, 4);
            }
            assertThat(Directories.segments(directory)).hasSizeGreaterThan(1);
        }
    }

    private CaptureState open() throws IOException {
        return CaptureState.open(directory, Directories.UNSYNCED, QUIET);
    }

    private Path lastSegment() throws IOException {
        List<Path> segments = Directories.segments(directory);
        return segments.get(segments.size() - 1);
    }

    private long beforeLast() {
        return model.commits.lowerKey(model.commits.lastKey());
    }

    /** With two pages, in a segment with another one before it. */
    private void appendLast() throws IOException {
        try (CaptureState state = open()) {
            CapturedTransaction last;
            do {
                last = model.append(state, 4);
            } while (last.changedPages().length != 2 || startOfLast(Files.readAllBytes(lastSegment())) == 0);
        }
    }

    @Test
    void aTornTailIsCutAndNeverBelieved() throws Exception {
        appendLast();
        Path segment = lastSegment();
        byte[] whole = Files.readAllBytes(segment);
        int begin = startOfLast(whole);
        assertThat(whole.length - begin).isGreaterThan(2 * 64);
        for (int length = begin; length < whole.length; length++) {
            Files.write(segment, Arrays.copyOf(whole, length));
            expectCut(segment, begin);
        }
        Files.write(segment, whole);
        try (CaptureState state = open()) {
            assertThat(state.lastSeq()).isEqualTo(model.commits.lastKey());
        }
    }

    @Test
    void aTornTailWithGarbageInItIsCutToo() throws Exception {
        appendLast();
        Path segment = lastSegment();
        byte[] whole = Files.readAllBytes(segment);
        int begin = startOfLast(whole);
        SplittableRandom random = new SplittableRandom(3);
        for (int offset = begin; offset < whole.length; offset += 3) {
            byte[] garbled = whole.clone();
            garbled[offset] ^= (byte) (1 << random.nextInt(8));
            if (random.nextBoolean()) {
                garbled = Arrays.copyOf(garbled, garbled.length + random.nextInt(200));
            }
            Files.write(segment, garbled);
            expectCut(segment, begin);
        }
    }

    private static int startOfLast(byte[] segment) {
        for (int i = segment.length - 4; ; i--) {
            if (ByteBuffer.wrap(segment, i, 4).getInt() == SpoolRecord.MAGIC) {
                return i;
            }
        }
    }

    private void expectCut(Path segment, int begin) throws IOException {
        try (CaptureState state = open()) {
            assertThat(state.lastSeq()).isEqualTo(beforeLast());
            assertThat(state.end()).isEqualTo(model.commits.get(beforeLast()).end());
            model.check(state.imageAt(beforeLast()));
        }
        assertThat(segment).hasSize(begin);
    }

    @Test
    void aNewTransactionAfterTheCutHasTheNumberOfTheOldOne() throws Exception {
        long last = model.commits.lastKey();
        Path segment = lastSegment();
        Files.write(segment, Arrays.copyOf(Files.readAllBytes(segment), (int) Files.size(segment) - 1));
        model.commits.remove(last);
        try (CaptureState state = open()) {
            assertThat(model.append(state, 3).header().seq()).isGreaterThan(model.commits.lowerKey(last));
        }
        try (CaptureState state = open()) {
            model.check(state.imageAt(state.lastSeq()));
        }
    }

    @Test
    void damageWithGoodTransactionsBehindItStopsAndSaysWhatToDo() throws Exception {
        for (Path segment : List.of(
                Directories.segments(directory).get(0),
                Directories.segments(directory).get(1))) {
            byte[] whole = Files.readAllBytes(segment);
            byte[] garbled = whole.clone();
            garbled[100] ^= 1;
            Files.write(segment, garbled);
            expectDamage("good ones behind it");
            Files.write(segment, whole);
        }
        open().close();
    }

    @Test
    void aMissingSegmentIsNoticed() throws Exception {
        Path second = Directories.segments(directory).get(1);
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(second, elsewhere);
        expectDamage("what stands before it");
        Files.move(elsewhere, second);
        Files.move(Directories.segments(directory).get(0), elsewhere);
        expectDamage("what stands before it");
    }

    @Test
    void anyChangedByteOfTheMetaIsNoticed() throws Exception {
        Path meta = directory.resolve("shadow.meta");
        byte[] whole = Files.readAllBytes(meta);
        for (int i = 0; i < whole.length - 2; i++) {
            byte[] garbled = whole.clone();
            garbled[i] ^= 4;
            Files.write(meta, garbled);
            assertThatThrownBy(this::open).as("byte %s", i).isInstanceOf(IOException.class);
        }
        Files.write(meta, new byte[0]);
        expectDamage("not a description");
        Files.writeString(meta, new String(whole, StandardCharsets.UTF_8).replace("\"format\":1", "\"format\":2"));
        expectDamage("format 2");
        Files.write(meta, whole);
        open().close();
    }

    @Test
    void aShadowThatIsMissingOrHasTheWrongSizeIsNoticed() throws Exception {
        Path shadow = directory.resolve("shadow.db");
        byte[] whole = Files.readAllBytes(shadow);
        Files.write(shadow, Arrays.copyOf(whole, whole.length - 1));
        expectDamage("should have");
        Files.delete(shadow);
        expectDamage("missing");
    }

    @Test
    void aFlushWhoseTransactionsAreGoneIsNoticed() throws Exception {
        StateFiles files = new StateFiles(directory, false, Probe.NONE);
        ShadowMeta meta;
        try (Shadow shadow = Shadow.open(files)) {
            meta = shadow.meta();
        }
        files.replaceMeta(meta.withTarget(model.commits.lastKey() + 1).encode());
        expectDamage("the spool ends at " + model.commits.lastKey());
    }

    private void expectDamage(String what) {
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(what)
                .hasMessageContaining("Delete the directory")
                .hasMessageContaining(directory.toString());
    }
}
