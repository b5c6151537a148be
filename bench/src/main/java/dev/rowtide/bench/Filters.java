package dev.rowtide.bench;

import dev.rowtide.gateway.FilteredHub;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a change costs the fan-out thread when many subscribe to one resource, each with a filter of its own, {@code {"author_id": N}}: CPU microseconds a change, beside one subscriber that has none. The hub is measured from
 * inside, without sockets.
 */
final class Filters implements Benchmark {
    private static final int CHANGES = 100_000;
    private static final int[] SUBSCRIBERS = {1, 1_000, 100_000};

    @Override
    public void run(Settings settings, Report report) throws Exception {
        report.line(
                "Updates of a resource, %d a phase, %d rounds after one to warm up; each subscriber has the filter {\"author_id\": N} for its own N. *matched*: each change is one subscriber's. *unmatched*: it is nobody's."
                        + " The peers are counters, no sockets; CPU of the thread `fanout-0`.%n",
                CHANGES, settings.rounds());
        report.line(
                "| subscriptions | CPU us a change, matched | unmatched | matched / one subscriber without a filter |");
        report.line("|---|---|---|---|");
        double plain = median(1, false, settings.rounds(), 1);
        report.line("| 1, without a filter | %.2f | | 1 |", plain);
        for (int subscribers : SUBSCRIBERS) {
            double matched = median(subscribers, true, settings.rounds(), subscribers);
            double unmatched = median(subscribers, true, settings.rounds(), Long.MAX_VALUE / 2);
            report.line("| %d | %.2f | %.2f | %.2f |", subscribers, matched, unmatched, matched / plain);
        }
    }

    private static double median(int subscribers, boolean filtered, int rounds, long authors)
            throws IOException, InterruptedException {
        // Beyond all filters, if nothing is to match.
        long firstAuthor = authors > Integer.MAX_VALUE ? authors / 2 : 0;
        List<Double> costs = new ArrayList<>();
        try (FilteredHub hub = new FilteredHub(subscribers, filtered)) {
            for (int round = 0; round <= rounds; round++) {
                long before = cpuNanos();
                long deliveredBefore = hub.delivered();
                hub.update(CHANGES, firstAuthor, authors);
                long expected = firstAuthor > 0 ? 0 : CHANGES;
                if (hub.delivered() - deliveredBefore != expected) {
                    throw new IllegalStateException(
                            hub.delivered() - deliveredBefore + " were delivered, and not " + expected);
                }
                if (round > 0) {
                    costs.add((cpuNanos() - before) / 1e3 / CHANGES);
                }
            }
        }
        return new Samples(costs).median();
    }

    private static long cpuNanos() {
        Long nanos = FilteredHub.fanoutCpuNanos();
        if (nanos == null) {
            throw new IllegalStateException("there is no thread fanout-0");
        }
        return nanos;
    }
}
