package dev.rowtide.cdc;

import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.cdc.sqlite.SqliteAddress;
import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bridge in a process of its own, to be killed: writes each event as a line to its standard output. What was written is in the pipe, and survives it.
 *
 * <p>Arguments: address, slot and publication (of no use with SQLite), data directory, tables.
 */
public final class BridgeProcess {
    private BridgeProcess() {}

    public static void main(String[] arguments) throws InterruptedException {
        SourceConfig source = SqliteAddress.isOne(arguments[0])
                ? new SqliteSource(
                        SqliteAddress.parse(arguments[0]),
                        SqliteSource.Follow.DEFAULT,
                        ResourceConfig.Numbers.NUMBER,
                        resources(SqliteSource.SCHEMA, arguments[3]))
                : new PostgresSource(
                        PostgresAddress.parse(arguments[0], Map.of()),
                        arguments[1],
                        arguments[1],
                        List.of("public"),
                        ResourceConfig.Numbers.NUMBER,
                        resources("public", arguments[3]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        new ChangeEngine(source, Path.of(arguments[2]), new LineSink(out)).start();
        Thread.currentThread().join();
    }

    private static List<ResourceConfig> resources(String schema, String tables) {
        return List.of(tables.split(",")).stream()
                .map(table -> ResourceConfig.ofTable(new TableName(schema, table), ResourceConfig.Numbers.NUMBER))
                .toList();
    }

    /** Tab-separated: position, operation, resource, id, data. */
    private static final class LineSink implements ChangeSink {
        private final PrintStream out;
        private volatile @Nullable Position reached;

        LineSink(PrintStream out) {
            this.out = out;
        }

        @Override
        public void publish(List<DataChangeEvent> batch) {
            StringBuilder lines = new StringBuilder();
            for (DataChangeEvent event : batch) {
                lines.append("change\t")
                        .append(event.position())
                        .append('\t')
                        .append(event.operation().wireName())
                        .append('\t')
                        .append(event.resource())
                        .append('\t')
                        .append(event.id() == null ? null : event.id().text())
                        .append('\t')
                        .append(event.data())
                        .append('\n');
            }
            out.print(lines);
            out.flush();
        }

        @Override
        public void reached(Position boundary) {
            reached = boundary;
        }

        @Override
        public @Nullable Position delivered() {
            return reached;
        }

        @Override
        public void sourceLost(GapReason reason, Position first) {
            out.print("gap\t" + reason + '\n');
            out.flush();
            reached = first;
        }
    }
}
