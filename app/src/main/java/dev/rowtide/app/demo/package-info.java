/**
 * What a user of the bridge brings: a database, a program that writes to it, and a shell that runs a statement on it. The only package of this module that speaks JDBC, since it stands for
 * programs that are none of ours; what the bridge itself asks a database belongs to the engine.
 */
@NullMarked
package dev.rowtide.app.demo;

import org.jspecify.annotations.NullMarked;
