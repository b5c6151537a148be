package dev.rowtide.sqlite.fuzz;

import dev.rowtide.sqlite.capture.ChangeStream;
import dev.rowtide.sqlite.capture.ChangeStream.Outcome;
import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.log.LiveDatabase.LiveOptions;
import dev.rowtide.sqlite.rows.Column;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.SchemaChange;
import dev.rowtide.sqlite.rows.TableDefinition;
import dev.rowtide.sqlite.rows.TableReader;
import dev.rowtide.sqlite.state.CaptureState;
import dev.rowtide.sqlite.state.TransactionHeader;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * A consumer of a {@link ChangeStream} in a process of its own, so that it can be killed. Prints a JSON object a line for each event, and keeps its offset in a file as a real consumer would:
 * what the file says was surely printed. The word {@code stop} on standard input ends it in good order.
 *
 * <p>Arguments: database, state directory, offset file, then {@code name=value}: {@code lag} (transactions that are acknowledged late), {@code seed} (of kills and offset writes), {@code
 * killAfter} (events until it halts itself; 0 for never), {@code killMillis} (a timer that does the same), {@code switchToWal}, {@code maxSpoolMb}, {@code firstSeq}, {@code slowMicros} (pause
 * after each row).
 */
final class TailProcess implements ChangeStream.TransactionHandler {
    private final BufferedWriter out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    private final Path offsetFile;
    private final Random random;
    private final int lag;
    private final long slowMicros;
    private long untilKilled;
    private final ArrayDeque<Long> unacknowledged = new ArrayDeque<>();
    private ChangeStream stream;
    private volatile boolean stopping;

    private long seq;
    private int rows;
    private Place delivered = new Place(-1, 0);

    /** Everything up to a number was delivered, and of the transaction behind it so many rows. */
    private record Place(long seq, int rows) {}

    private TailProcess(Path offsetFile, TailOptions options) {
        this.offsetFile = offsetFile;
        random = new Random(options.seed());
        lag = options.lag();
        slowMicros = options.slowMicros();
        untilKilled = options.killAfter() == 0 ? Long.MAX_VALUE : options.killAfter();
    }

    @SuppressWarnings("SystemExitOutsideMain")
    public static void main(String[] args) throws IOException {
        var options = TailOptions.parse(args);
        var tail = new TailProcess(Path.of(args[2]), options);
        if (options.killMillis() > 0) {
            daemon("kill", () -> {
                Thread.sleep(options.killMillis());
                Runtime.getRuntime().halt(9);
            });
        }
        try {
            tail.run(Path.of(args[0]), Path.of(args[1]), options);
            tail.line("{\"t\":\"closed\"}");
            tail.out.flush();
            System.exit(0);
        } catch (Throwable e) {
            e.printStackTrace();
            tail.line("{\"t\":\"failed\",\"error\":" + Json.quoted(e.toString()) + "}");
            tail.out.flush();
            Runtime.getRuntime().halt(3);
        }
    }

    private interface Interruptible {
        void run() throws Exception;
    }

