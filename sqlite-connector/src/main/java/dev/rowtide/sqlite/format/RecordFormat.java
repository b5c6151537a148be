package dev.rowtide.sqlite.format;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Payloads to values ("Database File Format", section 2.1). */
public final class RecordFormat {
    /** SQLITE_MAX_COLUMN can be compiled up to this. */
    private static final int MOST_COLUMNS = 32767;

    private RecordFormat() {}

    /** Bytes that are no record; who knows the page says where. */
    static final class NotARecordException extends IOException {
        private static final long serialVersionUID = 1;

        NotARecordException(String message) {
            super(message);
        }
    }

    /**
     * All values of a record, in storage order; fewer than the table has columns if the row was written before columns were added.
     *
     * @throws DamagedDatabaseException if it is not a record; the message cannot name the page, prefer {@link Cell#values}
     */
    public static StoredValue[] decode(byte[] payload, TextEncoding encoding) throws DamagedDatabaseException {
        try {
            return decode(payload, encoding, Integer.MAX_VALUE);
        } catch (NotARecordException e) {
            throw new DamagedDatabaseException("not a record: " + e.getMessage());
        }
    }

    static StoredValue[] decode(byte[] payload, TextEncoding encoding, int limit) throws NotARecordException {
        StoredValue @Nullable [] values = decode(payload, 0, payload.length, payload.length, encoding, limit);
        if (values == null) {
            throw new IllegalStateException("a whole record cannot need more bytes than it has");
        }
        return values;
    }

    /**
     * The first {@code limit} values of a record of {@code total} bytes, of which {@code available} stand at {@code start}.
     *
     * @return null if the values reach beyond the available bytes
     */
    static StoredValue @Nullable [] decode(
            byte[] bytes, int start, int available, int total, TextEncoding encoding, int limit)
            throws NotARecordException {
        int headerLengthSize = Bytes.varintLength(bytes, start, start + available);
        if (headerLengthSize == 0) {
            return beyond("its header", available, total);
        }
        long headerSize = Bytes.varint(bytes, start, headerLengthSize);
        if (headerSize < headerLengthSize || headerSize > total) {
            throw new NotARecordException("its header has " + headerSize + " bytes, the record " + total);
        }
        if (headerSize > available) {
            return null;
        }
        int headerStart = start + headerLengthSize;
        int headerEnd = start + (int) headerSize;
        int count = countTypes(bytes, headerStart, headerEnd, limit);
        StoredValue[] values = new StoredValue[count];
        long body = headerSize;
        int at = headerStart;
        for (int i = 0; i < count; i++) {
            int typeSize = Bytes.varintLength(bytes, at, headerEnd);
            long type = Bytes.varint(bytes, at, typeSize);
            at += typeSize;
            long length = length(type);
            if (length > total - body) {
                throw new NotARecordException(
                        "value " + i + " of serial type " + type + " reaches beyond its " + total + " bytes");
            }
            if (body + length > available) {
                return null;
            }
            values[i] = value(bytes, start + (int) body, (int) length, type, encoding);
            body += length;
        }
        if (at == headerEnd && body != total) {
            throw new NotARecordException("its values end at " + body + " of " + total + " bytes");
        }
        return values;
    }

    private static int countTypes(byte[] bytes, int start, int end, int limit) throws NotARecordException {
        int count = 0;
        for (int at = start; at < end && count < limit; count++) {
            int size = Bytes.varintLength(bytes, at, end);
            if (size == 0) {
                throw new NotARecordException("its header is cut off within a serial type");
            }
            if (count == MOST_COLUMNS) {
                throw new NotARecordException("it has more than " + MOST_COLUMNS + " values");
            }
            at += size;
        }
        return count;
    }

    private static long length(long type) throws NotARecordException {
        if (type >= 12) {
            return (type - 12) / 2;
        }
        return switch ((int) Math.max(type, -1)) {
            case 0, 8, 9 -> 0;
            case 1, 2, 3, 4 -> type;
            case 5 -> 6;
            case 6, 7 -> 8;
            default -> throw new NotARecordException("serial type " + type + " means nothing");
        };
    }

    private static StoredValue value(byte[] bytes, int at, int length, long type, TextEncoding encoding) {
        if (type >= 12) {
            byte[] content = Arrays.copyOfRange(bytes, at, at + length);
            return (type & 1) == 0 ? new StoredValue.Blob(content) : new StoredValue.Text(content, encoding);
        }
        return switch ((int) type) {
            case 0 -> StoredValue.NULL;
            case 7 -> real(Double.longBitsToDouble(Bytes.signed(bytes, at, 8)));
            case 8 -> new StoredValue.Int(0);
            case 9 -> new StoredValue.Int(1);
            default -> new StoredValue.Int(Bytes.signed(bytes, at, length));
        };
    }

    /** SQLite has no NaN: it reads one as NULL. */
    private static StoredValue real(double value) {
        return Double.isNaN(value) ? StoredValue.NULL : new StoredValue.Real(value);
    }

    private static StoredValue @Nullable [] beyond(String what, int available, int total) throws NotARecordException {
        if (available < total) {
            return null;
        }
        throw new NotARecordException(what + " is cut off: the record has " + total + " bytes");
    }
}
