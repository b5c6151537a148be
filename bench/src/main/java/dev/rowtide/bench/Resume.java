package dev.rowtide.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Five thousand clients come back at once and resume: how long until each has what it missed, and what it costs the gateway, beside live delivery of the same changes to the same clients.
 */
final class Resume implements Benchmark {
    private static final int CLIENTS = 5_000;
    private static final int CHANGES = 200;
    private static final long PATIENCE_SECONDS = 120;
    private static final String BODY = "\"" + "x".repeat(60) + "\"";

    @Override
    public void run(Settings settings, Report report) throws Exception {
        report.line(
                "%d clients of one resource channel, the gateway alone in its process (512 MB of heap); %d changes while they are away; %d rounds after one to warm up.%n",
                CLIENTS, CHANGES, settings.rounds());
        report.line(
                "| round | how | seconds until all have all | CPU s per 1M deliveries | deliveries/s | gateway's resident MB |");
        report.line("|---|---|---|---|---|---|");
        for (int round = 0; round <= settings.rounds(); round++) {
            try (TemporaryFolder folder = new TemporaryFolder();
                    ChildProcess gateway = ChildProcess.startJava(FedGateway.class, folder.path())) {
                String[] ports = gateway.awaitLine(FedGateway.READY)
                        .substring(FedGateway.READY.length())
                        .split(" ");
                try (SocketChannel feed =
                        SocketChannel.open(new InetSocketAddress("127.0.0.1", Integer.parseInt(ports[1])))) {
                    round(round, Integer.parseInt(ports[0]), feed, gateway, report);
                }
            }
        }
    }

    private static void round(int round, int port, SocketChannel feed, ChildProcess gateway, Report report)
            throws Exception {
        publish(feed, 1);
        try (Subscribers clients = Subscribers.connected(port, CLIENTS)) {
            String channel = "\"channel\":\"resource:" + FedGateway.RESOURCE + "\"";
            String position =
                    clients.ask("{\"type\":\"subscribe\"," + channel + ",\"payload\":{\"presence\":\"none\"}}");
            position = position.replaceAll("(?s).*\"position\":\"([^\"]+)\".*", "$1");
            clients.startReading(Duration.ZERO);
            publish(feed, CHANGES);
            TimeUnit.MILLISECONDS.sleep(500);
            String resume = "{\"type\":\"subscribe\"," + channel + ",\"payload\":{\"presence\":\"none\",\"since\":\""
                    + position + "\"}}";
            // Each gets an answer, too.
            measure(round, "resume", clients, CHANGES + 1, gateway, report, () -> clients.sendAll(resume));
            measure(round, "live", clients, CHANGES, gateway, report, () -> publish(feed, CHANGES));
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void measure(
            int round, String how, Subscribers clients, int each, ChildProcess gateway, Report report, Action action)
            throws Exception {
        long deliveries = (long) CLIENTS * each;
        long target = clients.delivered() + deliveries;
        ProcessUse before = gateway.use();
        action.run();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (clients.delivered() < target) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(target - clients.delivered() + " deliveries are missing");
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
        ProcessUse after = gateway.use();
        double seconds = (after.nanos() - before.nanos()) / 1e9;
        report.line(
                "| %s | %s | %.2f | %.2f | %.0f | %.0f |",
                round == 0 ? "warm-up" : round,
                how,
                seconds,
                after.cpuSince(before) / (deliveries / 1e6),
                deliveries / seconds,
                ProcessUse.residentMegabytes(gateway.pid()));
    }

    private static void publish(SocketChannel feed, int count) throws IOException {
        byte[] body = BODY.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer all = ByteBuffer.allocate(count * (Integer.BYTES + 1 + body.length));
        for (int i = 0; i < count; i++) {
            all.putInt(1 + body.length).put((byte) 0).put(body);
        }
        all.flip();
        while (all.hasRemaining()) {
            feed.write(all);
        }
    }
}
