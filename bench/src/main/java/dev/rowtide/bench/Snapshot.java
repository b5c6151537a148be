package dev.rowtide.bench;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A million rows to ten clients at once, as a snapshot: time, CPU and the bridge's memory, beside a program that only reads the same rows. */
final class Snapshot implements Benchmark {
    private static final int ROWS = 1_000_000;
    private static final int CLIENTS = 10;
    private static final int FETCH = 1_000;
    private static final long PATIENCE_SECONDS = 300;
    private static final String COLUMNS = "id, customer, status, amount, created_at, paid, note";

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                Database database = new Database()) {
            report.version(database.describe());
            database.execute(
                    "CREATE TABLE line (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int, status text,"
                            + " amount numeric(10, 2), created_at timestamptz, paid boolean, note text)",
                    "INSERT INTO line (customer, status, amount, created_at, paid, note) SELECT n % 1000, 'shipped',"
                            + " (n % 100000) / 100.0, now(), n % 2 = 0, repeat('note ', 16) || n FROM generate_series(1, "
                            + ROWS + ") n",
                    "VACUUM ANALYZE line");
            try (BridgeProcess bridge = BridgeProcess.start(settings, database, folder.path())) {
                report.line(
                        "%d rows (7 columns, about 150 bytes) to %d clients (the JDK's WebSocket) that ask at once, the bridge with 512 MB of heap; %d rounds after 1 cold. The limit: the same rows read by one"
                                + " connection, %d at a time, their columns as text.%n",
                        ROWS, CLIENTS, settings.rounds(), FETCH);
                report.line(
                        "| round | seconds until all have all | rows/s, all clients together | bridge CPU s per 1M rows sent | limit rows/s | bridge's rows/s of one client / limit | bridge's resident MB, most so far |");
                report.line("|---|---|---|---|---|---|---|");
                for (int round = 0; round <= settings.rounds(); round++) {
                    measure(round, database, bridge, report);
                }
            }
        }
    }

    private static void measure(int round, Database database, BridgeProcess bridge, Report report) throws Exception {
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(bridge.port(), i));
            }
            ProcessUse before = bridge.use();
            for (Client client : clients) {
                client.subscribe();
            }
            long rows = 0;
            for (Client client : clients) {
                if (!client.done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("a client has only " + client.rows + " rows");
                }
                rows += client.rows.get();
            }
            ProcessUse after = bridge.use();
            if (rows != (long) ROWS * CLIENTS) {
                throw new IllegalStateException(rows + " rows arrived, and not " + (long) ROWS * CLIENTS);
            }
            double seconds = (after.nanos() - before.nanos()) / 1e9;
            double limit = limit(database);
            report.line(
                    "| %s | %.1f | %.0f | %.2f | %.0f | %.2f | %.0f |",
                    round == 0 ? "cold" : round,
                    seconds,
                    rows / seconds,
                    after.cpuSince(before) / (rows / 1e6),
                    limit,
                    ROWS / seconds / limit,
                    peakMegabytes(bridge.pid()));
        } finally {
            clients.forEach(Client::close);
        }
    }

    private static double limit(Database database) throws Exception {
        long start = System.nanoTime();
        long rows = 0;
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(FETCH);
                try (ResultSet all = statement.executeQuery("SELECT " + COLUMNS + " FROM line")) {
                    int columns = all.getMetaData().getColumnCount();
                    while (all.next()) {
                        for (int i = 1; i <= columns; i++) {
                            rows += all.getString(i) == null ? 0 : i == 1 ? 1 : 0;
                        }
                    }
                }
            }
        }
        return rows / ((System.nanoTime() - start) / 1e9);
    }

    private static double peakMegabytes(long pid) {
        for (String line : Machine.read(Path.of("/proc/" + pid + "/status")).split("\n")) {
            if (line.startsWith("VmHWM:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        return Double.NaN;
    }

    /** Counts the rows that it gets. */
    private static final class Client implements WebSocket.Listener {
        private static final HttpClient HTTP = HttpClient.newHttpClient();

        final CountDownLatch done = new CountDownLatch(1);
        final AtomicLong rows = new AtomicLong();
        private final StringBuilder text = new StringBuilder();
        private final WebSocket socket;

        Client(int port, int number) {
            socket = HTTP.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port + "/realtime?userId=bench-" + number), this)
                    .join();
        }

        void subscribe() {
            socket.sendText(
                            "{\"type\":\"subscribe\",\"channel\":\"resource:line\",\"id\":1,\"payload\":{\"presence\":\"none\",\"snapshot\":true}}",
                            true)
                    .join();
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                int ids = text.indexOf("\"ids\":[");
                int end = text.indexOf("]", ids);
                if (ids >= 0 && end > ids + 7) {
                    rows.incrementAndGet();
                    for (int i = ids + 7; i < end; i++) {
                        if (text.charAt(i) == ',') {
                            rows.incrementAndGet();
                        }
                    }
                } else if (text.indexOf("\"last\":true") >= 0 || text.indexOf("\"type\":\"error\"") == 1) {
                    done.countDown();
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        void close() {
            socket.abort();
        }
    }
}
