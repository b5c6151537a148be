package dev.rowtide.gateway.history;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.DataChangeEvent.Transaction;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.StorageClass;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Changes as bytes: what a batch of them takes while nobody looks at it. Stateless and thread-safe.
 *
 * <p>A pack is self-contained. Numbers are unsigned LEB128; a text is its length in bytes and UTF-8; a text or list that may be absent has its length plus one, and 0 for
 * absent. The epoch and the shapes of rows come once, when they are first needed, and by number afterwards.
 *
 * <pre>
 * pack     count epoch change*
 * change   operation commit index resource id? transaction committedAt row? old? changed?
 * row      shape value?* classes      shape: its number, and behind a new number its columns, each with its type
 * type     a name of Typed; or affinity/collation; or =name of an opaque one
 * classes  0; or 1 and of each column its storage class plus one, 0 for none
 * </pre>
 */
final class ChangeCodec {
    private static final Operation[] OPERATIONS = Operation.values();
    private static final StorageClass[] CLASSES = StorageClass.values();

    private ChangeCodec() {}

    /** Packs changes of one epoch. */
    static byte[] pack(List<DataChangeEvent> events) {
        Writer out = new Writer();
        out.number(events.size());
        out.text(events.get(0).position().epoch().text());
        Map<RowShape, Integer> shapes = new HashMap<>();
        for (DataChangeEvent event : events) {
            out.number(event.operation().ordinal());
            out.number(event.position().commit());
            out.number(event.position().index());
            out.text(event.resource());
            RecordId id = event.id();
            out.optional(id == null ? null : id.text());
            if (id != null) {
                out.text(id.json());
            }
            Transaction transaction = event.transaction();
            out.text(transaction.id());
            out.number((long) transaction.index() << 1 | (transaction.last() ? 1 : 0));
            out.number(event.committedAtMillis());
            row(out, event.data(), shapes);
            row(out, event.old(), shapes);
            List<String> changed = event.changed();
            out.number(changed == null ? 0 : changed.size() + 1);
            if (changed != null) {
                changed.forEach(out::text);
            }
        }
        return out.bytes();
    }

    private static void row(Writer out, @Nullable Row row, Map<RowShape, Integer> shapes) {
        if (row == null) {
            out.number(0);
            return;
        }
        RowShape shape = row.shape();
        Integer known = shapes.get(shape);
        out.number(1 + (known == null ? shapes.size() : known));
        if (known == null) {
            shapes.put(shape, shapes.size());
            out.number(shape.columns().size());
            for (int i = 0; i < shape.columns().size(); i++) {
                out.text(shape.columns().get(i));
                out.text(type(shape.types().get(i)));
            }
        }
        boolean classes = false;
        for (int i = 0; i < shape.columns().size(); i++) {
            out.optional(row.json(i));
            classes |= row.storageClass(i) != null;
        }
        out.number(classes ? 1 : 0);
        for (int i = 0; classes && i < shape.columns().size(); i++) {
            StorageClass storageClass = row.storageClass(i);
            out.number(storageClass == null ? 0 : storageClass.ordinal() + 1);
        }
    }

    private static String type(ColumnType type) {
        if (type instanceof ColumnType.Typed typed) {
            return typed.name();
        } else if (type instanceof ColumnType.Dynamic dynamic) {
            return dynamic.affinity().name() + '/' + dynamic.collation().name();
        } else {
            return '=' + ((ColumnType.Opaque) type).name();
        }
    }

    private static ColumnType type(String text) {
        int slash = text.indexOf('/');
        if (text.startsWith("=")) {
            return new ColumnType.Opaque(text.substring(1));
        }
        return slash < 0
                ? ColumnType.Typed.valueOf(text)
                : new ColumnType.Dynamic(
                        ColumnType.Affinity.valueOf(text.substring(0, slash)),
                        ColumnType.Collation.valueOf(text.substring(slash + 1)));
    }

    /**
     * Reads what {@link #pack} wrote.
     *
     * @throws IOException if these are no such bytes
     */
    static List<DataChangeEvent> unpack(byte[] pack) throws IOException {
        try {
            Reader in = new Reader(pack);
            int count = in.size();
            Epoch epoch = new Epoch(in.text());
            List<RowShape> shapes = new ArrayList<>();
            List<DataChangeEvent> events = new ArrayList<>(Math.min(count, pack.length));
            for (int i = 0; i < count; i++) {
                events.add(event(in, epoch, shapes));
            }
            if (!in.isAtEnd()) {
                throw new IOException("bytes follow the last of " + count + " changes");
            }
            return events;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("not a pack of changes: " + e.getMessage(), e);
        }
    }

