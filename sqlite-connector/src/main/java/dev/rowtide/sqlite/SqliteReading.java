package dev.rowtide.sqlite;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.log.LiveDatabase;
import io.debezium.connector.common.CdcSourceTaskContext;
import io.debezium.metrics.Metrics;
import java.io.IOException;
import java.util.concurrent.Callable;

/** From types of the JDK to the stream's. */
final class SqliteReading extends Metrics implements SqliteReadingMBean {
    private final ChangeStream stream;

    SqliteReading(CdcSourceTaskContext<SqliteConnectorConfig> taskContext, ChangeStream stream) {
        super(taskContext, "reading");
        this.stream = stream;
    }

    @Override
    public long begin(Callable<?> begin, Callable<?> end) throws IOException, InterruptedException {
        return stream.beginReading(new LiveDatabase.Reader() {
            @Override
            public void begin() throws IOException {
                call(begin);
            }

            @Override
            public void end() throws IOException {
                call(end);
            }
        });
    }

    private static void call(Callable<?> step) throws IOException {
        try {
            step.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
