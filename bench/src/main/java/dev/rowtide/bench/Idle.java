package dev.rowtide.bench;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What the bridge costs while nothing happens: CPU with nobody there and with subscribers that wait; memory. */
final class Idle implements Benchmark {
    private static final int SUBSCRIBERS = 100;
    private static final long SETTLE_SECONDS = 10;

    @Override
    public void run(Settings settings, Report report) throws Exception {
        try (TemporaryFolder folder = new TemporaryFolder();
                Database database = new Database()) {
            report.version(database.describe());
            database.execute("CREATE TABLE event (id bigint PRIMARY KEY, customer int, note text)");
            report.line("An idle database; %d s each, after %d s to settle.%n", settings.seconds(), SETTLE_SECONDS);
            report.line(
                    "| round | subscribers | CPU, %% of a core | RSS, MB | live heap, MB | busiest threads, %% of a core |");
            report.line("|---|---|---|---|---|---|");
            for (int round = 1; round <= settings.rounds(); round++) {
                try (BridgeProcess bridge = BridgeProcess.start(settings, database, folder.path())) {
                    phase(settings, report, bridge, round, 0);
                    try (Subscribers subscribers =
                            Subscribers.connect(bridge.port(), "resource:event", SUBSCRIBERS, 0)) {
                        subscribers.startReading(Duration.ofMillis(20));
                        phase(settings, report, bridge, round, SUBSCRIBERS);
                    }
                }
            }
        }
    }

    private static void phase(Settings settings, Report report, BridgeProcess bridge, int round, int subscribers)
            throws Exception {
        TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
        ProcessUse before = bridge.use();
        TimeUnit.SECONDS.sleep(settings.seconds());
        ProcessUse after = bridge.use();
        double resident = ProcessUse.residentMegabytes(bridge.pid());
        report.line(
                "| %d | %d | **%.1f** | %.0f | %.1f | %s |",
                round,
                subscribers,
                after.percentSince(before),
                resident,
                ProcessUse.liveHeapMegabytes(bridge.pid()),
                after.busiestSince(before));
    }
}
