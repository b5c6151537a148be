package dev.rowtide.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * One transaction of a million rows, and two hundred subscribers that read it at 10, 20 … 100 Mbit/s, five that read at 1 Mbit/s, and five that do not read: every row has to come to those who read, once and in order, and
 * the bridge's memory is watched. Beside them one subscriber of another table, whose rows are committed all the time: how late it gets them before, during and after.
 */
final class LargeTransaction implements Benchmark {
    private static final int ROWS = 1_000_000;
    private static final int READERS = 200;
    private static final int CRAWLERS = 5;
    private static final int STANDING = 5;
    private static final double MEGABIT = 1e6 / 8;
    private static final long PATIENCE_SECONDS = 900;
    private static final long QUIET_SECONDS = 5;
    private static final int TEXT = 1;
    private static final int CLOSE = 8;
    private static final byte[] ID = "\"data\":{\"id\":".getBytes(StandardCharsets.US_ASCII);

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                Database database = new Database()) {
            report.version(database.describe());
            database.execute(
                    "CREATE TABLE line (id int PRIMARY KEY, note text)",
                    "CREATE TABLE beat (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)");
            try (BridgeProcess bridge = BridgeProcess.start(settings, database, folder.path());
                    Beats beats = new Beats(database, bridge.port())) {
                measure(database, bridge, beats, report);
            }
        }
    }

    private static void measure(Database database, BridgeProcess bridge, Beats beats, Report report) throws Exception {
        List<Reader> readers = new ArrayList<>();
        List<SocketChannel> standing = new ArrayList<>();
        try {
            for (int i = 0; i < READERS + CRAWLERS; i++) {
                double megabits = i < READERS ? 10 * (1 + i % 10) : 1;
                readers.add(new Reader(bridge.port(), i, megabits * MEGABIT));
            }
            for (int i = 0; i < STANDING; i++) {
                standing.add(
                        Subscribers.subscribed(bridge.port(), "resource:line", READERS + CRAWLERS + i, "[\"id\"]"));
            }
            TimeUnit.SECONDS.sleep(QUIET_SECONDS);
            String before = beats.take();
            double restingMegabytes = ProcessUse.residentMegabytes(bridge.pid());
            ProcessUse start = bridge.use();
            database.execute("INSERT INTO line SELECT n, 'x' FROM generate_series(1, " + ROWS + ") n");
            double committed = (System.nanoTime() - start.nanos()) / 1e9;
            double peak = restingMegabytes;
            double firstDone = Double.NaN;
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            int done = 0;
            long looked = 0;
            String during = "";
            while (done < READERS) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            READERS - done + " readers have not got all rows within " + PATIENCE_SECONDS + " s");
                }
                done = 0;
                for (Reader reader : readers) {
                    reader.readSome();
                    done += reader.next > ROWS ? 1 : 0;
                }
                double seconds = (System.nanoTime() - start.nanos()) / 1e9;
                if (Double.isNaN(firstDone) && done > 0) {
                    firstDone = seconds;
                    during = beats.take();
                }
                if (System.nanoTime() - looked > TimeUnit.SECONDS.toNanos(1)) {
                    looked = System.nanoTime();
                    peak = Math.max(peak, ProcessUse.residentMegabytes(bridge.pid()));
                }
            }
            ProcessUse end = bridge.use();
            double seconds = (end.nanos() - start.nanos()) / 1e9;
            String catchingUp = beats.take();
            TimeUnit.SECONDS.sleep(QUIET_SECONDS);
            String after = beats.take();
            long crawled = readers.subList(READERS, readers.size()).stream()
                    .mapToLong(reader -> reader.next - 1)
                    .min()
                    .orElseThrow();
            report.line(
                    "%d rows in one transaction (committed after %.1f s) to %d readers at 10 to 100 Mbit/s, %d at 1 Mbit/s and %d that do not read; column id only. The bridge with 512 MB of heap.%n",
                    ROWS, committed, READERS, CRAWLERS, STANDING);
            report.line("| | |%n|---|---|");
            report.line("| every row, once and in order, to all %d readers after | %.0f s |", READERS, seconds);
            report.line("| to the first of them after | %.0f s |", firstDone);
            report.line("| rows in order that each reader at 1 Mbit/s has by then, at least | %d |", crawled);
            report.line(
                    "| bridge's CPU | %.0f s, %.2f s per 1M deliveries |",
                    end.cpuSince(start), end.cpuSince(start) * 1e6 / ((double) ROWS * READERS));
            report.line(
                    "| bridge's resident memory before, most, and live heap at the end | %.0f, %.0f, %.0f MB |",
                    restingMegabytes, peak, ProcessUse.liveHeapMegabytes(bridge.pid()));
            report.line("| COMMIT of another row → its subscriber, before | %s |", before);
            report.line("| … until the first reader had all | %s |", during);
            report.line("| … while the others caught up | %s |", catchingUp);
            report.line("| … after | %s |", after);
        } finally {
            for (Reader reader : readers) {
                reader.socket.close();
            }
            for (SocketChannel socket : standing) {
                socket.close();
            }
        }
    }

    /** Takes as many bytes a second as it may, and looks at each id. */
    private static final class Reader {
        private final SocketChannel socket;
        private final double bytesPerSecond;
        private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        private final long began = System.nanoTime();
        private double taken;
        private long next = 1;

        Reader(int port, int number, double bytesPerSecond) throws IOException {
            this.socket = Subscribers.subscribed(port, "resource:line", number, "[\"id\"]");
            this.bytesPerSecond = bytesPerSecond;
            socket.configureBlocking(false);
        }

        void readSome() throws IOException {
            double allowed = (System.nanoTime() - began) / 1e9 * bytesPerSecond - taken;
            if (allowed < 2_000) {
                return;
            }
            // What it did not use it has not saved.
            if (allowed > bytesPerSecond / 10) {
                taken += allowed - bytesPerSecond / 10;
                allowed = bytesPerSecond / 10;
            }
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + allowed));
            int read = socket.read(buffer);
            if (read < 0) {
                throw new EOFException(bytesPerSecond / MEGABIT + " Mbit/s: cut off behind row " + (next - 1));
            }
            taken += read;
            buffer.flip();
            while (takeFrame()) {
                // The next.
            }
            buffer.compact();
        }

        private boolean takeFrame() throws EOFException {
            int at = buffer.position();
            if (buffer.remaining() < 2) {
                return false;
            }
            int length = buffer.get(at + 1);
            int head = 2;
            if (length == 126) {
                if (buffer.remaining() < 4) {
                    return false;
                }
                length = buffer.getShort(at + 2) & 0xffff;
                head = 4;
            }
            if (buffer.remaining() < head + length) {
                return false;
            }
            int opcode = buffer.get(at) & 0x0f;
            if (opcode == TEXT) {
                look(buffer.array(), at + head, length);
            } else if (opcode == CLOSE) {
                throw new EOFException(
                        "closed with " + (buffer.getShort(at + head) & 0xffff) + " behind row " + (next - 1));
            }
            buffer.position(at + head + length);
            return true;
        }

        private void look(byte[] bytes, int from, int length) {
            for (int i = from + 60; i < from + length - ID.length; i++) {
                if (bytes[i] == '"' && matches(bytes, i)) {
                    long id = 0;
                    for (int k = i + ID.length; bytes[k] >= '0' && bytes[k] <= '9'; k++) {
                        id = id * 10 + bytes[k] - '0';
                    }
                    if (id != next) {
                        throw new IllegalStateException("row " + id + " came where " + next + " had to");
                    }
                    next++;
                    return;
                }
            }
        }

        private static boolean matches(byte[] bytes, int at) {
            for (int k = 1; k < ID.length; k++) {
                if (bytes[at + k] != ID[k]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A row of another table every 100 ms, and how late its subscriber gets it. */
    private static final class Beats implements AutoCloseable {
        private static final long EVERY_MILLIS = 100;

        private final Database database;
        private final MeasuredSubscriber subscriber;
        private final List<Double> millis = new ArrayList<>();
        private final long[] committed = new long[100_000];
        private final Thread writer = new Thread(this::write, "beats");
        private volatile boolean closed;

        Beats(Database database, int port) throws Exception {
            this.database = database;
            subscriber = MeasuredSubscriber.connect(port, "resource:beat", this::received);
            writer.start();
        }

        private void write() {
            try (java.sql.Connection connection = database.connect();
                    java.sql.Statement statement = connection.createStatement()) {
                for (int id = 1; !closed && id < committed.length; id++) {
                    synchronized (this) {
                        committed[id] = System.nanoTime();
                    }
                    statement.execute("INSERT INTO beat DEFAULT VALUES");
                    TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
                }
            } catch (java.sql.SQLException | InterruptedException e) {
                System.err.println("the writer of beats ended: " + e);
            }
        }

        private synchronized void received(long id, long nanos) {
            millis.add((nanos - committed[(int) id]) / 1e6);
        }

        /** What was measured since the last time. */
        synchronized String take() {
            Samples samples = new Samples(millis);
            millis.clear();
            return String.format(
                    Locale.ROOT,
                    "p50 %.1f ms, p90 %.1f, max %.0f (%d rows; from the INSERT's beginning)",
                    samples.median(),
                    samples.percentile(90),
                    samples.largest(),
                    samples.count());
        }

        @Override
        public void close() throws InterruptedException {
            closed = true;
            writer.join();
            subscriber.close();
        }
    }
}
