package dev.rowtide.bench;

import java.util.Arrays;
import java.util.Collection;

/** Numbers, sorted: for percentiles and medians. */
final class Samples {
    private final double[] sorted;

    Samples(Collection<Double> values) {
        sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    }

    Samples(double... values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    int count() {
        return sorted.length;
    }

    /** The nearest rank, without interpolation. */
    double percentile(double percent) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[(int) Math.min(sorted.length - 1L, Math.round(percent / 100 * sorted.length - 0.5))];
    }

    double median() {
        int middle = sorted.length / 2;
        return sorted.length == 0
                ? Double.NaN
                : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double smallest() {
        return sorted.length == 0 ? Double.NaN : sorted[0];
    }

    double largest() {
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1];
    }
}
