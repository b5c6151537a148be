/**
 * The typed configuration: one catalog of options ({@link dev.rowtide.app.config.Options}), one reader that finds every mistake at
 * once ({@link dev.rowtide.app.config.ConfigLoader}), and the records of the other modules as the result.
 *
 * <p>A further option is one component of the record that owns it, one constant in {@code Options}, one line in {@code
 * ConfigMapping}, and a row in docs/configuration.md, which a test demands. What does not belong here: meanings of options beyond
 * their range, and anything that starts.
 */
@NullMarked
package dev.rowtide.app.config;

import org.jspecify.annotations.NullMarked;
