package dev.rowtide.cdc.debezium;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/** Debezium's PostgreSQL connector with {@link RowtidePostgresTask} as its task. Instantiated by the engine, by name. */
public final class RowtidePostgresConnector extends PostgresConnector {
    @Override
    public Class<? extends Task> taskClass() {
        return RowtidePostgresTask.class;
    }
}
