package dev.rowtide.bench;

import java.nio.file.Path;

/**
 * How long to measure, and what.
 *
 * @param rounds how many rounds are counted, after one to warm up
 * @param seconds how long a phase of a round takes
 * @param home the project's folder
 */
record Settings(int rounds, int seconds, Path home) {
    /** The bridge as it is shipped. */
    Path jar() {
        return home.resolve("app/target/rowtide.jar");
    }
}