    private static void daemon(String name, Interruptible body) {
        var thread = new Thread(
                () -> {
                    try {
                        body.run();
                    } catch (Exception e) {
                        e.printStackTrace();
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Path database, Path state, TailOptions options) throws IOException, InterruptedException {
        daemon("commands", () -> {
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line = in.readLine();
            while (line != null && !line.equals("stop")) {
                line = in.readLine();
            }
            stopping = true;
        });
        Optional<Place> place = Files.exists(offsetFile) ? Optional.of(readOffset()) : Optional.empty();
        var live = new LiveOptions(options.switchToWal(), 1L << 30, options.barrier(), Duration.ofSeconds(20), true);
        var limits = new CaptureState.Limits(options.maxSpoolMb() << 20, false);
        try (ChangeStream opened = ChangeStream.open(
                new ChangeStream.Options(database, state, live, limits, name -> true, null, options.firstSeq(), 1.0))) {
            stream = opened;
            Outcome outcome =
                    stream.start(place.map(p -> OptionalLong.of(p.seq())).orElse(OptionalLong.empty()));
            line("{\"t\":\"start\",\"outcome\":\"" + outcome + "\",\"from\":"
                    + place.map(Place::seq).orElse(-1L) + ",\"rows\":"
                    + place.map(Place::rows).orElse(0) + ",\"seq\":" + stream.seq() + "}");
            seq = stream.seq();
            delivered = outcome == Outcome.RESUMED ? place.orElseThrow() : new Place(-1, 0);
            if (outcome != Outcome.RESUMED) {
                snapshot();
            }
            out.flush();
            while (!stopping) {
                stream.next(this, Duration.ofMillis(50));
            }
            acknowledge(0);
        }
    }

    private void snapshot() throws IOException {
        for (TableDefinition table : stream.schema().tables()) {
            line("{\"t\":\"table\",\"table\":" + definition(table) + "}");
            TableReader reader = stream.table(table);
            RowChange row = reader.next();
            while (row != null) {
                line(row("read", row));
                row = reader.next();
            }
        }
        line("{\"t\":\"snapshotted\",\"seq\":" + seq + "}");
        out.flush();
        writeOffset();
        stream.acknowledge(seq);
    }

    @Override
    public void begin(TransactionHeader transaction) {
        point();
        seq = transaction.seq() - 1;
        rows = 0;
        line("{\"t\":\"begin\",\"seq\":" + transaction.seq() + ",\"kind\":\"" + transaction.kind() + "\",\"pages\":"
                + transaction.pageCount() + "}");
    }

    @Override
    public void schema(SchemaChange change) {
        point();
        line("{\"t\":\"schema\",\"before\":" + definition(change.before()) + ",\"after\":" + definition(change.after())
                + "}");
    }

    @Override
    public void row(RowChange change) throws InterruptedException {
        rows++;
        if (seq == delivered.seq() && rows <= delivered.rows()) {
            return;
        }
        point();
        line(row("row", change));
        if (slowMicros > 0) {
            Thread.sleep(0, (int) Math.min(999_999, slowMicros * 1000));
        }
        if (random.nextInt(20) == 0) {
            flush();
            point();
            writeOffset();
        }
    }

    @Override
    public void end(TransactionHeader transaction) {
        line("{\"t\":\"end\",\"seq\":" + transaction.seq() + "}");
        flush();
        point();
        seq = transaction.seq();
        rows = 0;
        unacknowledged.add(seq);
        if (lag == 0 || random.nextInt(3) > 0) {
            writeOffset();
            point();
            acknowledge(lag);
        }
    }

    /** Acknowledges what is printed, and in the offset file, but for the newest {@code remaining}. */
    private void acknowledge(int remaining) {
        if (unacknowledged.isEmpty()) {
            return;
        }
        writeOffset();
        long last = -1;
        while (unacknowledged.size() > remaining) {
            last = unacknowledged.remove();
        }
        if (last >= 0) {
            stream.acknowledge(last);
            point();
        }
    }

    /** A point at which the process may die. */
    private void point() {
        if (--untilKilled <= 0) {
            Runtime.getRuntime().halt(9);
        }
    }

    private void line(String text) {
        try {
            out.write(text);
            out.write('\n');
        } catch (IOException e) {
            // The harness is gone, and nobody will ever read this.
            Runtime.getRuntime().halt(4);
        }
    }

    private void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            Runtime.getRuntime().halt(4);
        }
    }

    private void writeOffset() {
        try {
            Path next = offsetFile.resolveSibling(offsetFile.getFileName() + ".next");
            Files.writeString(next, seq + " " + rows);
            Files.move(next, offsetFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Place readOffset() throws IOException {
        String[] words = Files.readString(offsetFile).split(" ");
        return new Place(Long.parseLong(words[0]), Integer.parseInt(words[1]));
    }

    static String row(String type, RowChange change) {
        var text = new StringBuilder(200);
        text.append("{\"t\":\"")
                .append(type)
                .append("\",\"table\":")
                .append(Json.quoted(change.table().name()));
        text.append(",\"root\":").append(change.table().rootPage());
        text.append(",\"kind\":\"").append(change.kind()).append('"');
        if (change.rowid().isPresent()) {
            text.append(",\"rowid\":").append(change.rowid().getAsLong());
        }
        values(text, "before", change.before());
        values(text, "after", change.after());
        return text.append('}').toString();
    }

    private static void values(StringBuilder text, String name, StoredValue[] values) {
        if (values == null) {
            return;
        }
        text.append(",\"").append(name).append("\":[");
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "\"" : ",\"").append(ValueText.of(values[i])).append('"');
        }
        text.append(']');
    }

    static String definition(TableDefinition table) {
        if (table == null) {
            return "null";
        }
        var text = new StringBuilder(200);
        text.append("{\"name\":").append(Json.quoted(table.name()));
        text.append(",\"root\":").append(table.rootPage());
        text.append(",\"withoutRowid\":").append(table.withoutRowid());
        text.append(",\"alias\":").append(table.rowidAlias().orElse(-1));
        text.append(",\"key\":").append(table.primaryKey());
        text.append(",\"columns\":[");
        String comma = "";
        for (Column column : table.columns()) {
            text.append(comma).append("{\"name\":").append(Json.quoted(column.name()));
            text.append(",\"default\":\"").append(ValueText.of(column.defaultValue()));
            text.append("\",\"kind\":")
                    .append(Json.quoted(column.declaredType() + " " + column.affinity() + " " + column.notNull() + " "
                            + column.generated()))
                    .append('}');
            comma = ",";
        }
        return text.append("]}").toString();
    }
}
