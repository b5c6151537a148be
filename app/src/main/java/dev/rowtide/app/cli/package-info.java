/**
 * The command line: one class per command, each of them thin. {@link dev.rowtide.app.cli.Main} turns failures into sentences and
 * exit codes; what a command does lies elsewhere, in {@link dev.rowtide.app.Bridge} or in the module that it is about.
 */
@NullMarked
package dev.rowtide.app.cli;

import org.jspecify.annotations.NullMarked;
