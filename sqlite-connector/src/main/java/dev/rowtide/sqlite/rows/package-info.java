/**
 * From changed pages to changed rows: what tables there are, which subtrees can differ between two commits, and the row changes between them, in an order that
 * depends on nothing but the two.
 *
 * <p>Knows nothing of where pages come from, or who wants the rows.
 */
@NullMarked
package dev.rowtide.sqlite.rows;

import org.jspecify.annotations.NullMarked;
