package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.LogSource;
import dev.rowtide.cdc.OffsetFile;
import dev.rowtide.cdc.OffsetForm;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SourceFile;
import dev.rowtide.cdc.SourceRecordDecoder;
import dev.rowtide.cdc.SqlDialect;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.cdc.snapshot.SnapshotScanner;
import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's log: publication, slot, and where to start.
 *
 * <p>{@link #prepare} compares four things before each start: the slot (is it there, is it lost, how far was it told to forget), the stored
 * offset, the stored lineage (system identifier, timeline), and the server's own. They agree, or a new epoch begins and is said loudly: a slot
 * that was dropped, invalidated or advanced by somebody else has lost changes, and LSNs of a restored or promoted server mean something else.
 */
public final class PostgresLog implements LogSource {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresLog.class);
    private static final int MIN_VERSION = 14;
    static final String SOURCE_FILE = "source.json";
    static final String OFFSET_FILE = "offset.json";
    private static final String SYSTEM = "system";
    private static final String TIMELINE = "timeline";
    private static final String PUBLICATION = "publication";

    private final PostgresSource source;
    private final SourceFile sourceFile;
    private final OffsetFile offsetFile;
    private final Path offsetPath;
    private final ResourceCatalog resources = new ResourceCatalog();
    private final CatalogShapes shapes = new CatalogShapes();
    private @Nullable String lastWarning;
    /** Which server the log is read from; what snapshots are read from must be the same. */
    private volatile Map<String, String> server = Map.of();

    private volatile long keptLogBytes;

    private @Nullable StreamedTransactions streamed;

    public PostgresLog(PostgresSource source, Path dataDirectory) {
        this.source = source;
        sourceFile = new SourceFile(dataDirectory.resolve(SOURCE_FILE));
        offsetPath = dataDirectory.resolve(OFFSET_FILE);
        offsetFile = new OffsetFile(offsetPath);
    }

    @Override
    public Start prepare() throws SourceFailure {
        try (Connection connection = source.address().connect()) {
            server = requireUsableServer(connection);
            use(connection, chosenResources(connection));
            Optional<PostgresSlot> slot = PostgresSlot.find(connection, source.slotName());
            if (slot.isPresent()) {
                slot.get().requireOurs(source.slotName(), source.address().database());
                requireUnused(slot.get()); // before the publication is touched, which the other one reads through
            }
            preparePublication(connection, slot.isPresent());
            Map<String, String> lineage = new TreeMap<>(server);
            lineage.put(
                    PUBLICATION,
                    PostgresPublication.oid(connection, source.publicationName())
                            .orElseThrow());
            return start(connection, slot, lineage);
        } catch (SQLException e) {
            throw explain(e);
        }
    }

    private Start start(Connection connection, Optional<PostgresSlot> slot, Map<String, String> lineage)
            throws SQLException, SourceFailure {
        Optional<SourceFile.Lineage> stored = sourceFile.read();
        OptionalLong offset = offsetFile
                .read()
                .filter(o -> stored.isPresent()
                        && o.epoch().equals(stored.get().epoch().text()))
                .map(o -> PostgresSource.OFFSETS.commit(o.fields()))
                .orElse(OptionalLong.empty());

        if (slot.isEmpty()) {
            long commit = PostgresSlot.create(connection, source.slotName());
            LOG.info("Created replication slot {}", source.slotName());
            return stored.isEmpty()
                    ? begin(stored, lineage, commit, Optional.empty())
                    : lost(stored, lineage, commit, "the replication slot '" + source.slotName() + "' is gone");
        }
        PostgresSlot present = slot.get();
        if (present.lost()) {
            PostgresSlot.drop(connection, source.slotName());
            long commit = PostgresSlot.create(connection, source.slotName());
            return lost(
                    stored,
                    lineage,
                    commit,
                    "the server threw away log that was not yet read (wal_status of slot '" + source.slotName()
                            + "' is lost; see max_slot_wal_keep_size)");
        }
        long confirmed = present.confirmedFlushLsn();
        if (stored.isEmpty()) {
            return begin(stored, lineage, confirmed, Optional.empty());
        }
        if (!stored.get().lineage().equals(lineage)) {
            Map<String, String> asBefore = new TreeMap<>(lineage);
            asBefore.put(PUBLICATION, stored.get().lineage().getOrDefault(PUBLICATION, ""));
            if (asBefore.equals(stored.get().lineage())) {
                return lost(
                        stored,
                        lineage,
                        confirmed,
                        "the publication '" + source.publicationName()
                                + "' was dropped and made anew; in between the server sent nothing");
            }
            return changed(
                    stored,
                    lineage,
                    confirmed,
                    "the database is another: " + stored.get().lineage() + " before, " + lineage + " now");
        }
        if (offset.isEmpty()) {
            // Torn, lost, or never written: the slot's own position is the end of a transaction that was delivered.
            return resume(stored.get().epoch(), confirmed);
        }
        long commit = offset.getAsLong();
        if (Long.compareUnsigned(confirmed, commit) > 0) {
            return lost(
                    stored,
                    lineage,
                    confirmed,
                    "the replication slot '" + source.slotName() + "' was advanced to " + lsn(confirmed)
                            + " by something else, past the stored offset " + lsn(commit));
        }
        long current = currentLsn(connection);
        if (Long.compareUnsigned(commit, current) > 0) {
            return changed(
                    stored,
                    lineage,
                    confirmed,
                    "the database was restored to an earlier state: its log ends at " + lsn(current)
                            + ", the stored offset is " + lsn(commit));
        }
        return resume(stored.get().epoch(), commit);
    }

    private void sayOnce(String warning) {
        if (!warning.equals(lastWarning)) {
            lastWarning = warning;
            LOG.warn(warning);
        }
    }

    private void requireUnused(PostgresSlot slot) throws SourceFailure {
        if (slot.activePid() != 0) {
            throw SourceFailure.passing("the replication slot '" + source.slotName() + "' is in use by server process "
                    + slot.activePid()
                    + ": another bridge, or a connection of this one that the server has not given up yet");
        }
    }

    private Start resume(Epoch epoch, long commit) {
        offsetFile.write(PostgresSource.OFFSETS.at(epoch, commit));
        LOG.info("Reading the log of {} from {} in epoch {}", source.displayName(), lsn(commit), epoch);
        return new Start(epoch, commit, Optional.empty());
    }

    private Start lost(Optional<SourceFile.Lineage> stored, Map<String, String> lineage, long commit, String what) {
        LOG.error("CHANGES MAY BE MISSING: {}. A new epoch begins at {}; every subscriber is told", what, lsn(commit));
        return begin(stored, lineage, commit, Optional.of(GapReason.SOURCE_LOST));
    }

    private Start changed(Optional<SourceFile.Lineage> stored, Map<String, String> lineage, long commit, String what) {
        LOG.error("CHANGES MAY BE MISSING: {}. A new epoch begins at {}; every subscriber is told", what, lsn(commit));
        return begin(stored, lineage, commit, Optional.of(GapReason.EPOCH_CHANGED));
    }

    /** The lineage first: an offset of another epoch is not believed, so a crash between the two writes loses nothing. */
    private Start begin(
            Optional<SourceFile.Lineage> stored, Map<String, String> lineage, long commit, Optional<GapReason> why) {
        long now = System.currentTimeMillis();
        long after = stored.map(s -> s.epoch().beganMillis() + 1).orElse(0L);
        Epoch epoch = Epoch.begin(Math.max(now, after), lineage + source.slotName() + commit);
        sourceFile.write(new SourceFile.Lineage(epoch, lineage));
        offsetFile.write(PostgresSource.OFFSETS.at(epoch, commit));
        LOG.info("Reading the log of {} from {} in the new epoch {}", source.displayName(), lsn(commit), epoch);
        return new Start(epoch, commit, why);
    }

    private Map<String, String> requireUsableServer(Connection connection) throws SQLException, SourceFailure {
        int version = connection.getMetaData().getDatabaseMajorVersion();
        if (version < MIN_VERSION) {
            throw SourceFailure.permanent(source.displayName() + " is PostgreSQL " + version + "; " + MIN_VERSION
                    + " or later is needed, for the heartbeat that keeps an idle database from piling up log");
        }
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery(), current_setting('wal_level')")) {
                row.next();
                if (row.getBoolean(1)) {
                    throw SourceFailure.permanent(source.displayName() + " is a standby: connect to the primary");
                }
                if (!"logical".equals(row.getString(2))) {
                    throw SourceFailure.permanent("wal_level of " + source.displayName() + " is " + row.getString(2)
                            + ": run ALTER SYSTEM SET wal_level = 'logical' and restart the server");
                }
            }
            // The timeline from the name of the current segment: pg_control_checkpoint() only knows it after the next
            // checkpoint.
            try (ResultSet row = statement.executeQuery(
                    "SELECT system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system()")) {
                row.next();
                return server(row.getString(1), row.getString(2));
            }
        }
    }

    /** What tells one history of a server from others. */
    static Map<String, String> server(String systemIdentifier, String timeline) {
        return Map.of(SYSTEM, systemIdentifier, TIMELINE, timeline);
    }

    private List<ResourceConfig> chosenResources(Connection connection) throws SQLException, SourceFailure {
        List<String> schemas = source.allTables()
                ? source.schemas()
                : source.resources().stream()
                        .map(r -> r.table().schema())
                        .distinct()
                        .toList();
        List<TableName> present = PostgresCatalog.tables(connection, schemas);
        Set<TableName> harmful = PostgresCatalog.withoutIdentity(connection, schemas);
        try {
            return source.allTables() ? all(present, harmful) : named(present, harmful);
        } catch (IllegalArgumentException e) {
            throw SourceFailure.permanent(String.valueOf(e.getMessage()), e);
        }
    }

    private void use(Connection connection, List<ResourceConfig> chosen) throws SQLException, SourceFailure {
        resources.replace(chosen);
        resources.describe(shapes.read(connection, resources.all()));
    }

    private List<ResourceConfig> all(List<TableName> present, Set<TableName> harmful) {
        Set<TableName> leftOut = new TreeSet<>(present);
        leftOut.retainAll(harmful);
        if (!leftOut.isEmpty()) {
            sayOnce(
                    "Left out, because they have no replica identity and PostgreSQL would refuse UPDATE and DELETE on them once they are"
                            + " published: " + leftOut + ". `rowtide doctor` prints the SQL that mends it");
        }
        return present.stream()
                .filter(table -> !harmful.contains(table))
                .map(table -> ResourceConfig.ofTable(table, source.numbers()))
                .toList();
    }

    private List<ResourceConfig> named(List<TableName> present, Set<TableName> harmful) throws SourceFailure {
        for (ResourceConfig resource : source.resources()) {
            if (!present.contains(resource.table())) {
                throw SourceFailure.permanent("there is no table " + resource.table() + " for the resource '"
                        + resource.name() + "', or it is one that is not logged: correct resources." + resource.name()
                        + ".table");
            }
            if (harmful.contains(resource.table())) {
                throw SourceFailure.permanent(
                        "table " + resource.table() + " has no replica identity, so PostgreSQL would refuse UPDATE"
                                + " and DELETE on it once it is published: run `rowtide doctor`, which prints the SQL that mends it");
            }
        }
        return source.resources();
    }

    private void preparePublication(Connection connection, boolean slotExists) throws SQLException, SourceFailure {
        String name = source.publicationName();
        if (PostgresPublication.oid(connection, name).isPresent()) {
            PostgresPublication.align(connection, name, resources.tables());
        } else if (slotExists) {
            throw publicationDropped();
        } else {
            PostgresPublication.create(connection, name, resources.tables());
        }
    }

    /** The server looks the publication up as of each change: one that is made now does not cover what was written before. */
    private SourceFailure publicationDropped() {
        return SourceFailure.permanent("the publication '" + source.publicationName() + "' was dropped while the slot '"
                + source.slotName()
                + "' still needs it, and changes made since cannot be read any more: `rowtide drop-slot` and a"
                + " restart begin anew");
    }

    /**
     * Sees to the publication. Since PostgreSQL 18 the server goes on without one that was dropped, and leaves the changes out. With all tables of a schema as
     * resources, tables that were created since join here; what was written to them before is not seen.
     */
    @Override
    public boolean whileRunning() throws SourceFailure {
        try (Connection connection = source.address().connect()) {
            Optional<String> publication = PostgresPublication.oid(connection, source.publicationName());
            String known = sourceFile
                    .read()
                    .map(stored -> stored.lineage().getOrDefault(PUBLICATION, ""))
                    .orElse("");
            if (publication.isEmpty()) {
                throw publicationDropped();
            }
            if (!publication.get().equals(known)) {
                return false; // dropped and made anew
            }
            List<TableName> before = resources.tables();
            List<ResourceConfig> chosen = chosenResources(connection);
            // First what the log is to bring, then who may ask for it: a subscriber that is told that it gets the
            // changes of a
            // table gets them all.
            publish(connection, chosen);
            use(connection, chosen);
            if (!before.equals(resources.tables())) {
                LOG.info("Tables have come or gone: resources {}", resources.names());
            }
            forgetSeen(connection);
            keptLogBytes = PostgresSlot.keptLogBytes(connection, source.slotName());
            return true;
        } catch (SQLException e) {
            throw explain(e);
        }
    }

    @Override
    public long keptLogBytes() {
        return keptLogBytes;
    }

    private void publish(Connection connection, List<ResourceConfig> chosen) throws SQLException, SourceFailure {
        try {
            PostgresPublication.align(
                    connection,
                    source.publicationName(),
                    chosen.stream().map(ResourceConfig::table).toList());
        } catch (SQLException e) {
            if (!PostgresFailures.lacksPrivilege(e)) {
                throw e;
            }
            // What is read goes on; a table that cannot be added brings nothing until somebody adds it.
            sayOnce("A table cannot be added to the publication '" + source.publicationName() + "' (" + e.getMessage()
                    + "): its changes do not come until its owner adds it. `rowtide doctor` prints the SQL");
        }
    }

    /** So that there is little to look through for who takes a snapshot, and nothing is kept on a database where nobody does. */
    private void forgetSeen(Connection connection) throws SQLException {
        if (streamed != null) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
                row.next();
                streamed.forgetSeen(TransactionSnapshot.parse(row.getString(1)));
            }
        }
    }

    @Override
    public ChangeSink watched(ChangeSink sink) {
        StreamedTransactions watching = new StreamedTransactions(sink);
        streamed = watching;
        return watching;
    }

    @Override
    public SqlDialect dialect() {
        return new PostgresDialect();
    }

    @Override
    public SnapshotScanner scanner(SnapshotLimits limits) {
        if (streamed == null) {
            throw new IllegalStateException("watched() comes first");
        }
        return new PostgresScanner(source, streamed, () -> server, limits);
    }

    /** Writes the heartbeat's message once, so that a quiet database proves at once that its log is read. */
    @Override
    public void afterStart() throws SourceFailure {
        try (Connection connection = source.address().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(PostgresSource.HEARTBEAT_SQL);
        } catch (SQLException e) {
            throw explain(e);
        }
    }

    @Override
    public Properties engineProperties(String connector) {
        return source.engineProperties(connector, offsetPath);
    }

    @Override
    public OffsetForm offsetForm() {
        return PostgresSource.OFFSETS;
    }

    @Override
    public SourceRecordDecoder decoder() {
        return new PostgresRecordDecoder(resources, source.address()::connect);
    }

    @Override
    public SourceFailure explain(Throwable failure) {
        return PostgresFailures.explain(failure, source.address());
    }

    @Override
    public ResourceCatalog resources() {
        return resources;
    }

    @Override
    public void close() {
        // Connections are opened for one use each.
    }

    private static long currentLsn(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")) {
            row.next();
            return row.getBigDecimal(1).longValue();
        }
    }

    /** As PostgreSQL writes it: two halves in hexadecimal. */
    private static String lsn(long lsn) {
        return String.format("%X/%X", lsn >>> 32, lsn & 0xFFFFFFFFL);
    }
}
