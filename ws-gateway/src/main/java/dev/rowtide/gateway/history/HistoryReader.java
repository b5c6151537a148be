package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Unpacks on a thread of its own, {@code history-reader}, so that delivery waits neither for a disk nor for decoding. */
final class HistoryReader implements AutoCloseable {
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread created = new Thread(task, "history-reader");
        created.setDaemon(true);
        return created;
    });
    private final Executor fanout;

    /** @param fanout runs what it is given on the fan-out thread */
    HistoryReader(Executor fanout) {
        this.fanout = fanout;
    }

    /** Reads the packs and hands the changes, or why they cannot be read, over on the fan-out thread. */
    void read(List<HistoryStore.Pack> packs, Consumer<List<DataChangeEvent>> done, Consumer<IOException> onFailure) {
        List<HistoryStore.Pack> wanted = List.copyOf(packs);
        try {
            thread.execute(() -> {
                List<DataChangeEvent> events = new ArrayList<>();
                try {
                    for (HistoryStore.Pack pack : wanted) {
                        events.addAll(pack.read());
                    }
                    fanout.execute(() -> done.accept(events));
                } catch (IOException e) {
                    fanout.execute(() -> onFailure.accept(e));
                }
            });
        } catch (RejectedExecutionException closed) {
            // The gateway is going away, and with it who waits for this.
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
