package dev.rowtide.feed.filter;

/** A filter that cannot be, or not for these columns. The message is a sentence for whoever wrote the filter. */
public final class InvalidFilterException extends Exception {
    private static final long serialVersionUID = 1L;

    public InvalidFilterException(String sentence) {
        // No stack trace: clients cause it at will, and it never says more than the sentence.
        super(sentence, null, false, false);
    }

    /** What is wrong, with which value, and what to write instead. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