    private static DataChangeEvent event(Reader in, Epoch epoch, List<RowShape> shapes) {
        Operation operation = OPERATIONS[in.size()];
        Position position = new Position(epoch, in.number(), in.size());
        String resource = in.text();
        String idText = in.optional();
        RecordId id = idText == null ? null : new RecordId(idText, in.text());
        String transaction = in.text();
        long indexAndLast = in.number();
        long committedAtMillis = in.number();
        Row data = row(in, shapes);
        Row old = row(in, shapes);
        int changedSize = in.size();
        List<String> changed = changedSize == 0 ? null : new ArrayList<>(changedSize - 1);
        for (int i = 1; changed != null && i < changedSize; i++) {
            changed.add(in.text());
        }
        return new DataChangeEvent(
                resource,
                operation,
                id,
                data,
                old,
                changed,
                position,
                new Transaction(transaction, Math.toIntExact(indexAndLast >>> 1), (indexAndLast & 1) == 1),
                committedAtMillis);
    }

    private static @Nullable Row row(Reader in, List<RowShape> shapes) {
        int number = in.size() - 1;
        if (number < 0) {
            return null;
        }
        if (number == shapes.size()) {
            int columns = in.size();
            List<String> names = new ArrayList<>();
            List<ColumnType> types = new ArrayList<>();
            for (int i = 0; i < columns; i++) {
                names.add(in.text());
                types.add(type(in.text()));
            }
            shapes.add(new RowShape(names, types));
        }
        RowShape shape = shapes.get(number);
        @Nullable String[] json = new String[shape.columns().size()];
        for (int i = 0; i < json.length; i++) {
            json[i] = in.optional();
        }
        if (in.number() == 0) {
            return new Row(shape, json);
        }
        @Nullable StorageClass[] classes = new StorageClass[json.length];
        for (int i = 0; i < json.length; i++) {
            int storageClass = in.size();
            classes[i] = storageClass == 0 ? null : CLASSES[storageClass - 1];
        }
        return new Row(shape, json, classes);
    }

    private static final class Writer {
        private byte[] bytes = new byte[1024];
        private int size;

        byte[] bytes() {
            return Arrays.copyOf(bytes, size);
        }

        void number(long value) {
            room(10);
            long rest = value;
            while ((rest & ~0x7FL) != 0) {
                bytes[size++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            bytes[size++] = (byte) rest;
        }

        void text(String text) {
            write(text.getBytes(StandardCharsets.UTF_8), 0);
        }

        void optional(@Nullable String text) {
            if (text == null) {
                number(0);
            } else {
                write(text.getBytes(StandardCharsets.UTF_8), 1);
            }
        }

        private void write(byte[] text, int more) {
            number((long) text.length + more);
            room(text.length);
            System.arraycopy(text, 0, bytes, size, text.length);
            size += text.length;
        }

        private void room(int needed) {
            if (bytes.length - size < needed) {
                bytes = Arrays.copyOf(
                        bytes,
                        Math.max(Math.addExact(size, needed), Math.min(bytes.length, Integer.MAX_VALUE / 2 - 8) * 2));
            }
        }
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean isAtEnd() {
            return at == bytes.length;
        }

        long number() {
            long value = 0;
            for (int shift = 0; shift < 70; shift += 7) {
                byte next = bytes[at++];
                value |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number of more than 10 bytes");
        }

        /** A number that counts something in these bytes, so that damaged ones do not claim gigabytes. */
        int size() {
            long value = number();
            if (value < 0 || value > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a size of " + value);
            }
            return (int) value;
        }

        String text() {
            return read(size());
        }

        @Nullable
        String optional() {
            int size = size();
            return size == 0 ? null : read(size - 1);
        }

        private String read(int length) {
            if (length > bytes.length - at) {
                throw new IllegalArgumentException(
                        "a text of " + length + " bytes where " + (bytes.length - at) + " are left");
            }
            String text = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            return text;
        }
    }
}
