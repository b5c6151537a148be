package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.Cell;
import dev.rowtide.sqlite.format.StoredValue;
import java.io.IOException;
import java.util.List;

/** Records to rows: what a table's definition makes of them. */
final class RowReader {
    private final TableDefinition table;
    private final Image image;
    private final boolean[] real;

    RowReader(TableDefinition table, Image image) {
        this.table = table;
        this.image = image;
        this.real = new boolean[table.columns().size()];
        for (int i = 0; i < real.length; i++) {
            real[i] = table.columns().get(i).affinity() == Column.Affinity.REAL;
        }
    }

    /** All stored columns, in declared order. */
    StoredValue[] read(Cell cell) throws IOException {
        StoredValue[] record = cell.values(image.pages(), image.usableSize(), image.encoding());
        StoredValue[] row = new StoredValue[real.length];
        List<Integer> storage = table.storage();
        for (int position = 0; position < storage.size(); position++) {
            int column = storage.get(position);
            StoredValue value = position < record.length
                    ? record[position]
                    : table.columns().get(column).defaultValue();
            // A whole number in a REAL column takes less room as an integer, and SQLite turns it back when it reads it.
            row[column] = real[column] && value instanceof StoredValue.Int whole
                    ? new StoredValue.Real(whole.value())
                    : value;
        }
        if (table.rowidAlias().isPresent()) {
            row[table.rowidAlias().getAsInt()] = new StoredValue.Int(cell.rowid());
        }
        return row;
    }

    /** The values that the entries of a WITHOUT ROWID table are ordered by. */
    StoredValue[] readKey(Cell cell) throws IOException {
        return cell.values(
                image.pages(),
                image.usableSize(),
                image.encoding(),
                table.keyOrder().size());
    }
}
