package dev.rowtide.cdc;

import org.jspecify.annotations.Nullable;

/**
 * Why changes do not flow, in a sentence for people.
 *
 * <p>{@link #passes} tells what passes by itself (the database restarts, the network is cut) from what a person has to mend (a password, a
 * dropped publication).
 */
public final class SourceFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean passes;

    private SourceFailure(boolean passes, String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
        this.passes = passes;
    }

    /** Passes by itself; tried again within seconds. */
    public static SourceFailure passing(String sentence, Throwable cause) {
        return new SourceFailure(true, sentence, cause);
    }

    /** A person has to do something; tried again rarely. */
    public static SourceFailure permanent(String sentence, Throwable cause) {
        return new SourceFailure(false, sentence, cause);
    }

    /** See {@link #passing}. */
    public static SourceFailure passing(String sentence) {
        return new SourceFailure(true, sentence, null);
    }

    /** See {@link #permanent}. */
    public static SourceFailure permanent(String sentence) {
        return new SourceFailure(false, sentence, null);
    }

    /** Whether waiting helps. */
    public boolean passes() {
        return passes;
    }

    /** What went wrong and what to do. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
