/**
 * Benchmarks that drive the finished bridge from outside, as processes of their own on the loopback. Start: {@code bench/run}; what each figure means:
 * {@code bench/README.md}.
 *
 * <p>A new one implements {@link dev.rowtide.bench.Benchmark} and is listed in {@link dev.rowtide.bench.Main}. What must hold (not: how fast) is a test, and
 * belongs into the module that it is about.
 */
@NullMarked
package dev.rowtide.bench;

import org.jspecify.annotations.NullMarked;
