package dev.rowtide.bench;

import java.nio.file.Path;

/**
 * How long to measure, and what.
 *
 * @param rounds how many rounds are counted, after one to warm up
 * @param seconds how long a phase of a round takes
 * @param megabytes the largest database that is measured, where size is what a benchmark is about
 * @param home the project's folder
 */
record Settings(int rounds, int seconds, int megabytes, Path home) {
    /** The bridge as it is shipped. */
    Path jar() {
        return home.resolve("app/target/rowtide.jar");
    }
}
