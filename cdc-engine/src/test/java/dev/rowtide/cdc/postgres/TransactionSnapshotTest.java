package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionSnapshotTest {
    private static final long WRAP = 1L << 32;

    @ParameterizedTest
    @CsvSource({"9, true", "10, false", "11, true", "14, false", "19, true", "20, false", "21, false"})
    void seesWhatHadEndedAndNothingElse(int label, boolean seen) {
        assertThat(TransactionSnapshot.parse("10:20:10,14").sees(label)).isEqualTo(seen);
    }

    @Test
    void withNothingRunningTheNextOneIsTheFirstThatIsNotSeen() {
        TransactionSnapshot snapshot = TransactionSnapshot.parse("20:20:");
        assertThat(snapshot.sees(19)).isTrue();
        assertThat(snapshot.sees(20)).isFalse();
    }

    /** The numbers go on behind 2^32, their labels begin anew. */
    @Test
    void aLabelMeansTheNearestNumberOnBothSidesOfTheWrap() {
        TransactionSnapshot before = new TransactionSnapshot(WRAP - 10, WRAP - 2, WRAP - 10, WRAP - 5);
        assertThat(before.sees(-11)).isTrue();
        assertThat(before.sees(-10)).isFalse();
        assertThat(before.sees(-9)).isTrue();
        assertThat(before.sees(-5)).isFalse();
        assertThat(before.sees(-2)).isFalse();
        assertThat(before.sees(3)).as("made after the wrap").isFalse();

        TransactionSnapshot across = new TransactionSnapshot(WRAP - 3, WRAP + 5, WRAP - 3, WRAP + 4);
        assertThat(across.sees(-4)).isTrue();
        assertThat(across.sees(-3)).isFalse();
        assertThat(across.sees(-1)).isTrue();
        assertThat(across.sees(3)).isTrue();
        assertThat(across.sees(4)).isFalse();
        assertThat(across.sees(5)).isFalse();

        TransactionSnapshot after = new TransactionSnapshot(3 * WRAP + 4, 3 * WRAP + 5, 3 * WRAP + 4);
        assertThat(after.sees(-1)).as("made before the wrap").isTrue();
        assertThat(after.sees(3)).isTrue();
        assertThat(after.sees(4)).isFalse();
    }

    @Test
    void halfOfAllLabelsAreInThePastAndHalfInTheFuture() {
        TransactionSnapshot snapshot = new TransactionSnapshot(5 * WRAP + 1000, 5 * WRAP + 1000);
        assertThat(snapshot.sees((int) (1000L + (1L << 31)))).isTrue();
        assertThat(snapshot.sees(999)).isTrue();
        assertThat(snapshot.sees(1000)).isFalse();
        assertThat(snapshot.sees((int) (1000L + (1L << 31) - 1))).isFalse();
    }

    @Test
    void readsLabelsAsTheDecoderWritesThem() {
        assertThat(PostgresCut.label("4294967295")).isEqualTo(-1);
        assertThat(PostgresCut.label("2147483648")).isEqualTo(Integer.MIN_VALUE);
    }

    @Test
    void anotherTextIsRefused() {
        assertThatThrownBy(() -> TransactionSnapshot.parse("10:20"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10:20");
    }
}
