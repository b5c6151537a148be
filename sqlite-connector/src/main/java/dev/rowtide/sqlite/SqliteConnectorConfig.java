package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.state.CaptureState;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.ConfigDefinition;
import io.debezium.config.Configuration;
import io.debezium.config.EnumeratedValue;
import io.debezium.config.Field;
import io.debezium.connector.SourceInfoStructMaker;
import io.debezium.heartbeat.DatabaseHeartbeatImpl;
import io.debezium.relational.ColumnFilterMode;
import io.debezium.relational.RelationalDatabaseConnectorConfig;
import io.debezium.relational.TableId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.jspecify.annotations.Nullable;

/** The connector's options: those of Debezium's relational connectors that make sense for a file, and those below. */
public final class SqliteConnectorConfig extends RelationalDatabaseConnectorConfig {
    private static final long MIB = 1024L * 1024;
    private static final long MIN_SPOOL_BYTES = 64 * MIB;

    /** What is read before changes are followed. */
    public enum SnapshotMode implements EnumeratedValue {
        /** All rows, if there is no offset. */
        INITIAL("initial"),
        /** Nothing. */
        NO_DATA("no_data"),
        /** All rows, if there is no offset or the state directory cannot go on from it. */
        WHEN_NEEDED("when_needed");

        private final String value;

        SnapshotMode(String value) {
            this.value = value;
        }

        @Override
        public String getValue() {
            return value;
        }
    }

    /** What a column's value looks like in records. */
    public enum ValueMode implements EnumeratedValue {
        /** A Connect type by the column's affinity. */
        DECLARED("declared"),
        /** Bytes that hold exactly what SQLite stores. */
        STORED("stored");

        private final String value;

        ValueMode(String value) {
            this.value = value;
        }

        @Override
        public String getValue() {
            return value;
        }
    }

    /** Whether writers may be kept waiting for a moment so that the log can start over. */
    enum Barrier implements EnumeratedValue {
        ON("on"),
        OFF("off");

        private final String value;

        Barrier(String value) {
            this.value = value;
        }

        @Override
        public String getValue() {
            return value;
        }
    }

