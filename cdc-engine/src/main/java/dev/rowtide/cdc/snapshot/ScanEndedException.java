package dev.rowtide.cdc.snapshot;

/** Nobody wants the rest of the rows. */
public final class ScanEndedException extends Exception {
    private static final long serialVersionUID = 1L;

    ScanEndedException() {
        super("nobody wants the rest of the rows", null, false, false);
    }
}
