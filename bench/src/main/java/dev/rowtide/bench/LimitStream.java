package dev.rowtide.bench;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The least that a Java program can do with the same log: a thread that reads a slot's pgoutput stream, blocking, and looks at nothing but the kind of each
 * message. No bridge in Java can be faster than this.
 *
 * <p>Messages: PostgreSQL's documentation, "Logical Replication Message Formats".
 */
final class LimitStream implements AutoCloseable {
    static final String SLOT = "bench_limit";

    private static final int CONFIRM_EVERY = 10_000;
    // 'I', the relation's id, 'N', the number of columns: then the first column's kind.
    private static final int FIRST_COLUMN = 1 + 4 + 1 + 2;

    private final Connection connection;
    private final AtomicLong inserts = new AtomicLong();
    private final Listener listener;
    private final Thread reader;
    private volatile boolean closed;

    /** Called on the reading thread for each inserted row. */
    interface Listener {
        /**
         * @param id the row's first column if {@code reads}, else 0
         * @param nanos when its message had been received
         */
        void inserted(long id, long nanos);

        /** Whether the id is wanted; it costs some nanoseconds. */
        boolean reads();
    }

    /** A listener that wants nothing: the stream is only counted. */
    static final Listener COUNT = new Listener() {
        @Override
        public void inserted(long id, long nanos) {}

        @Override
        public boolean reads() {
            return false;
        }
    };

    /** Makes slot and publication for {@code table}, and reads from now on. */
    LimitStream(Database database, String table, Listener listener) throws SQLException {
        this.listener = listener;
        database.execute(
                "CREATE PUBLICATION bench_limit FOR TABLE " + table,
                "SELECT pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");
        connection = database.connectForReplication();
        PGReplicationStream stream = connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(SLOT)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", "bench_limit")
                .start();
        reader = new Thread(() -> read(stream), "limit-stream");
        reader.setDaemon(true);
        reader.start();
    }

    long inserts() {
        return inserts.get();
    }

    private void read(PGReplicationStream stream) {
        try {
            int unconfirmed = 0;
            while (true) {
                ByteBuffer message = stream.read();
                if (message.get(message.position()) == 'I') {
                    long nanos = System.nanoTime();
                    listener.inserted(listener.reads() ? firstColumn(message) : 0, nanos);
                    inserts.incrementAndGet();
                }
                if (++unconfirmed >= CONFIRM_EVERY) {
                    LogSequenceNumber received = stream.getLastReceiveLSN();
                    stream.setFlushedLSN(received);
                    stream.setAppliedLSN(received);
                    unconfirmed = 0;
                }
            }
        } catch (SQLException e) {
            if (!closed) {
                System.err.println(String.format(Locale.ROOT, "the limit's stream broke: %s", e.getMessage()));
            }
        }
    }

    /** A number in PostgreSQL's text form. */
    private static long firstColumn(ByteBuffer message) {
        int at = message.position() + FIRST_COLUMN;
        int length = message.getInt(at + 1);
        long value = 0;
        for (int i = 0; i < length; i++) {
            value = value * 10 + message.get(at + 5 + i) - '0';
        }
        return value;
    }

    @Override
    public void close() throws SQLException {
        closed = true;
        connection.close();
    }
}
