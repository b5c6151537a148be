package dev.rowtide.sqlite.fuzz;

import java.util.List;

/** What a {@link TailProcess} is told; see there. */
record TailOptions(
        int lag,
        long seed,
        int killAfter,
        int killMillis,
        boolean switchToWal,
        boolean barrier,
        long maxSpoolMb,
        long firstSeq,
        long slowMicros) {

    static final TailOptions PLAIN = new TailOptions(0, 1, 0, 0, true, true, 256, 0, 0);

    static TailOptions parse(String[] args) {
        TailOptions options = PLAIN;
        for (int i = 3; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            long number = pair[1].equals("true") ? 1 : pair[1].equals("false") ? 0 : Long.parseLong(pair[1]);
            options = switch (pair[0]) {
                case "lag" -> options.withLag((int) number);
                case "seed" -> options.withSeed(number);
                case "killAfter" -> options.killedAfter((int) number);
                case "killMillis" -> options.killedAfterMillis((int) number);
                case "switchToWal" -> options.withSwitchToWal(number != 0);
                case "barrier" -> options.withBarrier(number != 0);
                case "maxSpoolMb" -> options.withMaxSpoolMb(number);
                case "firstSeq" -> options.withFirstSeq(number);
                case "slowMicros" -> options.slowedBy(number);
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            };
        }
        return options;
    }

    List<String> arguments() {
        return List.of(
                "lag=" + lag,
                "seed=" + seed,
                "killAfter=" + killAfter,
                "killMillis=" + killMillis,
                "switchToWal=" + switchToWal,
                "barrier=" + barrier,
                "maxSpoolMb=" + maxSpoolMb,
                "firstSeq=" + firstSeq,
                "slowMicros=" + slowMicros);
    }

    TailOptions withLag(int value) {
        return new TailOptions(
                value, seed, killAfter, killMillis, switchToWal, barrier, maxSpoolMb, firstSeq, slowMicros);
    }

    TailOptions withSeed(long value) {
        return new TailOptions(
                lag, value, killAfter, killMillis, switchToWal, barrier, maxSpoolMb, firstSeq, slowMicros);
    }

    TailOptions killedAfter(int events) {
        return new TailOptions(lag, seed, events, killMillis, switchToWal, barrier, maxSpoolMb, firstSeq, slowMicros);
    }

    TailOptions killedAfterMillis(int millis) {
        return new TailOptions(lag, seed, killAfter, millis, switchToWal, barrier, maxSpoolMb, firstSeq, slowMicros);
    }

    TailOptions withSwitchToWal(boolean value) {
        return new TailOptions(lag, seed, killAfter, killMillis, value, barrier, maxSpoolMb, firstSeq, slowMicros);
    }

    TailOptions withBarrier(boolean value) {
        return new TailOptions(lag, seed, killAfter, killMillis, switchToWal, value, maxSpoolMb, firstSeq, slowMicros);
    }

    TailOptions withMaxSpoolMb(long value) {
        return new TailOptions(lag, seed, killAfter, killMillis, switchToWal, barrier, value, firstSeq, slowMicros);
    }

    TailOptions withFirstSeq(long value) {
        return new TailOptions(lag, seed, killAfter, killMillis, switchToWal, barrier, maxSpoolMb, value, slowMicros);
    }

    TailOptions slowedBy(long micros) {
        return new TailOptions(lag, seed, killAfter, killMillis, switchToWal, barrier, maxSpoolMb, firstSeq, micros);
    }
}
