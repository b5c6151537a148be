package dev.rowtide.sqlite;

import io.debezium.config.Configuration;
import io.debezium.connector.common.RelationalBaseSourceConnector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;

/** Follows one SQLite database file by its write-ahead log. One task: a database has one order of commits. */
public final class SqliteConnector extends RelationalBaseSourceConnector {
    private Map<String, String> properties = Map.of();

    /** For Kafka Connect. */
    public SqliteConnector() {}

    @Override
    public String version() {
        return Module.version();
    }

    @Override
    public void start(Map<String, String> props) {
        properties = Map.copyOf(props);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return SqliteConnectorTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        if (maxTasks < 1) {
            throw new ConnectException("tasks.max is " + maxTasks + ", but this connector needs one task");
        }
        return List.of(properties);
    }

    @Override
    public void stop() {}

    @Override
    public ConfigDef config() {
        return SqliteConnectorConfig.configDef();
    }

    @Override
    protected Map<String, ConfigValue> validateAllFields(Configuration config) {
        return config.validate(SqliteConnectorConfig.ALL_FIELDS);
    }

    /** Looks at the file's attributes only: opening and closing it would drop the locks of every SQLite connection of this process. */
    @Override
    protected void validateConnection(Map<String, ConfigValue> values, Configuration config) {
        Path database = Path.of(config.getString(SqliteConnectorConfig.DATABASE_PATH));
        ConfigValue value = values.get(SqliteConnectorConfig.DATABASE_PATH.name());
        if (value == null) {
            return;
        }
        if (!Files.exists(database)) {
            value.addErrorMessage("There is no file " + database.toAbsolutePath()
                    + " on this machine. The connector must run where the database file is.");
        } else if (!Files.isRegularFile(database)) {
            value.addErrorMessage(database.toAbsolutePath() + " is not a regular file.");
        } else if (!Files.isReadable(database) || !Files.isWritable(database)) {
            value.addErrorMessage(database.toAbsolutePath()
                    + " must be readable and writable for the connector's user: holding the log takes SQLite's locks.");
        }
    }

    /** Offsets name every record's place, and the same records come again in the same order. */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> connectorConfig) {
        return ConnectorTransactionBoundaries.UNSUPPORTED;
    }
}
