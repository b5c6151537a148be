package dev.rowtide.sqlite.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connector reads. The same work on two databases, one of them followed, makes the same bytes. */
final class UntouchedDatabaseTest {
    @TempDir
    private Path dir;

    @Test
    void aFollowedDatabaseIsByteForByteWhatItIsWithoutUs() throws Exception {
        var followed = new FollowedDatabase(Files.createDirectory(dir.resolve("followed")));
        var alone = new FollowedDatabase(Files.createDirectory(dir.resolve("alone")));
        try {
            work(followed, true);
            work(alone, false);

            assertThat(Files.mismatch(followed.database, alone.database)).isEqualTo(-1);
        } finally {
            followed.end();
            alone.end();
        }
    }

    /** Explicit rowids only: at the largest rowid SQLite goes on with random ones, and no two runs would be alike. */
    private static void work(FollowedDatabase database, boolean follow) throws Exception {
        database.exec("PRAGMA auto_vacuum=2", "PRAGMA journal_mode=WAL");
        database.exec(
                "CREATE TABLE a(id INTEGER PRIMARY KEY, t TEXT, b BLOB)",
                "CREATE INDEX a_t ON a(t)",
                "CREATE TABLE k(k TEXT PRIMARY KEY, v) WITHOUT ROWID");
        if (follow) {
            database.committed("the tables");
            database.startTail(TailOptions.PLAIN);
        }
        var random = new Random(7);
        for (int i = 0; i < 600; i++) {
            database.writer.exec(statement(random));
            if (follow) {
                database.committed("statement " + i);
            }
            if (i % 200 == 100) {
                database.writer.exec("VACUUM");
            }
            if (i % 75 == 37) {
                database.writer.exec("PRAGMA incremental_vacuum(5)");
            }
            if (follow && i == 300) {
                database.killTail();
                database.startTail(TailOptions.PLAIN);
            }
        }
        if (follow) {
            database.awaitCaughtUp();
            database.stopTail();
        }
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        database.writer.close();
    }

    private static String statement(Random random) {
        int id = random.nextInt(300);
        return switch (random.nextInt(5)) {
            case 0 ->
                "INSERT OR REPLACE INTO a VALUES (" + id + ", 'w" + random.nextInt(50) + "', zeroblob("
                        + random.nextInt(20_000) + "))";
            case 1 -> "UPDATE a SET t = 'u" + random.nextInt(50) + "' WHERE id % 7 = " + random.nextInt(7);
            case 2 -> "DELETE FROM a WHERE id % 11 = " + random.nextInt(11);
            case 3 -> "INSERT OR REPLACE INTO k VALUES ('k" + id + "', " + random.nextInt() + ")";
            default -> "DELETE FROM k WHERE k LIKE '%" + random.nextInt(10) + "'";
        };
    }
}
