package dev.rowtide.sqlite.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.sqlite.rows.Schema;
import dev.rowtide.sqlite.rows.UnreadableDefinitionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DamagedPagesTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void anyDamageIsReadOrRefusedAndNeverAnotherError(int pageSize) throws Exception {
        FilePages sound = sound(pageSize);
        int[] roots = {TestDatabase.root(sound, "t"), TestDatabase.root(sound, "k")};
        Random random = new Random(pageSize);
        int refused = 0;
        int rounds = 1000;
        for (int round = 0; round < rounds; round++) {
            FilePages damaged = sound.copy();
            damage(damaged, random, random.nextInt(3));
            try {
                walk(damaged, pageSize, roots[0], true, random);
                walk(damaged, pageSize, roots[1], false, random);
            } catch (DamagedDatabaseException e) {
                assertThat(e).hasMessageStartingWith("page ");
                refused++;
            }
        }
        assertThat(refused).isBetween(rounds / 10, rounds);
    }

    @Test
    void aDamagedSchemaIsReadOrRefused() throws Exception {
        FilePages sound = sound(512);
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            FilePages damaged = sound.copy();
            byte[] page1 = damaged.page(1);
            for (int i = 0; i <= random.nextInt(4); i++) {
                page1[random.nextInt(page1.length)] = (byte) random.nextInt();
            }
            try {
                Schema.read(damaged);
            } catch (DamagedDatabaseException | UnreadableDefinitionException e) {
                assertThat(e.getMessage()).matches("(?s)(page|table) .+");
            }
        }
    }

    @Test
    void aChildThatIsItsOwnAncestorIsRefused() throws Exception {
        FilePages pages = sound(512);
        int root = TestDatabase.root(pages, "t");
        BTreePage parsed = BTreePage.parse(pages.page(root), root, 512);
        assertThat(parsed.isLeaf()).isFalse();
        ByteBuffer.wrap(pages.page(root)).putInt(8, root);
        assertThatThrownBy(() -> walk(pages, 512, root, true, new Random(1)))
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageMatching("page \\d+: .*(levels below|some page twice|stands behind).*");
    }

    @Test
    void aTreeOfIndexPagesThatAllShareOneChildEndsAfterAsManyPagesAsThereAre() throws Exception {
        // Twenty levels with ten links each to the next would be 10^20 pages.
        byte[][] pages = new byte[60][];
        for (int i = 0; i < pages.length; i++) {
            ByteBuffer page = ByteBuffer.allocate(512);
            page.put((byte) 2).position(3);
            page.putShort((short) 10).position(8);
            page.putInt(i + 3);
            for (int cell = 0; cell < 10; cell++) {
                page.putShort(12 + 2 * cell, (short) 500);
            }
            page.putInt(500, i + 3).put(504, (byte) 2).put(505, (byte) 2).put(506, (byte) 0);
            pages[i] = page.array();
        }
        for (int leaf = 15; leaf < pages.length; leaf++) {
            ByteBuffer page = ByteBuffer.allocate(512);
            page.put(0, (byte) 10).putShort(3, (short) 1).putShort(8, (short) 500);
            page.put(500, (byte) 2).put(501, (byte) 2);
            pages[leaf] = page.array();
        }
        Synthetic source = new Synthetic(pages);
        assertThatThrownBy(() -> {
                    BTreeCursor cursor = new BTreeCursor(source, 512, 2, false, BTreeCursor.NOTHING_SKIPPED);
                    while (cursor.next()) {
                        cursor.cell();
                    }
                })
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageContaining("reaches some page twice");
        assertThat(source.reads).isLessThanOrEqualTo(pages.length + 1);
    }

    @Test
    void anOverflowChainMustBeAsLongAsItsPayload() throws Exception {
        FilePages sound = sound(512);
        int root = TestDatabase.root(sound, "t");
        Cell big = firstWithOverflow(sound, root);
        int second = ByteBuffer.wrap(sound.page(big.overflowPage())).getInt(0);
        assertThat(second).isGreaterThan(1);

        FilePages cyclic = sound.copy();
        ByteBuffer.wrap(cyclic.page(second)).putInt(0, big.overflowPage());
        assertDamaged(cyclic, big, "behind its end|ends early");

        FilePages early = sound.copy();
        ByteBuffer.wrap(early.page(big.overflowPage())).putInt(0, 0);
        assertDamaged(early, big, "ends early");

        FilePages outside = sound.copy();
        ByteBuffer.wrap(outside.page(big.overflowPage())).putInt(0, sound.pageCount() + 1);
        assertDamaged(outside, big, "the database has pages 1 to " + sound.pageCount());

        FilePages unsigned = sound.copy();
        ByteBuffer.wrap(unsigned.page(big.overflowPage())).putInt(0, -1);
        assertDamaged(unsigned, big, "page 4294967295");
    }

    @Test
    void aPayloadLargerThanTheDatabaseIsRefusedBeforeMemoryIsTaken() throws Exception {
        ByteBuffer leaf = ByteBuffer.allocate(512);
        leaf.put((byte) 13).position(3);
        leaf.putShort((short) 1).putShort(8, (short) 20);
        // 2^31 - 1 bytes, rowid 1; whatever the local part is, page 2 comes behind it.
        leaf.position(20);
        leaf.put(new byte[] {(byte) 0x87, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 1});
        while (leaf.remaining() >= 4) {
            leaf.putInt(2);
        }
        leaf.position(26);
        BTreePage page = BTreePage.parse(leaf.array(), 2, 512);
        assertThatThrownBy(() -> page.cell(0).payload(new Synthetic(leaf.array(), leaf.array()), 512))
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageMatching("page 2: .*(more than the database's 3 pages|links go to).*");
        leaf.array()[20] = (byte) 0x88;
        assertThatThrownBy(() -> page.cell(0))
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageContaining("the limit is 2147483647");
    }

    @Test
    void linksToTheLockBytesAreRefused() throws Exception {
        byte[] interior = new byte[65536];
        interior[0] = 5;
        ByteBuffer.wrap(interior).putInt(8, 16385);
        PageSource huge = new Synthetic(interior) {
            @Override
            public int pageSize() {
                return 65536;
            }

            @Override
            public int pageCount() {
                return 20_000;
            }
        };
        BTreeCursor cursor = new BTreeCursor(huge, 65536, 2, true, BTreeCursor.NOTHING_SKIPPED);
        assertThatThrownBy(cursor::next)
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessage("page 2: links to page 16385, which holds the lock bytes and no data");
    }

    @Test
    void aTreeOfTheOtherKindIsRefused() throws Exception {
        FilePages pages = sound(512);
        int root = TestDatabase.root(pages, "t");
        BTreeCursor cursor = new BTreeCursor(pages, 512, root, false, BTreeCursor.NOTHING_SKIPPED);
        assertThatThrownBy(cursor::next)
                .hasMessage("page " + root + ": belongs to a table, the tree of root " + root + " is an index");
        BTreeCursor outside = new BTreeCursor(pages, 512, 100_000, true, BTreeCursor.NOTHING_SKIPPED);
        assertThatThrownBy(outside::next)
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageContaining("links to page 100000");
    }

    private static void assertDamaged(FilePages pages, Cell cell, String reason) {
        assertThatThrownBy(() -> cell.payload(pages, 512))
                .isInstanceOf(DamagedDatabaseException.class)
                .hasMessageFindingMatch(reason);
    }

    private static Cell firstWithOverflow(FilePages pages, int root) throws IOException {
        BTreeCursor cursor = new BTreeCursor(pages, 512, root, true, BTreeCursor.NOTHING_SKIPPED);
        while (cursor.next()) {
            if (cursor.cell().payloadSize() > 1500) {
                return cursor.cell();
            }
        }
        throw new AssertionError("no row with an overflow chain");
    }

    private static void walk(FilePages pages, int usableSize, int root, boolean table, Random random)
            throws IOException {
        BTreeCursor cursor = new BTreeCursor(pages, usableSize, root, table, BTreeCursor.NOTHING_SKIPPED);
        while (cursor.next()) {
            cursor.cell().values(pages, usableSize, TextEncoding.UTF_8, 1 + random.nextInt(5));
            cursor.cell().values(pages, usableSize, TextEncoding.UTF_8);
        }
        if (table) {
            for (int i = 0; i < 5; i++) {
                cursor.seekAfter(random.nextInt(2000) - 100);
            }
        }
    }

    private static void damage(FilePages pages, Random random, int kind) throws IOException {
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            byte[] page = pages.page(2 + random.nextInt(pages.pageCount() - 1));
            switch (kind) {
                case 0 -> random.nextBytes(page);
                // The header and the cell pointers are hit more often than chance would.
                case 1 -> page[random.nextInt(random.nextBoolean() ? 40 : page.length)] = (byte) random.nextInt();
                default -> {
                    byte[] other = pages.page(2 + random.nextInt(pages.pageCount() - 1));
                    System.arraycopy(other, 0, page, 0, page.length);
                }
            }
        }
    }

    private FilePages sound(int pageSize) throws Exception {
        Path file = directory.resolve("sound.db");
        TestDatabase.create(file, pageSize, TextEncoding.UTF_8, 0);
        StringBuilder rows = new StringBuilder(
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT i, ")
                .append("'text ' || i, i * 1.5, CASE WHEN i % 20 = 0 THEN zeroblob(" + 4 * pageSize
                        + ") ELSE x'01' END FROM n");
        FilePages pages = TestDatabase.write(
                file,
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c)",
                "CREATE TABLE k(id, a PRIMARY KEY, b, c) WITHOUT ROWID",
                "INSERT INTO t " + rows,
                "INSERT INTO k " + rows);
        return pages;
    }

    /** Pages made by hand; page 1 is not among them. */
    private static class Synthetic implements PageSource {
        private final byte[][] pages;
        private int reads;

        Synthetic(byte[]... fromPage2) {
            this.pages = fromPage2;
        }

        @Override
        public int pageSize() {
            return 512;
        }

        @Override
        public int pageCount() {
            return pages.length + 1;
        }

        @Override
        public byte[] page(int number) {
            reads++;
            return pages[number - 2];
        }
    }
}
