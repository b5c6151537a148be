package dev.rowtide.gateway;

/** The two clocks that the gateway reads, so that tests can set them. Thread-safe. */
interface Ticker {
    /** The machine's. */
    Ticker SYSTEM = new Ticker() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long millis() {
            return System.currentTimeMillis();
        }
    };

    /** For durations: never goes back, from an arbitrary origin. */
    long nanos();

    /** For time stamps in messages: milliseconds since 1970. */
    long millis();
}
