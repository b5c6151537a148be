package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamedTransactionsTest {
    private static final Epoch EPOCH = Epoch.begin(1, "a");

    private static final int MAX_REMEMBERED = 300;

    private final StreamedTransactions streamed = new StreamedTransactions(new RecordingSink(), MAX_REMEMBERED);

    private static DataChangeEvent change(long label, long commit, int index) {
        return new DataChangeEvent(
                "post",
                Operation.DELETE,
                null,
                null,
                null,
                null,
                new Position(EPOCH, commit, index),
                new DataChangeEvent.Transaction(Long.toString(label), index - 1, false),
                0);
    }

    private Position seenUntil(String snapshot) {
        return streamed.view().seenUntil(TransactionSnapshot.parse(snapshot));
    }

    @Test
    void nothingIsKnownBeforeTheFirstPlace() throws InterruptedException {
        assertThat(streamed.view()).isNull();
        streamed.reached(Position.boundary(EPOCH, 100));
        assertThat(seenUntil("10:10:")).isEqualTo(Position.boundary(EPOCH, 100));
    }

    @Test
    void theFirstTransactionThatIsNotSeenIsLookedBackForWhateverItsNumber() throws InterruptedException {
        streamed.publish(List.of(change(12, 100, 1), change(12, 100, 2)));
        streamed.publish(List.of(change(12, 100, 3), change(10, 200, 1), change(11, 300, 1)));
        assertThat(streamed.size()).isEqualTo(3);
        assertThat(seenUntil("20:20:")).isEqualTo(new Position(EPOCH, 300, 1));
        assertThat(seenUntil("10:20:10,11")).isEqualTo(Position.boundary(EPOCH, 200));
        assertThat(seenUntil("10:12:10")).isEqualTo(Position.boundary(EPOCH, 100));
    }

    @Test
    void whatASnapshotHasSeenIsForgottenAndTheRestIsNot() throws InterruptedException {
        streamed.publish(List.of(change(10, 100, 1), change(11, 200, 1), change(12, 300, 1)));
        streamed.forgetSeen(TransactionSnapshot.parse("11:13:11"));
        assertThat(streamed.size()).isEqualTo(1);
        assertThat(seenUntil("11:20:11")).isEqualTo(Position.boundary(EPOCH, 200));
    }

    /** As after a crash inside a transaction. */
    @Test
    void whatComesAgainDoesNotMoveTheHeadBack() throws InterruptedException {
        streamed.publish(List.of(change(10, 100, 1), change(11, 200, 1)));
        streamed.publish(List.of(change(10, 100, 1)));
        assertThat(seenUntil("20:20:")).isEqualTo(new Position(EPOCH, 200, 1));
    }

    @Test
    void numbersOfAnotherHistoryAreForgotten() throws InterruptedException {
        streamed.publish(List.of(change(10, 100, 1)));
        Position first = Position.boundary(Epoch.begin(2, "b"), 50);
        streamed.sourceLost(GapReason.EPOCH_CHANGED, first);
        assertThat(seenUntil("10:10:")).isEqualTo(first);
    }

    @Test
    void whatThereIsNoRoomForIsLookedBackForUntilASnapshotIsBeyondIt() throws InterruptedException {
        for (int i = 0; i < MAX_REMEMBERED; i++) {
            streamed.publish(List.of(change(10 + i, 1000 + i, 1)));
        }
        long first = 10 + MAX_REMEMBERED;
        long commit = 1000 + MAX_REMEMBERED;
        streamed.publish(List.of(change(first + 1, commit, 1), change(first, commit + 1, 1)));
        streamed.publish(List.of(change(first + 2, commit + 2, 1)));
        assertThat(streamed.size()).isEqualTo(MAX_REMEMBERED);
        long next = first + 3;
        // It sees all of them, but that they are all is not known while an older one runs.
        assertThat(seenUntil("5:" + next + ":5")).isEqualTo(Position.boundary(EPOCH, commit));
        assertThat(seenUntil(next + ":" + next + ":")).isEqualTo(new Position(EPOCH, commit + 2, 1));
        streamed.forgetSeen(TransactionSnapshot.parse(next + ":" + next + ":"));
        assertThat(streamed.size()).isZero();
        assertThat(seenUntil("5:" + next + ":5")).isEqualTo(new Position(EPOCH, commit + 2, 1));
    }
}
