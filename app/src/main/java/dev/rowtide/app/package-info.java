/**
 * The process: {@link dev.rowtide.app.Bridge} wires the engine and the gateway, which know nothing of each other. The only module that sees
 * both. What can be decided by one of them alone does not belong here.
 */
@NullMarked
package dev.rowtide.app;

import org.jspecify.annotations.NullMarked;
