package dev.rowtide.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.pipeline.DataChangeEvent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class WakingQueueTest {
    private static final Schema ROW = SchemaBuilder.struct()
            .optional()
            .field("text", Schema.OPTIONAL_STRING_SCHEMA)
            .field("blob", Schema.OPTIONAL_BYTES_SCHEMA)
            .build();
    private static final Schema ENVELOPE =
            SchemaBuilder.struct().field("before", ROW).field("after", ROW).build();
    private static final Duration LONG = Duration.ofSeconds(10);

    private static DataChangeEvent event(int blobBytes) {
        Struct row = new Struct(ROW).put("blob", new byte[blobBytes]);
        Struct value = new Struct(ENVELOPE).put("after", row);
        return new DataChangeEvent(new SourceRecord(Map.of(), Map.of(), "t", ENVELOPE, value));
    }

    @Test
    void aRecordWeighsItsTextsAndBlobsBeforeAndAfter() {
        Struct row = new Struct(ROW).put("text", "abc").put("blob", new byte[10]);
        Struct value = new Struct(ENVELOPE).put("before", row).put("after", row);
        SourceRecord record = new SourceRecord(Map.of(), Map.of(), "t", ENVELOPE, value);
        assertThat(WakingQueue.weigh(record)).isEqualTo(WakingQueue.RECORD_BYTES + 2 * (6 + 10));
        assertThat(WakingQueue.weigh(new SourceRecord(Map.of(), Map.of(), "t", null, null)))
                .isEqualTo(WakingQueue.RECORD_BYTES);
    }

    @Test
    void aRecordWakesWhoWaitsForIt() throws Exception {
        WakingQueue queue = new WakingQueue(10, 1_000_000);
        CompletableFuture<Integer> drained = CompletableFuture.supplyAsync(() -> {
            try {
                return queue.drain(10, LONG).size();
            } catch (InterruptedException e) {
                return -1;
            }
        });
        queue.enqueue(event(1));
        assertThat(drained.get(5, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void aProducerWaitsWhenThereAreTooManyRecordsAndGoesOnWhenSomeWereTaken() throws Exception {
        WakingQueue queue = new WakingQueue(2, 1_000_000);
        AtomicInteger sent = new AtomicInteger();
        Thread producer = producer(queue, sent, 5, 1);
        Awaitility.await().until(() -> sent.get() == 2 && producer.getState() == Thread.State.WAITING);
        assertThat(queue.drain(1, LONG)).hasSize(1);
        Awaitility.await().until(() -> sent.get() == 3);
        assertThat(queue.drain(10, LONG)).hasSize(2);
        Awaitility.await().until(() -> sent.get() == 5);
        producer.join();
    }

    @Test
    void bytesBoundTheQueueButASingleLargeRecordPassesAlone() throws Exception {
        WakingQueue queue = new WakingQueue(100, 10_000);
        queue.enqueue(event(50_000));
        AtomicInteger sent = new AtomicInteger();
        Thread producer = producer(queue, sent, 1, 1);
        Awaitility.await().until(() -> producer.getState() == Thread.State.WAITING);
        assertThat(queue.queuedRecords()).isEqualTo(1);
        assertThat(queue.drain(10, LONG)).hasSize(1);
        producer.join();
        assertThat(queue.queuedBytes()).isEqualTo(WakingQueue.RECORD_BYTES + 1);
    }

    @Test
    void releasingLetsAWaitingProducerGoAndKeepsWhatIsQueued() throws Exception {
        WakingQueue queue = new WakingQueue(1, 1_000_000);
        AtomicInteger sent = new AtomicInteger();
        Thread producer = producer(queue, sent, 2, 1);
        Awaitility.await().until(() -> producer.getState() == Thread.State.WAITING);
        queue.release();
        producer.join();
        assertThat(sent).hasValue(1);
        assertThatThrownBy(() -> queue.enqueue(event(1))).isInstanceOf(InterruptedException.class);
        assertThat(queue.drain(10, Duration.ZERO)).hasSize(1);
        assertThat(queue.drain(10, LONG)).isEmpty();
    }

    private static Thread producer(WakingQueue queue, AtomicInteger sent, int count, int bytes) {
        Thread thread = new Thread(() -> {
            try {
                for (int i = 0; i < count; i++) {
                    queue.enqueue(event(bytes));
                    sent.incrementAndGet();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return thread;
    }
}
