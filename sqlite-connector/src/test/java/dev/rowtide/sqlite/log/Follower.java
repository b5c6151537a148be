package dev.rowtide.sqlite.log;

import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.log.LiveDatabase.Still;
import dev.rowtide.sqlite.log.LiveDatabase.TransactionSink;
import dev.rowtide.sqlite.state.LogPosition;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Follows a database as the capture thread does, and keeps a copy of its pages in memory. */
final class Follower implements AutoCloseable, TransactionSink {
    static final LiveOptions OPTIONS = new LiveOptions(true, 64 << 20, true, Duration.ofSeconds(2), true);

    final LiveDatabase live;
    final Map<Integer, byte[]> pages = new HashMap<>();
    final Map<Integer, byte[]> open = new HashMap<>();
    LogPosition position = LogPosition.NONE;
    int pageSize;
    int pageCount;
    int commits;

    /** Throws at the page after so many; -1 for never. */
    int failAfterPages = -1;

    Follower(Path database) throws IOException {
        this(database, OPTIONS);
    }

    Follower(Path database, LiveOptions options) throws IOException {
        live = LiveDatabase.open(database, options);
    }

    /** Takes a copy of everything. */
    Follower copy() throws IOException {
        try (Still still = live.standStill()) {
            pages.clear();
            pageSize = still.pageSize();
            pageCount = still.pageCount();
            for (int number = 1; number <= pageCount; number++) {
                pages.put(number, still.page(number));
            }
            position = still.position();
        }
        return this;
    }

    int drain() throws IOException {
        int before = commits;
        open.clear();
        position = live.drain(position, this);
        return commits - before;
    }

    /** What the capture thread does at each turn. */
    void turn() throws IOException {
        if (live.changed()) {
            drain();
        }
        live.tend(position);
    }

    /** Turns for so long. */
    void turns(Duration time) throws IOException, InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            turn();
            Thread.sleep(1);
        }
    }

    /** Turns until the other process has answered. */
    String turnUntilAnswer(OtherProcess other) throws IOException, InterruptedException {
        while (!other.hasAnswer()) {
            turn();
            Thread.sleep(1);
        }
        String answer = other.answer();
        turn();
        return answer;
    }

    @Override
    public void page(int number, byte[] content) throws IOException {
        if (failAfterPages >= 0 && failAfterPages-- == 0) {
            throw new IOException("the sink is full");
        }
        open.put(number, content.clone());
    }

    @Override
    public void commit(int size, int count, LogPosition end) {
        pageSize = size;
        pageCount = count;
        pages.putAll(open);
        pages.keySet().removeIf(number -> number > count);
        open.clear();
        position = end;
        commits++;
    }

    /** Compares with a copy of the file, in which everything is that was committed. */
    boolean sameAs(Path copy) throws IOException {
        try (InputStream in = Files.newInputStream(copy)) {
            for (int number = 1; number <= pageCount; number++) {
                if (!Arrays.equals(in.readNBytes(pageSize), pages.getOrDefault(number, new byte[pageSize]))) {
                    return false;
                }
            }
            return in.read() < 0;
        }
    }

    @Override
    public void close() throws IOException {
        live.close();
    }
}
