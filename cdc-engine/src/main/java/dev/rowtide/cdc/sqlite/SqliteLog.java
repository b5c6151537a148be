package dev.rowtide.cdc.sqlite;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.LogSource;
import dev.rowtide.cdc.OffsetFile;
import dev.rowtide.cdc.OffsetForm;
import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SourceFile;
import dev.rowtide.cdc.SourceRecordDecoder;
import dev.rowtide.cdc.SqlDialect;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.SqliteSource.NewState;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.cdc.snapshot.SnapshotScanner;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.GapReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SQLite's log: the file, the connector's copy of it, and where to start.
 *
 * <p>SQLite numbers no commits; the connector does, upon its copy of the database. So an epoch is one such copy: it is named after the epoch, and {@link #prepare} compares, before each start, the stored
 * lineage (which file), the copy (is it there, is it the epoch's, how far is it) and the stored offset. They agree, or a new epoch begins and is said loudly. That the file itself was replaced, or its
 * log deleted, is no reason for one: the connector compares it with the copy, and delivers the difference.
 */
public final class SqliteLog implements LogSource {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteLog.class);
    private static final String SOURCE_FILE = "source.json";
    private static final String OFFSET_FILE = "offset.json";
    static final String STATE_DIRECTORY = "sqlite-state";
    private static final String DATABASE = "database";
    /** Numbers begin at the time in seconds, with room for a million commits in each: never below those of an earlier copy, and exact in JavaScript until 2242. */
    private static final int COMMITS_PER_SECOND_BITS = 20;

    private final SqliteSource source;
    private final SourceFile sourceFile;
    private final OffsetFile offsetFile;
    private final Path offsetPath;
    private final StateDirectory state;
    private final ResourceCatalog resources = new ResourceCatalog();
    private final DefinedTables definedTables = new DefinedTables();
    private @Nullable Path database;
    private @Nullable NewState newState;
    /** What the connector said of the copy, until the next start makes a new one. */
    private @Nullable String damage;

    public SqliteLog(SqliteSource source, Path dataDirectory) {
        this.source = source;
        sourceFile = new SourceFile(dataDirectory.resolve(SOURCE_FILE));
        offsetPath = dataDirectory.resolve(OFFSET_FILE);
        offsetFile = new OffsetFile(offsetPath);
        state = new StateDirectory(dataDirectory.resolve(STATE_DIRECTORY).toAbsolutePath());
        NativeLibrary.keepIn(dataDirectory);
    }

    @Override
    public Start prepare() throws SourceFailure {
        for (Finding problem : FileCheck.examine(source.address())) {
            throw SourceFailure.permanent(problem.sentence());
        }
        try {
            database = source.address().realPath();
        } catch (IOException e) {
            throw SourceFailure.passing(source.displayName() + " was moved away while it was looked at", e);
        }
        chooseResources();
        return start(Map.of(DATABASE, database.toString()));
    }

    private Start start(Map<String, String> lineage) {
        Optional<SourceFile.Lineage> stored = sourceFile.read();
        if (stored.isEmpty()) {
            return begin(stored, lineage, Optional.empty());
        }
        Epoch epoch = stored.get().epoch();
        OptionalLong offset = offsetFile
                .read()
                .filter(o -> o.epoch().equals(epoch.text()))
                .map(o -> SqliteSource.OFFSETS.commit(o.fields()))
                .orElse(OptionalLong.empty());
        if (!stored.get().lineage().equals(lineage)) {
            return missed(
                    stored,
                    lineage,
                    GapReason.EPOCH_CHANGED,
                    "the database is another: " + stored.get().lineage() + " before, " + lineage + " now");
        }
        if (damage != null) {
            return missed(stored, lineage, GapReason.SOURCE_LOST, damage);
        }
        Optional<StateDirectory.Copy> copy = state.read().filter(c -> c.id().equals(epoch.text()));
        if (copy.isEmpty() && offset.isEmpty()) {
            // Nothing was delivered in this epoch: its first copy was not finished.
            return begin(stored, lineage, Optional.empty());
        }
        if (copy.isEmpty()) {
            return missed(
                    stored,
                    lineage,
                    GapReason.SOURCE_LOST,
                    "the copy of the database in " + state.path() + " is gone, or is that of another epoch");
        }
        if (offset.isEmpty()) {
            // Torn, lost, or never written: the copy has nothing that was not delivered.
            return resume(epoch, copy.get().seq());
        }
        if (offset.getAsLong() < copy.get().seq()) {
            return missed(
                    stored,
                    lineage,
                    GapReason.SOURCE_LOST,
                    "the stored offset " + offset.getAsLong() + " is older than the copy of the database, which is at "
                            + copy.get().seq() + ": one of the two was restored from a backup");
        }
        return resume(epoch, offset.getAsLong());
    }

    private Start resume(Epoch epoch, long commit) {
        newState = null;
        offsetFile.write(SqliteSource.OFFSETS.at(epoch, commit));
        LOG.info("Reading the log of {} from commit {} in epoch {}", source.displayName(), commit, epoch);
        return new Start(epoch, commit, Optional.empty());
    }

    private Start missed(Optional<SourceFile.Lineage> stored, Map<String, String> lineage, GapReason why, String what) {
        LOG.error("CHANGES MAY BE MISSING: {}. A new epoch begins; every subscriber is told", what);
        return begin(stored, lineage, Optional.of(why));
    }

    /** The lineage first: a copy and an offset of another epoch are not believed, so a crash in between loses nothing. */
    private Start begin(Optional<SourceFile.Lineage> stored, Map<String, String> lineage, Optional<GapReason> why) {
        long now = System.currentTimeMillis();
        long after = stored.map(s -> s.epoch().beganMillis() + 1).orElse(0L);
        long commit = TimeUnit.MILLISECONDS.toSeconds(now) << COMMITS_PER_SECOND_BITS;
        Epoch epoch = Epoch.begin(Math.max(now, after), lineage.toString() + commit);
        sourceFile.write(new SourceFile.Lineage(epoch, lineage));
        offsetFile.delete();
        state.empty();
        damage = null;
        newState = new NewState(epoch.text(), commit);
        LOG.info("Copying {}, to read its log from commit {} in the new epoch {}", source.displayName(), commit, epoch);
        return new Start(epoch, commit, why, true);
    }

    /**
     * Looks which tables there are. Without names in the configuration a list that cannot be read now (a journal waits to be rolled back, somebody has locked the file) is no failure: the decoder adds
     * each table that it meets.
     */
    private void chooseResources() throws SourceFailure {
        List<TableName> present;
        Map<TableName, List<DefinedTables.Column>> columns;
        try (Connection connection = source.address().connect()) {
            present = SqliteCatalog.tables(connection);
            columns = definedTables.read(connection);
        } catch (SQLException e) {
            SourceFailure failure = SqliteFailures.explain(e, source.address());
            if (!failure.passes()) {
                throw failure;
            }
            LOG.debug("The tables of {} could not be listed", source.displayName(), e);
            if (!source.allTables()) {
                resources.replace(source.resources());
            }
            return;
        }
        if (!source.allTables()) {
            requirePresent(present);
            resources.replace(source.resources());
        } else if (!present.equals(resources.tables())) {
            boolean first = resources.tables().isEmpty();
            resources.replace(all(present));
            if (!first) {
                LOG.info("Tables have come or gone: resources {}", resources.names());
            }
        }
        resources.describe(DefinedTables.shapes(columns, resources.all()));
    }

    private List<ResourceConfig> all(List<TableName> present) throws SourceFailure {
        List<ResourceConfig> all = new ArrayList<>(present.size());
        for (TableName table : present) {
            ResourceConfig known = resources.ofTable(table);
            all.add(known == null ? resourceOf(table, source.numbers()) : known);
        }
        return all;
    }

    /** A table as it is, under its own name. */
    static ResourceConfig resourceOf(TableName table, ResourceConfig.Numbers numbers) throws SourceFailure {
        try {
            return ResourceConfig.ofTable(table, numbers);
        } catch (IllegalArgumentException e) {
            throw SourceFailure.permanent(String.valueOf(e.getMessage()), e);
        }
    }

    private void requirePresent(List<TableName> present) throws SourceFailure {
        for (ResourceConfig resource : source.resources()) {
            if (!present.contains(resource.table())) {
                throw SourceFailure.permanent(missing(resource, present));
            }
        }
    }

    /** What to say of a resource whose table is not among {@code present}. */
    static String missing(ResourceConfig resource, List<TableName> present) {
        String name = resource.table().table();
        String near = present.stream()
                .map(TableName::table)
                .filter(name::equalsIgnoreCase)
                .findFirst()
                .map(found -> " (there is '" + found + "')")
                .orElse("");
        return "there is no table " + name + near + " for the resource '" + resource.name()
                + "', or it is a view or a virtual table, which have no rows of their own: correct resources."
                + resource.name() + ".table";
    }

    /** Tables that were dropped leave the resources here, and a named one that was is a failure; new ones are there before their first change. */
    @Override
    public boolean whileRunning() throws SourceFailure {
        chooseResources();
        return true;
    }

    /** The size of the file with the write-ahead log, which stays as large as it once was. */
    @Override
    public long keptLogBytes() {
        Path file = source.address().file();
        try {
            return Files.size(file.resolveSibling(file.getFileName() + "-wal"));
        } catch (IOException none) {
            return 0;
        }
    }

    /** The connector's heartbeat brings a record within a second. */
    @Override
    public void afterStart() {}

    @Override
    public Properties engineProperties(String connector) {
        if (database == null) {
            throw new IllegalStateException("prepare() comes first");
        }
        return source.engineProperties(connector, database, state.path(), newState, offsetPath);
    }

    @Override
    public OffsetForm offsetForm() {
        return SqliteSource.OFFSETS;
    }

    @Override
    public SourceRecordDecoder decoder() {
        return new SqliteRecordDecoder(source, resources);
    }

    @Override
    public SqlDialect dialect() {
        return new SqliteDialect();
    }

    @Override
    public SnapshotScanner scanner(SnapshotLimits limits) {
        return new SqliteScanner(source.address());
    }

    @Override
    public SourceFailure explain(Throwable failure) {
        if (SqliteFailures.isDamagedState(failure)) {
            damage = SqliteFailures.sentence(failure);
            return SourceFailure.passing(damage + ", which happens now", failure);
        }
        return SqliteFailures.explain(failure, source.address());
    }

    @Override
    public ResourceCatalog resources() {
        return resources;
    }

    @Override
    public void close() {
        // Connections are opened for one use each.
    }
}
