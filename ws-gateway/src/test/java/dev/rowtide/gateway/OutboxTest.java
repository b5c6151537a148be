package dev.rowtide.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.gateway.protocol.FrameBatch;
import dev.rowtide.gateway.protocol.MessageEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final MessageEncoder encoder = new MessageEncoder();

    private int frame(FrameBatch batch, int id, int padding) {
        return encoder.ack(batch, '"' + "x".repeat(padding) + id + '"', 0);
    }

    @Test
    void whateverIsAddedTakenAndSettledComesOutInOrder() {
        Random random = new Random(11);
        Outbox outbox = new Outbox(Long.MAX_VALUE);
        Deque<String> expected = new ArrayDeque<>();
        int id = 0;
        for (int cycle = 0; cycle < 2_000; cycle++) {
            FrameBatch batch = new FrameBatch();
            for (int i = random.nextInt(12); i > 0; i--) {
                int frame = frame(batch, id++, random.nextInt(200));
                if (random.nextInt(3) == 0) {
                    if (random.nextBoolean()) {
                        outbox.addChange(batch, frame);
                    } else {
                        assertThat(outbox.add(batch, frame)).isTrue();
                    }
                    expected.add(batch.string(frame));
                }
            }
            for (int i = random.nextInt(4); i > 0 && !expected.isEmpty(); i--) {
                assertThat(string(outbox.take())).isEqualTo(expected.poll());
            }
            if (random.nextInt(5) == 0) {
                outbox.settleAll();
            } else {
                outbox.settle(batch);
            }
            assertThat(outbox.bytes())
                    .isEqualTo(expected.stream().mapToLong(String::length).sum());
        }
        while (!expected.isEmpty()) {
            assertThat(string(outbox.take())).isEqualTo(expected.poll());
        }
        assertThat(outbox.isEmpty()).isTrue();
        assertThat(outbox.bytes()).isZero();
    }

    @Test
    void changesFillItAndAreTakenAllTheSame() {
        FrameBatch batch = new FrameBatch();
        int large = frame(batch, 1, 1_000);
        Outbox outbox = new Outbox(500);
        assertThat(outbox.isFull()).isFalse();
        outbox.addChange(batch, large);
        assertThat(outbox.isFull()).isTrue();
        outbox.addChange(batch, frame(batch, 2, 0));
        outbox.take();
        assertThat(outbox.isFull()).isFalse();
        assertThat(outbox.isEmpty()).isFalse();
    }

    @Test
    void theBoundOfEverythingElseIsNotOnTheOnlyFrame() {
        FrameBatch batch = new FrameBatch();
        int large = frame(batch, 1, Outbox.MAX_OTHER_BYTES);
        int small = frame(batch, 2, 0);
        Outbox outbox = new Outbox(500);
        assertThat(outbox.add(batch, large)).isTrue();
        assertThat(outbox.add(batch, small)).isFalse();
        outbox.addChange(batch, small);
        outbox.take();
        assertThat(outbox.add(batch, small)).isTrue();
    }

    @Test
    void aFewBytesDoNotKeepALargeBatchInMemory() {
        Outbox outbox = new Outbox(Long.MAX_VALUE);
        FrameBatch large = new FrameBatch();
        int mine = frame(large, 1, 10);
        for (int i = 0; i < 100; i++) {
            frame(large, i, 1_000);
        }
        String expected = large.string(mine);
        outbox.addChange(large, mine);
        outbox.settle(large);
        ByteBuffer taken = outbox.take();
        assertThat(taken.array().length).isLessThan(10_000);
        assertThat(string(taken)).isEqualTo(expected);
    }

    @Test
    void aLargeShareIsNotCopied() {
        Outbox outbox = new Outbox(Long.MAX_VALUE);
        FrameBatch batch = new FrameBatch();
        int mine = frame(batch, 1, 5_000);
        outbox.addChange(batch, mine);
        outbox.settle(batch);
        assertThat(outbox.take().array()).isSameAs(batch.payload(mine).array());
    }

    private static String string(ByteBuffer payload) {
        return StandardCharsets.UTF_8.decode(payload).toString();
    }
}
