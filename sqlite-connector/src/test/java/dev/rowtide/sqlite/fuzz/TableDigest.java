package dev.rowtide.sqlite.fuzz;

import java.util.List;

/** A table's state in one line: columns, number of rows, and the sum of the rows' digests. */
final class TableDigest {
    private final String columns;
    private long count;
    private long high;
    private long low;

    TableDigest(List<String> columns) {
        this.columns = String.join(",", columns);
    }

    /** A row is its values. Its rowid is one of them, or nothing that a consumer could know it by. */
    static String row(String[] values) {
        return String.join("|", values);
    }

    void add(String row) {
        change(row, 1);
    }

    void remove(String row) {
        change(row, -1);
    }

    private void change(String row, int sign) {
        long[] digest = ValueText.digest(row);
        count += sign;
        high += sign * digest[0];
        low += sign * digest[1];
    }

    @Override
    public String toString() {
        return columns + " " + count + " " + Long.toHexString(high) + Long.toHexString(low);
    }
}
