package dev.rowtide.sqlite;

import dev.rowtide.sqlite.state.LogPosition;
import dev.rowtide.sqlite.state.TransactionHeader;
import io.debezium.connector.SnapshotRecord;
import io.debezium.connector.common.BaseSourceInfo;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What the {@code source} block of the next record says. Used by the emitting thread. */
final class SqliteSourceInfo extends BaseSourceInfo {
    static final String FILE = "file";
    static final String STATE = "state";
    static final String SEQ = "seq";
    static final String WAL_SALT = "wal_salt";
    static final String WAL_FRAME = "wal_frame";
    static final String KIND = "kind";
    static final String ROWID = "rowid";

    private final String file;
    private final String databaseName;

    private String state;
    private long commitSeq;
    private long eventIndex;
    private long seq;
    private @Nullable String walSalt;
    private @Nullable Long walFrame;
    private String kind = kind(TransactionHeader.Kind.COMMIT);
    private String table = "";
    private OptionalLong rowid = OptionalLong.empty();
    private Instant time = Instant.EPOCH;

    SqliteSourceInfo(SqliteConnectorConfig config, String state) {
        super(config);
        this.state = state;
        file = config.database().toString();
        databaseName = config.databaseName();
        snapshotRecord = SnapshotRecord.FALSE;
    }

    /** Between two transactions. */
    void place(String stateId, long lastCommit) {
        state = stateId;
        place(lastCommit, 0);
        seq = lastCommit;
        row("", OptionalLong.empty());
    }

    /** Within a transaction. */
    void place(long lastCommit, long index) {
        commitSeq = lastCommit;
        eventIndex = index;
    }

    /** The records that follow are of this transaction. */
    void transaction(TransactionHeader header) {
        seq = header.seq();
        kind = kind(header.kind());
        time = Instant.ofEpochMilli(header.capturedAtMillis());
        LogPosition end = header.end();
        boolean inLog = !end.equals(LogPosition.NONE);
        walSalt = inLog ? String.format(Locale.ROOT, "%08x%08x", end.salt1(), end.salt2()) : null;
        walFrame = inLog ? Long.valueOf(Integer.toUnsignedLong(end.frame())) : null;
    }

    /** The records that follow are rows as they stand behind the last commit. */
    void read(Instant now) {
        time = now;
        walSalt = null;
        walFrame = null;
    }

    void row(String tableName, OptionalLong rowidOfRow) {
        table = tableName;
        rowid = rowidOfRow;
    }

    void at(Instant now) {
        time = now;
    }

    String file() {
        return file;
    }

    String state() {
        return state;
    }

    long seq() {
        return seq;
    }

    @Nullable
    String walSalt() {
        return walSalt;
    }

    @Nullable
    Long walFrame() {
        return walFrame;
    }

    String kind() {
        return kind;
    }

    String table() {
        return table;
    }

    OptionalLong rowid() {
        return rowid;
    }

    @Override
    protected Instant timestamp() {
        return time;
    }

    @Override
    protected String database() {
        return databaseName;
    }

    /** Two numbers as texts; both grow, the second within the first. */
    @Override
    protected String sequence() {
        return "[\"" + commitSeq + "\",\"" + eventIndex + "\"]";
    }

    private static String kind(TransactionHeader.Kind kind) {
        return switch (kind) {
            case COMMIT -> "commit";
            case RESYNC -> "resync";
        };
    }

    @Override
    public String toString() {
        return "source[" + databaseName + " " + state + " " + sequence() + " seq=" + seq + " table=" + table + "]";
    }
}
