package dev.rowtide.sqlite.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random work on random databases, by several processes, with a connector that is killed, stopped and started meanwhile, and a replay that believes nothing. See {@link FuzzRun}.
 *
 * <p>Without options it runs a few seeds. For more:
 *
 * <pre>
 * ./mvnw -pl sqlite-connector test -Dtest=FuzzTest -Dsqlite.fuzz.seeds=100-199 -Dsqlite.fuzz.ops=300
 * </pre>
 *
 * <p>{@code sqlite.fuzz.dir} is a directory in which each run leaves what it made: the database, the state, the tail's log, and all operations in {@code operations.log}.
 */
final class FuzzTest {
    private static final String SEEDS = System.getProperty("sqlite.fuzz.seeds", "1-4");
    private static final int OPS = Integer.getInteger("sqlite.fuzz.ops", 120);

    @TempDir
    private static Path temporary;

    @TestFactory
    List<DynamicTest> everyCommittedStateIsReplayedInOrder() {
        String[] range = SEEDS.split("-");
        var tests = new ArrayList<DynamicTest>();
        for (long seed = Long.parseLong(range[0]); seed <= Long.parseLong(range[range.length - 1]); seed++) {
            long one = seed;
            tests.add(DynamicTest.dynamicTest("seed " + seed, () -> run(one)));
        }
        return tests;
    }

    private static void run(long seed) throws IOException, InterruptedException {
        String kept = System.getProperty("sqlite.fuzz.dir");
        Path dir = (kept == null ? temporary : Path.of(kept)).resolve("seed-" + seed);
        if (kept != null) {
            FuzzRun.deleteAll(dir);
        }
        System.out.println(new FuzzRun(seed, OPS, dir).run());
        if (kept != null && !Boolean.getBoolean("sqlite.fuzz.keep")) {
            FuzzRun.deleteAll(dir);
        }
    }

    static String replayCommand(long seed, int ops) {
        return "./mvnw -pl sqlite-connector test -Dtest=FuzzTest -Dsqlite.fuzz.seeds=" + seed + "-" + seed
                + " -Dsqlite.fuzz.ops=" + ops + " -Dsqlite.fuzz.dir=<directory>";
    }
}