    public static final Field DATABASE_PATH = Field.create("database.path")
            .withDisplayName("Database file")
            .withType(ConfigDef.Type.STRING)
            .withImportance(Importance.HIGH)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTION, 0))
            .required()
            .withDescription("The SQLite database file, on a local disk of the machine that the connector runs on.");

    public static final Field STATE_DIRECTORY = Field.create("state.directory")
            .withDisplayName("State directory")
            .withType(ConfigDef.Type.STRING)
            .withImportance(Importance.HIGH)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTION, 1))
            .required()
            .withDescription(
                    "A directory on a local disk for this database alone, which keeps a copy of the database and the changes that are not yet delivered. It needs the size of the database and spool.max.bytes.");

    public static final Field SNAPSHOT_MODE = Field.create("snapshot.mode")
            .withDisplayName("Snapshot mode")
            .withEnum(SnapshotMode.class, SnapshotMode.INITIAL)
            .withImportance(Importance.MEDIUM)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_SNAPSHOT, 0))
            .withDescription(
                    "What is read at start: 'initial', all rows if there is no offset; 'no_data', nothing; 'when_needed', all rows if there is no offset or the state directory cannot go on from it.");

    public static final Field VALUE_MODE = Field.create("value.mode")
            .withDisplayName("Value mode")
            .withEnum(ValueMode.class, ValueMode.DECLARED)
            .withValidation(SqliteConnectorConfig::isUnmaskedIfStored)
            .withImportance(Importance.MEDIUM)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR, 0))
            .withDescription(
                    "What values look like: 'declared', a Connect type by the column's affinity; 'stored', bytes that hold exactly what SQLite stores.");

    public static final Field JOURNAL_MODE_SWITCH = Field.create("journal.mode.switch")
            .withDisplayName("Switch to WAL")
            .withType(ConfigDef.Type.BOOLEAN)
            .withDefault(true)
            .withImportance(Importance.MEDIUM)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR, 1))
            .withValidation(Field::isBoolean)
            .withDescription(
                    "Whether a database in rollback-journal mode is switched to WAL. Otherwise it is followed by comparing all its pages, up to journal.max.bytes.");

    public static final Field JOURNAL_MAX_BYTES = Field.create("journal.max.bytes")
            .withDisplayName("Largest database without WAL")
            .withType(ConfigDef.Type.LONG)
            .withDefault(256 * MIB)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 0))
            .withValidation((config, field, problems) -> atLeast(config, field, problems, 0))
            .withDescription("The largest database, in bytes, that is followed without WAL.");

    public static final Field CHECKPOINT_BARRIER = Field.create("checkpoint.barrier")
            .withDisplayName("Checkpoint barrier")
            .withEnum(Barrier.class, Barrier.ON)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 1))
            .withDescription(
                    "Whether writers may be kept waiting for some milliseconds when the log grows and there is no gap between their commits. With 'off' the log grows until there is one.");

    public static final Field FILESYSTEM_CHECK = Field.create("filesystem.check")
            .withDisplayName("Check the file system")
            .withType(ConfigDef.Type.BOOLEAN)
            .withDefault(true)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 2))
            .withValidation(Field::isBoolean)
            .withDescription("Whether a file system that is not known to share memory soundly is refused.");

    public static final Field SPOOL_MAX_BYTES = Field.create("spool.max.bytes")
            .withDisplayName("Largest spool")
            .withType(ConfigDef.Type.LONG)
            .withDefault(4096 * MIB)
            .withImportance(Importance.MEDIUM)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR, 2))
            .withValidation((config, field, problems) -> atLeast(config, field, problems, MIN_SPOOL_BYTES))
            .withDescription(
                    "How many bytes of undelivered changes are kept on the disk. Beyond that the connector stops keeping single transactions and delivers their net difference later.");

    public static final Field STATE_SYNC = Field.create("state.sync")
            .withDisplayName("Force the state to the disk")
            .withType(ConfigDef.Type.BOOLEAN)
            .withDefault(true)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 3))
            .withValidation(Field::isBoolean)
            .withDescription(
                    "Whether the state directory's files are forced to the disk. Without it, a power cut may cost the state.");

    public static final Field RESYNC_MAX_SHARE = Field.create("resync.max.share")
            .withDisplayName("Largest resync")
            .withType(ConfigDef.Type.DOUBLE)
            .withDefault("1.0")
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 4))
            .withValidation(SqliteConnectorConfig::isShare)
            .withDescription(
                    "The share of the database's pages, from 0 to 1, that may differ when the file was replaced. With more the connector stops instead of delivering a flood; 1 is no limit.");

    public static final Field AUDIT_PAGES_PER_SECOND = Field.create("audit.pages.per.second")
            .withDisplayName("Audited pages")
            .withType(ConfigDef.Type.INT)
            .withDefault(0)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 6))
            .withValidation((config, field, problems) -> atLeast(config, field, problems, 0))
            .withDescription(
                    "How many pages are compared with the database each second while nobody commits, to find a file that was overwritten in place; 0 for none.");

    public static final Field BUSY_TIMEOUT_MS = Field.create("busy.timeout.ms")
            .withDisplayName("Busy timeout")
            .withType(ConfigDef.Type.INT)
            .withDefault(10_000)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 5))
            .withValidation((config, field, problems) -> atLeast(config, field, problems, 0))
            .withDescription(
                    "How long, in milliseconds, the connector waits at start for users to release the database.");

    public static final Field EVENT_METRICS = Field.create("event.metrics")
            .withDisplayName("Metrics of each event")
            .withType(ConfigDef.Type.BOOLEAN)
            .withDefault(true)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.CONNECTOR_ADVANCED, 7))
            .withDescription(
                    "Whether Debezium's own MBeans count each event and its lag. False saves a thread and a warning for each event that the thread cannot keep up with.");

    /** For programs that embed the connector: what a state that is made now is called. */
    public static final Field STATE_ID = Field.create("state.id")
            .withDisplayName("Name of a new state")
            .withType(ConfigDef.Type.STRING)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.ADVANCED, 0))
            .withDescription("Internal: what a state that is made now is called; a random name by default.");

    /** For programs that embed the connector: where a state that is made now begins to count. */
    public static final Field STATE_FIRST_SEQ = Field.create("state.first.seq")
            .withDisplayName("First number of a new state")
            .withType(ConfigDef.Type.LONG)
            .withDefault(0L)
            .withImportance(Importance.LOW)
            .withGroup(Field.createGroupEntry(Field.Group.ADVANCED, 1))
            .withValidation((config, field, problems) -> atLeast(config, field, problems, 0))
            .withDescription(
                    "Internal: the number that a state which is made now begins at; 0 for one from the clock.");

    /** {@code max.queue.size.in.bytes}, with a default that lets rows of some megabytes pass through a small heap. */
    public static final Field MAX_QUEUE_BYTES = CommonConnectorConfig.MAX_QUEUE_SIZE_IN_BYTES
            .withDefault(32 * MIB)
            .withValidation((config, field, problems) -> atLeast(config, field, problems, 1))
            .withDescription(
                    "How many bytes of rows wait to be polled. A single row may be larger and then waits alone.");

    private static final ConfigDefinition CONFIG_DEFINITION = RelationalDatabaseConnectorConfig.CONFIG_DEFINITION
            .edit()
            .name("SQLite log")
            .type(DATABASE_PATH, STATE_DIRECTORY)
            .connector(
                    SNAPSHOT_MODE,
                    VALUE_MODE,
                    JOURNAL_MODE_SWITCH,
                    JOURNAL_MAX_BYTES,
                    CHECKPOINT_BARRIER,
                    FILESYSTEM_CHECK,
                    SPOOL_MAX_BYTES,
                    STATE_SYNC,
                    RESYNC_MAX_SHARE,
                    AUDIT_PAGES_PER_SECOND,
                    BUSY_TIMEOUT_MS,
                    EVENT_METRICS,
                    STATE_ID,
                    STATE_FIRST_SEQ,
                    SCHEMA_NAME_ADJUSTMENT_MODE,
                    FIELD_NAME_ADJUSTMENT_MODE,
                    EVENT_CONVERTING_FAILURE_HANDLING_MODE,
                    INCREMENTAL_SNAPSHOT_CHUNK_SIZE)
            .excluding(
                    // There is one file: no catalogs, schemas or comments, no time or decimal types, and no SQL is ever
                    // sent.
                    SCHEMA_INCLUDE_LIST,
                    SCHEMA_EXCLUDE_LIST,
                    TABLE_IGNORE_BUILTIN,
                    TIME_PRECISION_MODE,
                    DECIMAL_HANDLING_MODE,
                    INCLUDE_SCHEMA_COMMENTS,
                    SNAPSHOT_LOCK_TIMEOUT_MS,
                    SNAPSHOT_SELECT_STATEMENT_OVERRIDES_BY_TABLE,
                    SNAPSHOT_FULL_COLUMN_SCAN_FORCE,
                    SNAPSHOT_TABLES_ORDER_BY_ROW_COUNT,
                    SNAPSHOT_FETCH_SIZE,
                    SNAPSHOT_MAX_THREADS,
                    SNAPSHOT_MAX_THREADS_MULTIPLIER,
                    LEGACY_SNAPSHOT_MAX_THREADS,
                    SNAPSHOT_MODE_CUSTOM_NAME,
                    SNAPSHOT_MODE_CONFIGURATION_BASED_SNAPSHOT_DATA,
                    SNAPSHOT_MODE_CONFIGURATION_BASED_SNAPSHOT_SCHEMA,
                    SNAPSHOT_MODE_CONFIGURATION_BASED_START_STREAM,
                    SNAPSHOT_MODE_CONFIGURATION_BASED_SNAPSHOT_ON_SCHEMA_ERROR,
                    SNAPSHOT_MODE_CONFIGURATION_BASED_SNAPSHOT_ON_DATA_ERROR,
                    QUERY_FETCH_SIZE,
                    CONNECTION_VALIDATION_TIMEOUT_MS,
                    INCREMENTAL_SNAPSHOT_WATERMARKING_STRATEGY,
                    LOG_POSITION_CHECK_ENABLED,
                    GUARDRAIL_COLLECTIONS_MAX,
                    GUARDRAIL_COLLECTIONS_LIMIT_ACTION,
                    MAX_QUEUE_SIZE_IN_BYTES,
                    DatabaseHeartbeatImpl.HEARTBEAT_ACTION_QUERY)
            .connector(MAX_QUEUE_BYTES)
            .create();

    /** All options. */
    public static final Field.Set ALL_FIELDS = Field.setOf(CONFIG_DEFINITION.all());

    private final Configuration options;
    private final Path database;

    SqliteConnectorConfig(Configuration config) {
        super(
                config,
                id -> !id.table().toLowerCase(Locale.ROOT).startsWith("sqlite_"),
                TableId::table,
                0,
                ColumnFilterMode.SCHEMA,
                false);
        options = config;
        database = Path.of(config.getString(DATABASE_PATH)).toAbsolutePath().normalize();
    }

    static ConfigDef configDef() {
        return CONFIG_DEFINITION.configDef();
    }

    Path database() {
        return database;
    }

    /** The database file's name, which stands for the database in records. */
    String databaseName() {
        return Objects.toString(database.getFileName());
    }

    ValueMode valueMode() {
        return Objects.requireNonNull(
                EnumeratedValue.parse(ValueMode.class, options.getString(VALUE_MODE)), VALUE_MODE.name());
    }

    long maxQueueBytes() {
        return options.getLong(MAX_QUEUE_BYTES);
    }

    /** How the database is followed. */
    ChangeStream.Options streamOptions() {
        Configuration config = options;
        return new ChangeStream.Options(
                database,
                Path.of(config.getString(STATE_DIRECTORY)).toAbsolutePath().normalize(),
                new LiveOptions(
                        config.getBoolean(JOURNAL_MODE_SWITCH),
                        config.getLong(JOURNAL_MAX_BYTES),
                        !Barrier.OFF.getValue().equalsIgnoreCase(config.getString(CHECKPOINT_BARRIER)),
                        Duration.ofMillis(config.getInteger(BUSY_TIMEOUT_MS)),
                        !config.getBoolean(FILESYSTEM_CHECK)),
                new CaptureState.Limits(config.getLong(SPOOL_MAX_BYTES), config.getBoolean(STATE_SYNC)),
                table -> getTableFilters().dataCollectionFilter().isIncluded(id(table)),
                stateId(config),
                config.getLong(STATE_FIRST_SEQ),
                Double.parseDouble(config.getString(RESYNC_MAX_SHARE)),
                config.getInteger(AUDIT_PAGES_PER_SECOND));
    }

    boolean keepsEventMetrics() {
        return options.getBoolean(EVENT_METRICS);
    }

    /** A table's name as Debezium knows it: without catalog and schema. */
    static TableId id(String table) {
        return new TableId(null, null, table);
    }

    private static @Nullable String stateId(Configuration config) {
        String id = config.getString(STATE_ID);
        return id == null || id.isBlank() ? null : id;
    }

    @Override
    public String getContextName() {
        return "SQLITE_LOG";
    }

    /** Becomes a part of schema names, where Avro allows no hyphen. */
    @Override
    public String getConnectorName() {
        return Module.NAME.replace('-', '_');
    }

    @Override
    public EnumeratedValue getSnapshotMode() {
        return Objects.requireNonNull(
                EnumeratedValue.parse(SnapshotMode.class, options.getString(SNAPSHOT_MODE)), SNAPSHOT_MODE.name());
    }

    /** Nothing is ever locked. */
    @Override
    public Optional<EnumeratedValue> getSnapshotLockingMode() {
        return Optional.empty();
    }

    /** Called while the framework's constructor runs: no field of this class is set yet. */
    @Override
    protected SourceInfoStructMaker<?> getSourceInfoStructMaker(Version version) {
        SqliteSourceInfoStructMaker maker = new SqliteSourceInfoStructMaker();
        maker.init(Module.NAME, Module.version(), this);
        return maker;
    }

    private static int atLeast(Configuration config, Field field, Field.ValidationOutput problems, long minimum) {
        String text = config.getString(field);
        try {
            if (Long.parseLong(text.strip()) >= minimum) {
                return 0;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        problems.accept(field, text, text + " is not a number of at least " + minimum + ".");
        return 1;
    }

    private static int isShare(Configuration config, Field field, Field.ValidationOutput problems) {
        String text = config.getString(field);
        try {
            double share = Double.parseDouble(text);
            if (share >= 0 && share <= 1) {
                return 0;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        problems.accept(field, text, text + " is not a number from 0 to 1.");
        return 1;
    }

    /** Debezium's masks make texts of texts; in the bytes of stored values they would silently mask nothing. */
    private static int isUnmaskedIfStored(Configuration config, Field field, Field.ValidationOutput problems) {
        String mode = config.getString(field);
        if (!ValueMode.STORED.getValue().equalsIgnoreCase(mode)) {
            return 0;
        }
        for (String option : config.keys()) {
            if (option.startsWith("column.mask.") || option.startsWith("column.truncate.")) {
                problems.accept(
                        field,
                        mode,
                        option
                                + " cannot be applied to stored values. Leave the column out by column.exclude.list, or use value.mode=declared.");
                return 1;
            }
        }
        return 0;
    }
}
