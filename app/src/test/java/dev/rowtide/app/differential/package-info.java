/** Subscribers of all kinds against the database's own answers. */
package dev.rowtide.app.differential;
