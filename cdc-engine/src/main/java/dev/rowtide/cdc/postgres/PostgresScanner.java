package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqlCondition;
import dev.rowtide.cdc.snapshot.ScanEndedException;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.cdc.snapshot.SnapshotScan;
import dev.rowtide.cdc.snapshot.SnapshotScanner;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotRow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows of PostgreSQL as of one snapshot: a read-only transaction with REPEATABLE READ, and a cursor through which it takes a few rows at a time.
 *
 * <p>The order of the statements is what makes the cut right:
 *
 * <ol>
 *   <li>what has been delivered so far is noted ({@link StreamedTransactions#view});
 *   <li>the table is locked against TRUNCATE and changes of its definition, which snapshots do not keep out ({@link TableLock});
 *   <li>one statement takes the snapshot, and then looks where the log is written to;
 *   <li>only now is anything read.
 * </ol>
 *
 * One thread, but for {@link #interrupt}.
 */
final class PostgresScanner implements SnapshotScanner {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresScanner.class);

    /** How long a statement that holds the table exclusively is waited for. Whoever wants the table after us waits as long. */
    private static final Duration LOCK_WAIT = Duration.ofSeconds(5);

    /** Rows fetched at a time, at most, and about how many characters they may have: the driver keeps them all. */
    private static final int FETCH_ROWS = 200;

    private static final int FIRST_FETCH_ROWS = 20;
    private static final int FETCH_CHARACTERS = 1 << 20;

    /** The log's pages begin with a header, and a position behind nothing but that is the end of the page before (xlog_internal.h). */
    private static final int LOG_PAGE = 8192;

    private static final int LOG_PAGE_HEADER = 40;
    private static final long FLUSH_POLL_MILLIS = 10;
    private static final Duration FLUSH_WAIT = Duration.ofSeconds(10);

    private final PostgresSource source;
    private final StreamedTransactions streamed;
    private final Supplier<Map<String, String>> server;
    private final SnapshotLimits limits;
    private final PostgresTypes types;
    private volatile @Nullable Connection connection;
    private volatile boolean interrupted;

    /**
     * @param streamed on the way of the changes to the sink
     * @param server which server the log is read from, as {@link PostgresLog#server} tells it
     */
    PostgresScanner(
            PostgresSource source,
            StreamedTransactions streamed,
            Supplier<Map<String, String>> server,
            SnapshotLimits limits) {
        this.source = source;
        this.streamed = streamed;
        this.server = server;
        this.limits = limits;
        types = new PostgresTypes(source.address()::connect);
    }

    @Override
    public void scan(SnapshotScan scan, Output output) throws SourceFailure, ScanEndedException {
        interrupted = false;
        boolean reused = connection != null;
        OnceBegun begun = new OnceBegun(output);
        try {
            try {
                read(scan, begun);
            } catch (SQLException e) {
                close();
                if (!reused || begun.begun || !PostgresFailures.isLostConnection(e)) {
                    throw e;
                }
                // The server was restarted while the connection was idle.
                read(scan, begun);
            }
        } catch (SQLException e) {
            throw PostgresFailures.explainReading(e, source.address(), scan.resource());
        } finally {
            end();
        }
    }

    /** Knows whether the cut has been told: from then on nothing can be tried again. */
    private static final class OnceBegun implements Output {
        private final Output output;
        private boolean begun;

        OnceBegun(Output output) {
            this.output = output;
        }

        @Override
        public void begin(SnapshotCut cut) throws ScanEndedException {
            begun = true;
            output.begin(cut);
        }

        @Override
        public void row(SnapshotRow row, int characters) throws ScanEndedException {
            output.row(row, characters);
        }
    }

    private void read(SnapshotScan scan, Output output) throws SQLException, SourceFailure, ScanEndedException {
        StreamedTransactions.View view = streamed.view();
        if (view == null || !view.epoch().equals(scan.run().epoch())) {
            throw SourceFailure.passing("the place in the log of " + source.displayName() + " is not known yet");
        }
        Connection open = open();
        boolean locked = TableLock.take(open, scan.resource().table());
        Taken taken = take(open, view);
        if (!locked && !TableLock.touch(open, scan.resource().table())) {
            throw SourceFailure.passing(
                    "table " + scan.resource().table() + " was truncated or rewritten just when it was to be read");
        }
        streamed.forgetSeen(taken.visible());
        types.refresh();
        ScanShape shape = ScanShape.read(open, scan.resource(), source.publicationName(), scan.columns(), types);
        output.begin(new PostgresCut(
                taken.visible(), view.seenUntil(taken.visible()), Position.boundary(view.epoch(), taken.logEnd())));
        Optional<SqlCondition> record =
                scan.recordId() == null ? Optional.of(SqlCondition.NONE) : shape.record(scan.recordId());
        if (record.isPresent()) {
            readRows(open, shape, scan, record.get(), output);
        }
        awaitDurable(open, taken);
    }

    /**
     * A snapshot.
     *
     * @param logEnd where the log was written to, some time after
     * @param durable up to where it was on the disk then
     */
    private record Taken(TransactionSnapshot visible, long logEnd, long durable) {}

    private Taken take(Connection open, StreamedTransactions.View view) throws SQLException, SourceFailure {
        try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn() - '0/0'::pg_lsn,
                               pg_current_wal_flush_lsn() - '0/0'::pg_lsn,
                               system_identifier, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                          FROM pg_control_system()""")) {
            row.next();
            Map<String, String> here = PostgresLog.server(row.getString(4), row.getString(5));
            if (!here.equals(server.get())) {
                throw SourceFailure.passing(
                        "snapshots of epoch " + view.epoch() + " would be read from another server (" + here
                                + ") than the log (" + server.get() + "): the log is looked at again in a moment");
            }
            return new Taken(
                    TransactionSnapshot.parse(row.getString(1)),
                    row.getBigDecimal(2).longValue(),
                    row.getBigDecimal(3).longValue());
        }
    }

    private void readRows(Connection open, ScanShape shape, SnapshotScan scan, SqlCondition record, Output output)
            throws SQLException, ScanEndedException {
        SqlCondition condition = record.and(scan.condition());
        try (PreparedStatement statement = open.prepareStatement(shape.select(condition))) {
            bind(statement, condition.parameters());
            statement.setFetchSize(FIRST_FETCH_ROWS);
            try (ResultSet row = statement.executeQuery()) {
                @Nullable String[] text = new String[shape.columnCount()];
                int largest = 1;
                while (row.next()) {
                    int characters = 0;
                    for (int i = 0; i < text.length; i++) {
                        String value = row.getString(i + 1);
                        text[i] = value;
                        characters += value == null ? 1 : value.length();
                    }
                    if (characters > largest || row.getRow() == FIRST_FETCH_ROWS) {
                        largest = Math.max(largest, characters);
                        row.setFetchSize(Math.max(1, Math.min(FETCH_ROWS, FETCH_CHARACTERS / largest)));
                    }
                    SnapshotRow made = shape.row(text);
                    if (scan.recordId() == null
                            || (made.id() != null && made.id().text().equals(scan.recordId()))) {
                        output.row(made, characters);
                    }
                }
            }
        } catch (SQLException e) {
            if (scan.recordId() != null && PostgresFailures.isBadValue(e)) {
                // What the id says is no value of the key's type, so there is no such record.
                LOG.debug(
                        "There is no record '{}' of {}",
                        scan.recordId(),
                        scan.resource().name(),
                        e);
                open.rollback();
                return;
            }
            throw e;
        }
    }

    private static void bind(PreparedStatement statement, List<Object> parameters) throws SQLException {
        for (int i = 0; i < parameters.size(); i++) {
            Object value = parameters.get(i);
            if (value instanceof String) {
                statement.setObject(i + 1, value, Types.OTHER); // the server finds out which type is meant
            } else {
                statement.setObject(i + 1, value);
            }
        }
    }

    /**
     * With {@code synchronous_commit = off} commits are seen before they are on the disk, and a crash takes them back: the log never brings them, and rows of theirs would stay with subscribers. So the end
     * is told when it is all on the disk, which takes less than a second.
     */
    private void awaitDurable(Connection open, Taken taken) throws SQLException, SourceFailure {
        long onPage = taken.logEnd() % LOG_PAGE;
        long wanted = onPage <= LOG_PAGE_HEADER ? taken.logEnd() - onPage : taken.logEnd();
        long durable = taken.durable();
        long end = System.nanoTime() + FLUSH_WAIT.toNanos();
        while (Long.compareUnsigned(durable, wanted) < 0) {
            if (System.nanoTime() - end > 0) {
                throw SourceFailure.passing(
                        "the log of " + source.displayName() + " was not on the server's disk within "
                                + FLUSH_WAIT.toSeconds() + " s, so that a crash could take back what the snapshot has");
            }
            try (Statement statement = open.createStatement();
                    ResultSet row =
                            statement.executeQuery("SELECT pg_current_wal_flush_lsn() - '0/0'::pg_lsn FROM pg_sleep("
                                    + FLUSH_POLL_MILLIS / 1000.0 + ')')) {
                row.next();
                durable = row.getBigDecimal(1).longValue();
            }
        }
    }

    private Connection open() throws SQLException {
        Connection known = connection;
        if (known != null) {
            return known;
        }
        long maxMillis = limits.maxTime().toMillis();
        Connection opened = source.address()
                .connect(Map.of(
                        "options", SessionSettings.startupOptions(),
                        "binaryTransfer", "false", // values are wanted as text, as in the log
                        "socketTimeout", Long.toString(maxMillis / 1000 + 30)));
        try (Statement statement = opened.createStatement()) {
            statement.execute(SessionSettings.statements() + " SET lock_timeout = " + LOCK_WAIT.toMillis()
                    + "; SET statement_timeout = " + maxMillis
                    // Should this process hang, or its machine, the server lets the snapshot go by itself.
                    + "; SET idle_in_transaction_session_timeout = "
                    + (limits.maxStall().toMillis() + maxMillis)
                    // Policies would leave rows out that the log has: better an error.
                    + "; SET row_security = off");
            opened.setAutoCommit(false);
            opened.setReadOnly(true);
            opened.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
        connection = opened;
        return opened;
    }

    /** Lets the snapshot go. A connection that was interrupted, or does not answer, goes with it. */
    private void end() {
        Connection open = connection;
        if (open == null) {
            return;
        }
        try {
            if (interrupted) {
                close(); // the interruption may come late, and would hit what is read next
            } else {
                open.rollback();
            }
        } catch (SQLException e) {
            LOG.debug("Ending a snapshot failed", e);
            close();
        }
    }

    @Override
    public void interrupt() {
        interrupted = true;
        Connection open = connection;
        if (open != null) {
            try {
                open.unwrap(PGConnection.class).cancelQuery();
            } catch (SQLException e) {
                LOG.debug("Interrupting a snapshot failed", e);
            }
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.debug("Closing a connection for snapshots failed", e);
            }
        }
    }
}
