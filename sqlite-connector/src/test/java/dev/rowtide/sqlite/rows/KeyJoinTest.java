package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.format.BTreeCursor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyJoinTest {
    @TempDir
    private Path directory;

    @Test
    void theBoundCostsPassesAndChangesNothing() throws Exception {
        Path file = directory.resolve("test.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t(k TEXT PRIMARY KEY DESC, v) WITHOUT ROWID");
            statement.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
                    + " INSERT INTO t SELECT 'k' || (i * 7 % 400), zeroblob(i % 50) FROM n");
            PagesInMemory before = new PagesInMemory(Files.readAllBytes(file));
            statement.execute("DELETE FROM t WHERE k LIKE '%3'");
            statement.execute("UPDATE t SET v=1 WHERE k LIKE '%5'");
            statement.execute("UPDATE t SET k='x'||k WHERE k LIKE '%7'");
            PagesInMemory after = new PagesInMemory(Files.readAllBytes(file));

            List<String> whole = differences(before, after, Long.MAX_VALUE);
            assertThat(whole).hasSize(40 + 40 + 80);
            for (int limit : new int[] {0, 1000, 5000, 20_000}) {
                assertThat(differences(before, after, limit)).isEqualTo(whole);
            }
        }
    }

    private static List<String> differences(PagesInMemory before, PagesInMemory after, long limit) throws Exception {
        Schema schema = Schema.read(after);
        TableDefinition table = schema.tables().get(0);
        KeyJoin join = new KeyJoin(
                () -> RowCursor.of(new Image(before, schema.header()), table, null, BTreeCursor.NOTHING_SKIPPED),
                () -> RowCursor.of(new Image(after, schema.header()), table, null, BTreeCursor.NOTHING_SKIPPED),
                table.primaryKey(),
                limit);
        List<String> found = new ArrayList<>();
        for (KeyJoin.Match match = join.next(); match != null; match = join.next()) {
            found.add(Replica.text(match.before()) + " -> " + Replica.text(match.after()));
        }
        return found;
    }
}
