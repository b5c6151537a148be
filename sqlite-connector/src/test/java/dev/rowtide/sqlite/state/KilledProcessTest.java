package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that captures, emits and acknowledges, again and again in one directory, and looks at what it left. */
class KilledProcessTest {
    private static final int ROUNDS = 6;
    private static final Tuning TUNING = new Tuning(100_000, Duration.ofMillis(2), Probe.NONE);

    @TempDir
    Path temporary;

    @Test
    void noCommitIsLostAndNothingUnacknowledgedIsInTheShadow() throws Exception {
        Path directory = temporary.resolve("state");
        Path journal = temporary.resolve("journal");
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        long commits = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process process = OtherProcess.start(
                    List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"), Main.class, directory, journal, round);
            try {
                assertThat(process.getInputStream().read()).isEqualTo('r');
                Thread.sleep(random.nextInt(100, 700));
            } finally {
                process.destroyForcibly().waitFor();
            }
            commits = check(directory, journal);
        }
        assertThat(commits).isGreaterThan(ROUNDS * 20);
    }

    private static long check(Path directory, Path journal) throws Exception {
        Told told = Told.read(journal);
        try (CaptureState state = CaptureState.open(directory, Directories.UNSYNCED, TUNING)) {
            told.complete(state);
            assertThat(state.lastSeq()).isEqualTo(told.model.commits.lastKey());
            assertThat(state.end()).isEqualTo(told.model.newest().end());
            assertThat(state.shadowSeq()).isLessThanOrEqualTo(told.acknowledged);
            DatabaseImage image = state.imageAt(state.shadowSeq());
            told.model.check(image);
            while (image.seq() < state.lastSeq()) {
                CapturedTransaction next =
                        state.after(image.seq(), Duration.ZERO).orElseThrow();
                told.model.check(next);
                image = image.with(next);
            }
            told.model.check(image);
        }
        return told.model.commits.size();
    }

    /** What the killed processes said that they did. */
    private static final class Told {
        final ModelDatabase model = new ModelDatabase(new SplittableRandom(1));
        long acknowledged = 1000;
        ModelDatabase.@Nullable Commit tried;

        static Told read(Path journal) throws IOException {
            Told told = new Told();
            String text = Files.readString(journal);
            // The last line may be cut.
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "try" -> told.tried = parse(words);
                    case "done" -> {
                        told.model.commits.put(Long.parseLong(words[1]), told.tried);
                        told.tried = null;
                    }
                    default -> told.acknowledged = Long.parseLong(words[1]);
                }
            }
            return told;
        }

        /** The last commit may have been made without having been told of. */
        void complete(CaptureState state) {
            ModelDatabase.Commit last = tried;
            if (last != null && state.lastSeq() > model.commits.lastKey()) {
                model.commits.put(state.lastSeq(), last);
            }
        }

        private static ModelDatabase.Commit parse(String[] words) {
            int[] end = numbers(words[2]);
            return new ModelDatabase.Commit(
                    Integer.parseInt(words[1]),
                    numbers(words[3]),
                    new LogPosition(end[0], end[1], end[2], end[3], end[4]));
        }

        private static int[] numbers(String list) {
            return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray();
        }
    }

    /** The process that is killed. */
    static final class Main {
        public static void main(String[] arguments) throws Exception {
            Path directory = Path.of(arguments[0]);
            Path journal = Path.of(arguments[1]);
            int round = Integer.parseInt(arguments[2]);
            SplittableRandom random = new SplittableRandom(round);
            try (CaptureState state = CaptureState.open(directory, Directories.UNSYNCED, TUNING);
                    FileOutputStream out = new FileOutputStream(journal.toFile(), true)) {
                ModelDatabase model = new ModelDatabase(random.split(), (round + 1) * 100_000_000);
                ModelDatabase.Journal told = journalTo(out);
                if (state.exists()) {
                    Told before = Told.read(journal);
                    boolean untold = state.lastSeq() > before.model.commits.lastKey();
                    before.complete(state);
                    model.commits.putAll(before.model.commits);
                    if (untold) {
                        told.done(state.lastSeq());
                    }
                } else {
                    model.firstCopy(state, "first", 1000, 1024, 50);
                    told.trying(model.newest());
                    told.done(1000);
                }
                model.journal = told;
                System.out.println("ready");
                System.out.flush();
                DatabaseImage image = state.imageAt(state.shadowSeq());
                while (true) {
                    if (random.nextInt(40) == 0) {
                        model.appendComplete(state, random.nextBoolean() ? 512 : 1024, 30 + random.nextInt(30));
                    } else {
                        model.append(state, 20);
                    }
                    CapturedTransaction next =
                            state.after(image.seq(), Duration.ZERO).orElseThrow();
                    image = image.with(next);
                    if (random.nextInt(3) == 0) {
                        write(out, "ack " + image.seq());
                        state.acknowledge(image.seq());
                    }
                    Thread.sleep(1);
                }
            }
        }

        private static ModelDatabase.Journal journalTo(FileOutputStream out) {
            return new ModelDatabase.Journal() {
                @Override
                public void trying(ModelDatabase.Commit commit) throws IOException {
                    LogPosition end = commit.end();
                    write(
                            out,
                            "try " + commit.pageSize() + " " + end.salt1() + "," + end.salt2() + "," + end.frame() + ","
                                    + end.checksum1() + "," + end.checksum2() + " "
                                    + Arrays.stream(commit.versions())
                                            .mapToObj(String::valueOf)
                                            .collect(Collectors.joining(",")));
                }

                @Override
                public void done(long seq) throws IOException {
                    write(out, "done " + seq);
                }
            };
        }

        private static void write(FileOutputStream out, String line) throws IOException {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
