package dev.rowtide.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What it costs to tell a thousand subscribers of one channel: CPU seconds of the gateway's process per million deliveries.
 *
 * <p>CPU seconds and not deliveries a second, because on a busy machine they stay what they are. The window is counted on twenty probes, which are looked at all the
 * time; the other subscribers are drained every few milliseconds. Counted on all of them, it would be the client's pace that is measured.
 */
final class Fanout implements Benchmark {
    private static final int SUBSCRIBERS = 1_000;
    private static final int PROBES = 20;
    private static final int[] WINDOWS = {1, 32};
    private static final long DRAIN_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    /** With what the protocol adds, a frame has about 300 bytes. */
    private static final String BODY = "\"" + "x".repeat(60) + "\"";

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                ChildProcess gateway = ChildProcess.start(
                        List.of(
                                ChildProcess.java(),
                                "-XX:+UseSerialGC",
                                "-Xmx512m",
                                "-cp",
                                absolute(System.getProperty("java.class.path")),
                                FedGateway.class.getName()),
                        Map.of(),
                        folder.path())) {
            String[] ports = gateway.awaitLine(FedGateway.READY)
                    .substring(FedGateway.READY.length())
                    .split(" ");
            try (Subscribers subscribers = Subscribers.connect(
                            Integer.parseInt(ports[0]), "resource:" + FedGateway.RESOURCE, SUBSCRIBERS, PROBES);
                    SocketChannel feed =
                            SocketChannel.open(new InetSocketAddress("127.0.0.1", Integer.parseInt(ports[1])))) {
                feed.setOption(StandardSocketOptions.TCP_NODELAY, true);
                measure(settings, report, gateway.pid(), subscribers, feed);
            }
        }
    }

    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(java.io.File.pathSeparator)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(java.io.File.pathSeparator, entries);
    }

    private static void measure(Settings settings, Report report, long pid, Subscribers subscribers, SocketChannel feed)
            throws IOException {
        report.line(
                "%d subscribers of one resource channel, the gateway alone in its process; %d rounds of %d s a phase after one to warm up."
                        + " The client is Java, one thread; its cost is told, and is not in the gateway's.%n",
                SUBSCRIBERS, settings.rounds(), settings.seconds());
        report.line(
                "| round | in flight | gateway CPU s per 1M deliveries | deliveries/s | bytes a delivery | gateway CPU, %% of a core | client CPU s per"
                        + " 1M |");
        report.line("|---|---|---|---|---|---|---|");
        Map<Integer, List<Double>> costs = Map.of(1, new ArrayList<>(), 32, new ArrayList<>());
        String threads = "";
        for (int round = 0; round <= settings.rounds(); round++) {
            for (int window : WINDOWS) {
                Phase phase = phase(window, settings.seconds(), pid, subscribers, feed);
                report.line(
                        "| %s | %d | %.2f | %.0f | %.0f | %.0f | %.2f |",
                        round == 0 ? "warm-up" : round,
                        window,
                        phase.cpuPerMillion,
                        phase.deliveriesPerSecond,
                        phase.bytes,
                        phase.cpuPercent,
                        phase.clientPerMillion);
                threads = phase.threads;
                List<Double> cost = costs.get(window);
                if (round > 0 && cost != null) {
                    cost.add(phase.cpuPerMillion);
                }
            }
        }
        for (int window : WINDOWS) {
            Samples cost = new Samples(costs.getOrDefault(window, List.of()));
            report.line(
                    "%n%d in flight: median **%.2f** CPU s per 1M deliveries (%.2f to %.2f).",
                    window, cost.median(), cost.smallest(), cost.largest());
        }
        report.line("%nBusiest threads of the gateway's process in the last phase, %% of a core: %s", threads);
    }

    private record Phase(
            double cpuPerMillion,
            double deliveriesPerSecond,
            double bytes,
            double cpuPercent,
            double clientPerMillion,
            String threads) {}

    private static Phase phase(int window, int seconds, long pid, Subscribers subscribers, SocketChannel feed)
            throws IOException {
        long us = ProcessHandle.current().pid();
        ByteBuffer one = record();
        long published = 0;
        long probesAtStart = subscribers.probeDelivered();
        long allAtStart = subscribers.delivered();
        long measureAt = System.nanoTime() + WARM_UP_NANOS;
        long end = measureAt + TimeUnit.SECONDS.toNanos(seconds);
        long drainAt = 0;
        ProcessUse before = ProcessUse.of(pid);
        ProcessUse ownBefore = ProcessUse.of(us);
        long deliveredBefore = 0;
        long bytesBefore = 0;
        boolean measuring = false;
        long now;
        while ((now = System.nanoTime()) < end) {
            if (!measuring && now >= measureAt) {
                measuring = true;
                before = ProcessUse.of(pid);
                ownBefore = ProcessUse.of(us);
                deliveredBefore = subscribers.delivered();
                bytesBefore = subscribers.bytes();
            }
            while (published * PROBES < subscribers.probeDelivered() - probesAtStart + (long) window * PROBES) {
                one.rewind();
                while (one.hasRemaining()) {
                    feed.write(one);
                }
                published++;
            }
            if (now >= drainAt) {
                subscribers.drainOthers();
                drainAt = now + DRAIN_EVERY_NANOS;
            }
            subscribers.pollProbes();
        }
        ProcessUse after = ProcessUse.of(pid);
        ProcessUse ownAfter = ProcessUse.of(us);
        double million = (subscribers.delivered() - deliveredBefore) / 1e6;
        double bytes = (subscribers.bytes() - bytesBefore) / (million * 1e6);
        // Nothing stays in flight for the next phase, and nothing may be missing: a gateway that drops would look fast.
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (subscribers.delivered() - allAtStart < published * SUBSCRIBERS) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        published * SUBSCRIBERS - subscribers.delivered() + allAtStart + " deliveries are missing");
            }
            subscribers.pollProbes();
            subscribers.drainOthers();
        }
        return new Phase(
                after.cpuSince(before) / million,
                million * 1e6 / ((after.nanos() - before.nanos()) / 1e9),
                bytes,
                after.percentSince(before),
                ownAfter.cpuSince(ownBefore) / million,
                after.busiestSince(before));
    }

    private static ByteBuffer record() {
        byte[] body = BODY.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer record = ByteBuffer.allocate(Integer.BYTES + 1 + body.length);
        return record.putInt(1 + body.length).put((byte) 0).put(body);
    }
}
