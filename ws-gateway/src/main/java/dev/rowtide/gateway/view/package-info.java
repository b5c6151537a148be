/**
 * What a subscriber sees of the changes of a resource: which rows, by policy and filter, and which of their columns.
 *
 * <p>{@link View} decides about one change after the other; a {@link Rendering} is what it decides. Who wants what, and how it gets there, is not known here.
 */
@NullMarked
package dev.rowtide.gateway.view;

import org.jspecify.annotations.NullMarked;
