package dev.rowtide.cdc;

import dev.rowtide.feed.RowShape;

/** Is told which columns resources have. */
@FunctionalInterface
public interface ShapeListener {
    /**
     * A resource has these columns now; nobody had looked before, or it had others. Once for each change, on a thread of the engine, which reads no further meanwhile: must be quick and must not fail.
     */
    void described(String resource, RowShape shape);
}
