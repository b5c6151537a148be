package dev.rowtide.cdc;

import dev.rowtide.cdc.debezium.DurableOffsetStore;
import dev.rowtide.cdc.sqlite.SqliteAddress;
import dev.rowtide.cdc.sqlite.SqliteDoctor;
import dev.rowtide.cdc.sqlite.SqliteLog;
import dev.rowtide.cdc.sqlite.SqliteRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A SQLite database and what of it is tailed.
 *
 * @param address where its file is
 * @param follow how it is followed
 * @param numbers how integers of resources that are not named are written
 * @param resources the named resources; empty means all tables
 */
public record SqliteSource(
        SqliteAddress address, Follow follow, ResourceConfig.Numbers numbers, List<ResourceConfig> resources)
        implements SourceConfig {

    /** The schema of all tables: that of the file itself, as opposed to files that a connection attaches. */
    public static final String SCHEMA = "main";

    /**
     * The last whole transaction, and no rows beyond it. {@code state} binds it to the copy that the positions were counted upon: the connector refuses an offset of another.
     */
    public static final OffsetForm OFFSETS = new OffsetForm(List.of("commit_seq"), Map.of("event_index", 0L), "state");

    /** Ours, found by its name: it is on the class path at run time and not when this is compiled. */
    private static final String CONNECTOR = "dev.rowtide.sqlite.SqliteConnector";

    /**
     * How the database is followed.
     *
     * @param switchToWal whether a database in rollback-journal mode is switched to WAL; if not it is followed by comparing its pages, up to {@code journalMaxBytes}
     * @param journalMaxBytes the largest database that is followed by comparing pages
     * @param barrier whether writers may be kept waiting for some milliseconds when the log grows and there is no gap between their commits
     * @param spoolMaxBytes what may be captured and not yet delivered; beyond that single transactions are given up and their net difference is delivered, 64 MB or more
     * @param resyncMaxPercent of the database's pages, how many may differ after the file was replaced; with more, reading stops; 100 is no limit
     * @param auditPagesPerSecond how many pages are compared with the database each second while nobody commits; 0 for none
     * @param anyFileSystem whether a file system that is not known to share memory soundly is accepted
     */
    public record Follow(
            boolean switchToWal,
            long journalMaxBytes,
            boolean barrier,
            long spoolMaxBytes,
            int resyncMaxPercent,
            int auditPagesPerSecond,
            boolean anyFileSystem) {
        public static final Follow DEFAULT = new Follow(true, 256L << 20, true, 4L << 30, 100, 0, false);
    }

    /** @throws IllegalArgumentException with a sentence for the person who wrote the configuration */
    public SqliteSource {
        resources = List.copyOf(resources);
        for (ResourceConfig resource : resources) {
            if (!resource.table().schema().equals(SCHEMA)) {
                throw new IllegalArgumentException("the resource '" + resource.name() + "' is to be table "
                        + resource.table() + ", but in a SQLite file all tables are in the schema '" + SCHEMA
                        + "': write the table's name alone, in double quotes if it has a dot");
            }
        }
    }

    @Override
    public String displayName() {
        return address.displayName();
    }

    /** Its name whatever the journal's mode is: with a rollback journal there is no log, and the pages take its place. */
    @Override
    public String logName() {
        return "write-ahead log of " + address.file().getFileName();
    }

    @Override
    public String unnamedResources() {
        return "every table";
    }

    @Override
    public List<Finding> examine(Path dataDirectory, List<RowCondition> conditions) {
        return SqliteDoctor.examine(this, dataDirectory, conditions);
    }

    @Override
    public List<ResourceRows> describeRows() throws SourceFailure {
        return SqliteRows.read(this);
    }

    @Override
    public LogSource open(Path dataDirectory) {
        return new SqliteLog(this, dataDirectory);
    }

    /**
     * The configuration of our connector, and of Debezium around it.
     *
     * @param connector the name of this run
     * @param database the file, without symbolic links
     * @param state the directory of the copy
     * @param newState how a state that is made now begins; null if there is one to go on from
     * @param offsets the offset file
     */
    public Properties engineProperties(
            String connector, Path database, Path state, @Nullable NewState newState, Path offsets) {
        Properties p = new Properties();
        p.setProperty("name", connector);
        p.setProperty("connector.class", CONNECTOR);
        p.setProperty("topic.prefix", connector);

        // The log: what is read, and from where.
        p.setProperty("database.path", database.toString());
        p.setProperty("state.directory", state.toString());
        if (newState != null) {
            p.setProperty("state.id", newState.id());
            p.setProperty("state.first.seq", Long.toString(newState.firstSeq()));
        }
        if (!allTables()) {
            p.setProperty(
                    "table.include.list",
                    resources.stream()
                            .map(r -> DebeziumLists.literally(r.table().table()))
                            .collect(Collectors.joining(",")));
        }
        p.setProperty("snapshot.mode", "no_data");
        p.setProperty("event.metrics", "false"); // the lag is measured by us
        p.setProperty("value.mode", "stored"); // nothing is converted twice, and nothing can fail to fit
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("include.schema.changes", "false"); // nobody is told of DDL

        // How it is followed.
        p.setProperty("journal.mode.switch", Boolean.toString(follow.switchToWal()));
        p.setProperty("journal.max.bytes", Long.toString(follow.journalMaxBytes()));
        p.setProperty("checkpoint.barrier", follow.barrier() ? "on" : "off");
        p.setProperty("spool.max.bytes", Long.toString(follow.spoolMaxBytes()));
        p.setProperty("resync.max.share", Double.toString(follow.resyncMaxPercent() / 100.0));
        p.setProperty("audit.pages.per.second", Integer.toString(follow.auditPagesPerSecond()));
        p.setProperty("filesystem.check", Boolean.toString(!follow.anyFileSystem()));

        // Transactions and offsets.
        p.setProperty("provide.transaction.metadata", "true"); // END is the only point where an offset is safe
        p.setProperty("offset.storage", DurableOffsetStore.class.getName());
        p.setProperty("offset.storage.file.filename", offsets.toString());
        p.setProperty(OffsetForm.PROPERTY, OFFSETS.fields());
        p.setProperty("offset.flush.interval.ms", "1000"); // what comes twice is dropped by position
        p.setProperty("heartbeat.interval.ms", "1000"); // a sign of life; nothing is written to the database

        // Latency and cost. The connector's own queue wakes its reader.
        p.setProperty("max.batch.size", "2048");
        p.setProperty("max.queue.size", "8192");
        p.setProperty("record.processing.threads", "1");
        p.setProperty("extended.headers.enabled", "false");
        p.setProperty("statistics.metrics.enabled", "false");

        // Failure: the supervisor restarts, nobody below it.
        p.setProperty("errors.max.retries", "0");
        p.setProperty("executor.shutdown.timeout.ms", "10000");
        return p;
    }

    /**
     * How a state begins.
     *
     * @param id its name: the epoch of the positions that are counted upon it
     * @param firstSeq the number of the commit that is copied
     */
    public record NewState(String id, long firstSeq) {}
}
