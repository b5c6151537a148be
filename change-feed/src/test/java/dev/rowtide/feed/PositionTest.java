package dev.rowtide.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PositionTest {
    private static final Epoch EPOCH = Epoch.begin(1_790_000_000_000L, "system 7 timeline 1");

    @Test
    void theTextGivesTheSamePositionBack() {
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            Position position = new Position(EPOCH, random.nextLong(), random.nextInt(Integer.MAX_VALUE));
            assertThat(Position.parse(position.toString())).contains(position);
        }
    }

    @Test
    void aBoundaryLiesBetweenTwoTransactions() {
        Position lastOfPrevious = new Position(EPOCH, 0x10, 1_000_000);
        Position boundary = Position.boundary(EPOCH, 0x20);
        Position firstOfNext = new Position(EPOCH, 0x20, 1);
        assertThat(boundary.isAfter(lastOfPrevious)).isTrue();
        assertThat(firstOfNext.isAfter(boundary)).isTrue();
    }

    @Test
    void theOrderIsEpochThenCommitUnsignedThenIndex() {
        Epoch later = Epoch.begin(1_790_000_000_001L, "a");
        List<Position> inOrder = List.of(
                new Position(EPOCH, 0, 0),
                new Position(EPOCH, 1, 5),
                new Position(EPOCH, 2, 1),
                new Position(EPOCH, Long.MAX_VALUE, 1),
                new Position(EPOCH, -1, 1),
                new Position(later, 0, 1));
        List<Position> shuffled = new ArrayList<>(inOrder);
        Collections.shuffle(shuffled, new Random(3));
        Collections.sort(shuffled);
        assertThat(shuffled).isEqualTo(inOrder);
    }

    @Test
    void whatIsNotAPositionIsNotRead() {
        String e = EPOCH.text();
        for (String text : List.of(
                "",
                "-",
                e,
                e + "-1",
                e + "-1-",
                e + "-1-01",
                e + "-1--1",
                e + "-G-1",
                e + "-1-4294967296",
                "short-1-1",
                e + "-11111111111111111-1",
                " " + e + "-1-1")) {
            assertThat(Position.parse(text)).as(text).isEmpty();
        }
    }

    @Test
    void anEpochKnowsWhenItBegan() {
        assertThat(EPOCH.beganMillis()).isEqualTo(1_790_000_000_000L);
        assertThatThrownBy(() -> new Epoch("UPPERCASE1")).hasMessageContaining("0-9a-z");
    }
}
