package dev.rowtide.gateway;

import static dev.rowtide.gateway.TestGateway.at;
import static dev.rowtide.gateway.TestGateway.created;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.rowtide.gateway.history.MemoryStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChangeLogTest {
    private final ChangeLog log = new ChangeLog(new MemoryStore(), Ticker.SYSTEM, () -> {});

    @Test
    void thePublisherWaitsWhenNobodyTakesAndGoesOnWhenSomebodyDoes() throws Exception {
        AtomicInteger published = new AtomicInteger();
        Thread publisher = new Thread(() -> {
            try {
                for (int i = 1; i <= 100; i++) {
                    log.publish(List.of(created("post", i, "t", at(i, 1))));
                    published.set(i);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        publisher.start();
        await().until(() -> publisher.getState() == Thread.State.TIMED_WAITING);
        int before = published.get();
        assertThat(before).isLessThan(100);
        assertThat(log.next()).isNotNull();
        await().until(() -> published.get() == before + 1);
        int taken = 1;
        while (taken < 100) {
            taken += log.next() == null ? 0 : 1;
        }
        publisher.join();
        assertThat(published.get()).isEqualTo(100);
    }

    @Test
    void whatAnInterruptKeptOutIsNotTakenForPublished() throws Exception {
        for (int i = 1; i <= 16; i++) {
            log.publish(List.of(created("post", i, "t", at(i, 1))));
        }
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> log.publish(List.of(created("post", 17, "t", at(17, 1)))))
                .isInstanceOf(InterruptedException.class);
        assertThat(log.next()).isNotNull();
        log.publish(List.of(created("post", 17, "t", at(17, 1))));
        int entries = 0;
        while (log.next() != null) {
            entries++;
        }
        assertThat(entries).isEqualTo(16);
    }

    @Test
    void aPublisherThatWaitsIsToldWhenTheLogCloses() throws Exception {
        for (int i = 1; i <= 16; i++) {
            log.publish(List.of(created("post", i, "t", at(i, 1))));
        }
        log.close();
        assertThatThrownBy(() -> log.reached(at(20, 0))).isInstanceOf(IllegalStateException.class);
    }
}
