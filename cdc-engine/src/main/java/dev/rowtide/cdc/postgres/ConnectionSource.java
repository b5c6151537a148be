package dev.rowtide.cdc.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens ordinary connections to the tailed database, for example {@link PostgresAddress#connect}; whoever asks for one closes it. */
@FunctionalInterface
public interface ConnectionSource {

    Connection open() throws SQLException;
}
