package dev.rowtide.sqlite.rows;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random databases; {@code -Ddiffer.seeds=1000-1100} runs others, {@code -Ddiffer.steps} longer ones. */
class RandomDifferTest {
    private static final int STEPS = Integer.getInteger("differ.steps", 60);

    static List<Long> seeds() {
        String[] range = System.getProperty("differ.seeds", "1-10").split("-");
        return LongStream.rangeClosed(Long.parseLong(range[0]), Long.parseLong(range[range.length - 1]))
                .boxed()
                .toList();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eventsTellExactlyWhatHappenedHoweverTheDifferCameToBe(long seed, @TempDir Path directory) throws Exception {
        Random random = new Random(seed);
        try (Trial trial = Trial.of(directory, RandomDatabase.pragmas(random))) {
            RandomDatabase database =
                    new RandomDatabase(random, trial, trial.pages().pageSize());
            for (int step = 0; step < STEPS; step++) {
                try {
                    database.step();
                    trial.changes();
                } catch (Throwable e) {
                    throw new AssertionError(
                            "seed " + seed + ", step " + step + ", after " + trial.lastStatements(), e);
                }
            }
        }
    }
}
