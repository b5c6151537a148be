/**
 * The filter language: which rows a subscriber wants, or may see.
 *
 * <p>One syntax tree ({@link dev.rowtide.feed.filter.RowFilter}), two meanings: {@link dev.rowtide.feed.filter.RowPredicate} decides about a row in memory, and the engine writes the same
 * tree as SQL. Both begin with {@link dev.rowtide.feed.filter.RowFilter#resolve}, which holds a filter against the columns that there are. A further type of column is a constant of {@link
 * dev.rowtide.feed.ColumnType}, a {@code Comparison}, its case in {@code Coercion} and in each writer of SQL.
 *
 * <p>What does not belong here: JSON parsing of the filter itself, SQL, and who gets which filter.
 */
@NullMarked
package dev.rowtide.feed.filter;

import org.jspecify.annotations.NullMarked;
