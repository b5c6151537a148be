package dev.rowtide.sqlite;

import dev.rowtide.sqlite.format.StoredValue;
import dev.rowtide.sqlite.format.TextEncoding;
import dev.rowtide.sqlite.rows.RowChange;
import dev.rowtide.sqlite.rows.TableDefinition;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a row stands in its table's b-tree, in a form that an offset can hold: the rowid, or a text for each part of a WITHOUT ROWID table's key.
 */
final class RowPosition {
    private static final HexFormat HEX = HexFormat.of();

    private RowPosition() {}

    static Object[] of(RowChange row) {
        if (row.rowid().isPresent()) {
            return new Object[] {row.rowid().getAsLong()};
        }
        StoredValue[] values = row.after();
        TableDefinition table = row.table();
        if (values == null) {
            throw new IllegalArgumentException("a row of " + table.name() + " without values has no position");
        }
        Object[] position = new Object[table.keyOrder().size()];
        for (int i = 0; i < position.length; i++) {
            position[i] = text(values[table.storage().get(i)]);
        }
        return position;
    }

    /** A row that stands there, its other columns NULL; empty if the table is not the one that the position was taken from. */
    static Optional<RowChange> row(TableDefinition table, Object[] position, TextEncoding encoding) {
        StoredValue[] values = new StoredValue[table.columns().size()];
        Arrays.fill(values, StoredValue.NULL);
        if (!table.withoutRowid()) {
            if (position.length != 1 || !(position[0] instanceof Number rowid)) {
                return Optional.empty();
            }
            return Optional.of(
                    new RowChange(table, RowChange.Kind.READ, OptionalLong.of(rowid.longValue()), null, values));
        }
        if (position.length != table.keyOrder().size()) {
            return Optional.empty();
        }
        for (int i = 0; i < position.length; i++) {
            if (!(position[i] instanceof String text)) {
                return Optional.empty();
            }
            values[table.storage().get(i)] = value(text, encoding);
        }
        return Optional.of(new RowChange(table, RowChange.Kind.READ, OptionalLong.empty(), null, values));
    }

    private static String text(StoredValue value) {
        if (value instanceof StoredValue.Int number) {
            return "i" + number.value();
        }
        if (value instanceof StoredValue.Real number) {
            return "r" + Double.doubleToRawLongBits(number.value());
        }
        if (value instanceof StoredValue.Text text) {
            return "t" + HEX.formatHex(text.bytes());
        }
        if (value instanceof StoredValue.Blob blob) {
            return "b" + HEX.formatHex(blob.bytes());
        }
        return "n";
    }

    private static StoredValue value(String text, TextEncoding encoding) {
        String rest = text.substring(1);
        return switch (text.charAt(0)) {
            case 'i' -> new StoredValue.Int(Long.parseLong(rest));
            case 'r' -> new StoredValue.Real(Double.longBitsToDouble(Long.parseLong(rest)));
            case 't' -> new StoredValue.Text(HEX.parseHex(rest), encoding);
            case 'b' -> new StoredValue.Blob(HEX.parseHex(rest));
            default -> StoredValue.NULL;
        };
    }
}
