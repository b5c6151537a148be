package dev.rowtide.bench;

/** One benchmark: starts what it needs, measures in rounds, ends what it started. */
interface Benchmark {

    /** What it writes into the report is all of its result; everything else goes to the standard error. */
    void run(Settings settings, Report report) throws Exception;
}
