package dev.rowtide.cdc;

import dev.rowtide.cdc.debezium.DurableOffsetStore;
import dev.rowtide.cdc.debezium.PushQueue;
import dev.rowtide.cdc.debezium.RowtidePostgresConnector;
import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.cdc.postgres.PostgresDoctor;
import dev.rowtide.cdc.postgres.PostgresLog;
import dev.rowtide.cdc.postgres.PostgresRows;
import dev.rowtide.cdc.postgres.SessionSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * A PostgreSQL database and what of it is tailed.
 *
 * @param address where it is, and as whom
 * @param slotName the permanent replication slot, created by us: 1 to 63 characters {@code a-z 0-9 _}
 * @param publicationName the publication, created by us
 * @param schemas with no resources named: all tables of these schemas are resources
 * @param numbers how int8 and numeric of resources that are not named are written
 * @param resources the named resources; empty means all tables of {@code schemas}
 */
public record PostgresSource(
        PostgresAddress address,
        String slotName,
        String publicationName,
        List<String> schemas,
        ResourceConfig.Numbers numbers,
        List<ResourceConfig> resources)
        implements SourceConfig {

    /** The slot and publication unless the configuration names others. */
    public static final String DEFAULT_NAME = "rowtide";

    /** A logical message, written once a second: it ends a transaction that moves the slot on, and needs no table. PostgreSQL 14 or later. */
    public static final String HEARTBEAT_SQL = "SELECT pg_logical_emit_message(true, 'rowtide', '')";

    /** What stands for a value that the log does not hold. PostgreSQL's text cannot contain NUL, so it never meets a real one. */
    public static final String UNCHANGED = "\u0000unchanged";

    /**
     * The reduced form of a Debezium offset: {@code lsn} and {@code lsn_commit} are both the end of a transaction, and {@code lsn_proc} is
     * left out. With {@code lsn_proc} Debezium searches the stream for where it stopped, by LSN, and loses rows; without it, it starts
     * at {@code lsn}, and the server sends each transaction that was committed after it, whole.
     */
    public static final OffsetForm OFFSETS = new OffsetForm(List.of("lsn_commit", "lsn"), Map.of(), null);

    private static final int MAX_SLOT_NAME = 63;

    /** @throws IllegalArgumentException with a sentence for the person who wrote the configuration */
    public PostgresSource {
        schemas = List.copyOf(schemas);
        resources = List.copyOf(resources);
        if (!slotName.matches("[a-z0-9_]{1," + MAX_SLOT_NAME + "}")) {
            throw new IllegalArgumentException("a slot name has 1 to " + MAX_SLOT_NAME
                    + " characters of a-z, 0-9 and _, which '" + slotName + "' has not");
        }
        if (publicationName.isEmpty() || publicationName.length() > MAX_SLOT_NAME) {
            throw new IllegalArgumentException(
                    "a publication name has 1 to " + MAX_SLOT_NAME + " characters, not '" + publicationName + "'");
        }
        if (schemas.isEmpty() && resources.isEmpty()) {
            throw new IllegalArgumentException(
                    "with no resources and no schemas there is nothing to tail: name at least one");
        }
    }

    @Override
    public String displayName() {
        return address.displayName();
    }

    @Override
    public String logName() {
        return "replication slot " + slotName + ", publication " + publicationName;
    }

    @Override
    public String unnamedResources() {
        return "every table of " + String.join(", ", schemas);
    }

    @Override
    public List<Finding> examine(Path dataDirectory, List<RowCondition> conditions) {
        return PostgresDoctor.examine(this, conditions);
    }

    @Override
    public List<ResourceRows> describeRows() throws SourceFailure {
        return PostgresRows.read(this);
    }

    @Override
    public LogSource open(Path dataDirectory) {
        return new PostgresLog(this, dataDirectory);
    }

    /**
     * Debezium's configuration. The reasons for the less obvious values stand beside them; each was measured.
     *
     * @param connector the name of this run
     * @param offsets the offset file
     */
    public Properties engineProperties(String connector, Path offsets) {
        Properties p = new Properties();
        p.setProperty("name", connector);
        p.setProperty("connector.class", RowtidePostgresConnector.class.getName());
        p.setProperty("topic.prefix", connector);
        p.setProperty("database.hostname", address.host());
        p.setProperty("database.port", Integer.toString(address.port()));
        p.setProperty("database.dbname", address.database());
        p.setProperty("database.user", address.user());
        p.setProperty("database.password", address.password() == null ? "" : address.password());
        address.parameters().forEach((name, value) -> p.setProperty("driver." + name, value));
        p.putIfAbsent("driver.connectTimeout", "10");
        p.putIfAbsent(
                "driver.socketTimeout", "30"); // a cut network is noticed by the probe that Debezium sends every 10 s
        p.setProperty("driver.ApplicationName", "rowtide");
        // The text that pgoutput sends depends on these settings of the session, which a role or a database may have
        // changed.
        p.setProperty("driver.options", SessionSettings.startupOptions());

        // The log: what is read, and from where.
        p.setProperty("plugin.name", "pgoutput");
        p.setProperty("slot.name", slotName);
        p.setProperty("publication.name", publicationName);
        p.setProperty("publication.autocreate.mode", "disabled"); // ours; Debezium's would hold all tables
        p.setProperty("slot.drop.on.stop", "false");
        p.setProperty("snapshot.mode", "no_data");
        if (allTables()) {
            p.setProperty(
                    "schema.include.list",
                    schemas.stream().map(DebeziumLists::literally).collect(Collectors.joining(",")));
        } else {
            p.setProperty(
                    "table.include.list",
                    resources.stream()
                            .map(r -> DebeziumLists.literally(r.table().schema()) + "\\."
                                    + DebeziumLists.literally(r.table().table()))
                            .collect(Collectors.joining(",")));
        }
        p.setProperty("skipped.operations", "none"); // the default drops TRUNCATE
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("include.unknown.datatypes", "true");
        p.setProperty("unavailable.value.placeholder", UNCHANGED);
        p.setProperty("column.propagate.source.type", ".*"); // carries the type's OID

        // Transactions and offsets.
        p.setProperty("provide.transaction.metadata", "true"); // END is the only point where an offset is safe
        p.setProperty("offset.storage", DurableOffsetStore.class.getName());
        p.setProperty("offset.storage.file.filename", offsets.toString());
        p.setProperty(OffsetForm.PROPERTY, OFFSETS.fields());
        p.setProperty(
                "offset.flush.interval.ms", "1000"); // 0 doubles the latency; what comes twice is dropped by position

        // Heartbeat: a message, so that the slot moves on an idle database and beside a busy table that nobody watches.
        p.setProperty("heartbeat.interval.ms", "1000");
        p.setProperty("heartbeat.action.query", HEARTBEAT_SQL);
        p.setProperty("message.prefix.exclude.list", ".*");

        // Latency and cost.
        p.setProperty("queue.provider.type", PushQueue.TYPE);
        p.setProperty(
                "poll.interval.ms", "2"); // the pause between reads of an idle stream; with the push queue nothing else
        p.setProperty("max.batch.size", "2048");
        p.setProperty("max.queue.size", "8192");
        p.setProperty("record.processing.threads", "1");
        p.setProperty("extended.headers.enabled", "false");
        p.setProperty("statistics.metrics.enabled", "false");
        p.setProperty("status.update.interval.ms", "10000");

        // Failure: the supervisor restarts, nobody below it.
        p.setProperty("errors.max.retries", "0");
        p.setProperty("slot.max.retries", "0");
        p.setProperty("lsn.flush.timeout.ms", "5000");
        p.setProperty("executor.shutdown.timeout.ms", "10000");
        return p;
    }
}
