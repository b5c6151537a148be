package dev.rowtide.sqlite.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The collections that grow with a transaction, and what they do at their bounds. */
class BoundsTest {
    @Test
    void aPageSetTurnsIntoOneBitAPageAndStaysTheSameSet() {
        for (int maxPage : new int[] {1, 63, 64, 1000, 100_000}) {
            PageSet set = new PageSet(maxPage);
            Set<Integer> model = new HashSet<>();
            Random random = new Random(maxPage);
            for (int i = 0; i < 20_000; i++) {
                int page = random.nextInt(maxPage + 2);
                boolean isPage = page >= 1 && page <= maxPage;
                assertThat(set.add(page)).isEqualTo(isPage && model.add(page));
                int other = random.nextInt(maxPage + 2);
                assertThat(set.contains(other)).isEqualTo(model.contains(other));
            }
        }
    }

    @Test
    void pairsAreGivenOutOnceAndEndAtTheirBound() {
        KeyedPairs pairs = new KeyedPairs(1 << 20);
        for (int i = 0; i < 20_000; i++) {
            assertThat(pairs.create(key(i))).isTrue();
        }
        for (int i = 0; i < 20_000; i += 2) {
            assertThat(pairs.delete(key(i), i)).isTrue();
            assertThat(pairs.delete(key(i), i + 1)).isFalse();
        }
        assertThat(pairs.delete(key(-1), 1)).isFalse();
        for (int i = 0; i < 20_000; i++) {
            assertThat(pairs.take(key(i)).orElse(-1)).isEqualTo(i % 2 == 0 ? i : -1);
            assertThat(pairs.take(key(i))).isEmpty();
        }
        int more = 20_000;
        while (pairs.create(key(more))) {
            more++;
        }
        assertThat(more).isBetween(28_000, 36_000);
    }

    private static byte[] key(int number) {
        return ("key " + number).getBytes(StandardCharsets.UTF_8);
    }
}
