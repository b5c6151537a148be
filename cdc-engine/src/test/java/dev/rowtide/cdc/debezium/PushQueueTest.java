package dev.rowtide.cdc.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.connector.base.QueueProvider;
import io.debezium.pipeline.DataChangeEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PushQueueTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Schema ROW = SchemaBuilder.struct()
            .field("body", Schema.STRING_SCHEMA)
            .optional()
            .build();
    private static final Schema ENVELOPE =
            SchemaBuilder.struct().field("before", ROW).field("after", ROW).build();

    private final PushQueue queue = new PushQueue();

    @BeforeEach
    void configure() {
        queue.configure(Map.of("name", "push-queue-test"));
    }

    @AfterEach
    void close() {
        queue.close();
    }

    @Test
    void debeziumFindsItByItsType() {
        assertThat(ServiceLoader.load(QueueProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .map(QueueProvider::name))
                .contains(PushQueue.TYPE);
        assertThat(PushQueue.of("push-queue-test")).isSameAs(queue);
        assertThatThrownBy(() -> PushQueue.of("another")).hasMessageContaining("queue.provider.type");
    }

    @Test
    void aRecordWakesItsReader() throws Exception {
        CompletableFuture<List<DataChangeEvent>> reader = inBackground(() -> queue.drain(10, LONG));
        DataChangeEvent event = event("x");
        queue.enqueue(event);
        assertThat(reader.get(LONG.toSeconds(), TimeUnit.SECONDS)).containsExactly(event);
    }

    @Test
    void debeziumsOwnQueueNeverWaitsBecauseItIsToldThatThisOneIsEmpty() throws InterruptedException {
        queue.enqueue(event("x"));
        assertThat(queue.size()).isZero();
        assertThat(queue.poll()).isNull();
        assertThat(queue.drain(10, Duration.ZERO)).hasSize(1);
    }

    @Test
    void aFullQueueHoldsTheReaderOfTheLogUntilThereIsRoom() throws Exception {
        DataChangeEvent large = event("x".repeat(40_000_000));
        queue.enqueue(large);
        CompletableFuture<Void> second = inBackground(() -> {
            queue.enqueue(large);
            return null;
        });
        assertThatThrownBy(() -> second.get(50, TimeUnit.MILLISECONDS))
                .isInstanceOf(java.util.concurrent.TimeoutException.class);
        assertThat(queue.drain(1, LONG)).hasSize(1);
        second.get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(queue.drain(1, LONG)).hasSize(1);
    }

    @Test
    void aReaderOfTheLogThatWaitsForRoomIsLetGoWhenTheEngineCloses() throws Exception {
        DataChangeEvent large = event("x".repeat(40_000_000));
        queue.enqueue(large);
        CompletableFuture<Void> second = inBackground(() -> {
            queue.enqueue(large);
            return null;
        });
        PushQueue.release("push-queue-test");
        assertThatThrownBy(() -> second.get(LONG.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(InterruptedException.class);
    }

    private static DataChangeEvent event(String body) {
        Struct value = new Struct(ENVELOPE).put("after", new Struct(ROW).put("body", body));
        return new DataChangeEvent(new SourceRecord(Map.of(), Map.of(), "topic", ENVELOPE, value));
    }

    private interface Task<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> inBackground(Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        new Thread(
                        () -> {
                            try {
                                result.complete(task.run());
                            } catch (Exception e) {
                                result.completeExceptionally(e);
                            }
                        },
                        "push-queue-test")
                .start();
        return result;
    }
}
