package dev.rowtide.sqlite.fuzz;

import dev.rowtide.sqlite.fuzz.Literals.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A table as the workload knows it: enough to write statements that mostly succeed. Immutable.
 *
 * @param columns in declared order
 * @param key the columns of its declared key, empty without one
 * @param rowid whether it has one
 * @param alias whether its key is the rowid
 * @param suffix what stands behind the columns: keys and checks
 * @param options WITHOUT ROWID, STRICT
 * @param afterwards an index that is made with it, without the table's name; empty for none
 */
record TableShape(
        String name,
        List<Field> columns,
        List<String> key,
        boolean rowid,
        boolean alias,
        String suffix,
        String options,
        String afterwards) {

    /**
     * @param declaration type and constraints
     * @param generated whether it cannot be written to
     */
    record Field(String name, String declaration, Kind kind, boolean generated) {}

    static final int KINDS = 21;

    TableShape {
        columns = List.copyOf(columns);
        key = List.copyOf(key);
    }

    static TableShape of(int kind, String name, Random random) {
        var c = new ArrayList<Field>();
        switch (kind) {
            case 0:
                add(
                        c,
                        "id",
                        "INTEGER PRIMARY KEY",
                        Kind.INT,
                        "a",
                        "",
                        Kind.ANY,
                        "b",
                        "TEXT",
                        Kind.TEXT,
                        "c",
                        "REAL",
                        Kind.REAL);
                return new TableShape(name, c, List.of("id"), true, true, "", "", "");
            case 1:
                add(
                        c,
                        "id",
                        "INTEGER PRIMARY KEY AUTOINCREMENT",
                        Kind.INT,
                        "a",
                        "NUMERIC",
                        Kind.ANY,
                        "b",
                        "BLOB",
                        Kind.ANY);
                return new TableShape(name, c, List.of("id"), true, true, "", "", "(a, b)");
            case 2:
                add(c, "id", "INTEGER PRIMARY KEY DESC", Kind.INT, "a", "INT", Kind.ANY, "b", "VARCHAR(10)", Kind.TEXT);
                return new TableShape(name, c, List.of("id"), true, false, "", "", "");
            case 3:
                add(c, "k", "TEXT PRIMARY KEY", Kind.TEXT, "a", "REAL", Kind.ANY, "b", "", Kind.ANY);
                return new TableShape(name, c, List.of("k"), true, false, "", "", "");
            case 4:
                add(c, "a", "", Kind.ANY, "k2", "INT", Kind.INT, "k1", "TEXT", Kind.TEXT, "b", "TEXT", Kind.ANY);
                return new TableShape(name, c, List.of("k1", "k2"), true, false, ", PRIMARY KEY(k1, k2)", "", "");
            case 5:
                add(c, "k", "TEXT COLLATE NOCASE PRIMARY KEY", Kind.TEXT, "a", "", Kind.ANY, "b", "REAL", Kind.REAL);
                return new TableShape(name, c, List.of("k"), false, false, "", " WITHOUT ROWID", "");
            case 6:
                add(
                        c,
                        "a",
                        "",
                        Kind.ANY,
                        "k1",
                        "TEXT COLLATE RTRIM",
                        Kind.TEXT,
                        "k2",
                        "INT",
                        Kind.INT,
                        "b",
                        "",
                        Kind.ANY);
                return new TableShape(
                        name, c, List.of("k1", "k2"), false, false, ", PRIMARY KEY(k1, k2 DESC)", " WITHOUT ROWID", "");
            case 7:
                add(c, "a", "TEXT", Kind.TEXT, "b", "REAL", Kind.REAL, "k", "", Kind.ANY, "c", "", Kind.ANY);
                return new TableShape(
                        name,
                        c,
                        List.of("k", "a"),
                        false,
                        false,
                        ", PRIMARY KEY(k, a DESC, k)",
                        " WITHOUT ROWID",
                        "(b)");
            case 8:
                add(c, "a", "", Kind.ANY, "b", "TEXT", Kind.TEXT, "c", "INT", Kind.INT);
                return new TableShape(name, c, List.of(), true, false, "", "", "");
            case 9:
                add(c, "a", "", Kind.ANY, "b", "TEXT", Kind.TEXT);
                return new TableShape(name, c, List.of(), true, false, "", "", "(b)");
            case 10:
                add(c, "id", "INTEGER PRIMARY KEY", Kind.INT, "a", "INT", Kind.INT);
                c.add(new Field("s", "INT GENERATED ALWAYS AS (a * 2) STORED", Kind.INT, true));
                c.add(new Field("v", "TEXT GENERATED ALWAYS AS (a || 'v') VIRTUAL", Kind.TEXT, true));
                add(c, "b", "TEXT", Kind.TEXT);
                return new TableShape(name, c, List.of("id"), true, true, "", "", "(s)");
            case 11:
                add(
                        c,
                        "id",
                        "INTEGER PRIMARY KEY",
                        Kind.INT,
                        "i",
                        "INT",
                        Kind.INT,
                        "r",
                        "REAL",
                        Kind.REAL,
                        "t",
                        "TEXT",
                        Kind.TEXT,
                        "b",
                        "BLOB",
                        Kind.BLOB,
                        "x",
                        "ANY",
                        Kind.ANY);
                return new TableShape(name, c, List.of("id"), true, true, "", " STRICT", "");
            case 12:
                add(c, "id", "INTEGER PRIMARY KEY", Kind.INT);
                for (int i = 0; i < 150; i++) {
                    c.add(new Field(
                            "w" + i,
                            i % 3 == 0 ? "INT" : i % 3 == 1 ? "REAL" : "",
                            i % 7 == 0 ? Kind.TEXT : Kind.ANY,
                            false));
                }
                return new TableShape(name, c, List.of("id"), true, true, "", "", "");
            case 13:
                add(
                        c,
                        "id",
                        "INTEGER PRIMARY KEY",
                        Kind.INT,
                        "a",
                        "BLOB",
                        Kind.BIG,
                        "b",
                        "TEXT",
                        Kind.BIG,
                        "c",
                        "",
                        Kind.ANY);
                return new TableShape(name, c, List.of("id"), true, true, "", "", "");
            case 14:
                add(c, "a", "TEXT UNIQUE", Kind.TEXT, "b", "", Kind.ANY);
                return new TableShape(name, c, List.of(), true, false, "", "", "");
            case 15:
                add(
                        c,
                        "i",
                        "BIGINT",
                        Kind.ANY,
                        "r",
                        "DOUBLE",
                        Kind.ANY,
                        "n",
                        "DECIMAL(10,2)",
                        Kind.ANY,
                        "b",
                        "BLOB",
                        Kind.ANY,
                        "t",
                        "CLOB",
                        Kind.ANY,
                        "p",
                        "FLOATING POINT",
                        Kind.ANY,
                        "k",
                        "INT PRIMARY KEY",
                        Kind.INT);
                return new TableShape(name, c, List.of("k"), true, false, "", "", "");
            case 16:
                add(c, "a", "", Kind.BIG, "k", "", Kind.BIG, "b", "INT", Kind.INT);
                return new TableShape(name, c, List.of("k"), false, false, ", PRIMARY KEY(k)", " WITHOUT ROWID", "");
            case 17:
                add(c, "k", "REAL", Kind.REAL, "l", "NUMERIC", Kind.ANY, "a", "TEXT", Kind.TEXT);
                return new TableShape(
                        name, c, List.of("k", "l"), false, false, ", PRIMARY KEY(k DESC, l)", " WITHOUT ROWID", "");
            case 18:
                add(c, "k", "TEXT", Kind.TEXT, "a", "ANY", Kind.ANY);
                c.add(new Field("g", "TEXT AS (upper(k)) STORED", Kind.TEXT, true));
                add(c, "n", "INTEGER", Kind.INT);
                return new TableShape(
                        name, c, List.of("k"), false, false, ", PRIMARY KEY(k)", " STRICT, WITHOUT ROWID", "");
            case 19:
                // A collation that only one of the writers has: the others fail, as does whoever wants to compare keys.
                add(c, "a", "", Kind.ANY, "k", "TEXT COLLATE mine", Kind.WORD, "b", "INT", Kind.INT);
                return new TableShape(
                        name, c, List.of("k", "b"), false, false, ", PRIMARY KEY(k, b)", " WITHOUT ROWID", "");
            default:
                add(
                        c,
                        "k",
                        "TEXT COLLATE NOCASE",
                        Kind.TEXT,
                        "n",
                        "INT DEFAULT " + random.nextInt(9),
                        Kind.INT,
                        "a",
                        "REAL DEFAULT 3",
                        Kind.REAL,
                        "z",
                        "TEXT DEFAULT 'd'",
                        Kind.BIG);
                return new TableShape(name, c, List.of("k", "n"), true, false, ", PRIMARY KEY(k, n)", "", "(z, a)");
        }
    }

    private static void add(List<Field> columns, Object... triples) {
        for (int i = 0; i < triples.length; i += 3) {
            columns.add(new Field((String) triples[i], (String) triples[i + 1], (Kind) triples[i + 2], false));
        }
    }

    TableShape named(String newName) {
        return new TableShape(newName, columns, key, rowid, alias, suffix, options, afterwards);
    }

    TableShape with(List<Field> newColumns) {
        return new TableShape(name, newColumns, key, rowid, alias, suffix, options, afterwards);
    }

    String create() {
        var text = new StringBuilder("CREATE TABLE ").append(q(name)).append('(');
        String comma = "";
        for (Field column : columns) {
            text.append(comma).append(q(column.name)).append(' ').append(column.declaration);
            comma = ", ";
        }
        return text.append(suffix).append(')').append(options).toString();
    }

    List<Field> writable() {
        return columns.stream().filter(column -> !column.generated).toList();
    }

    /** What names a row in a WHERE clause: rowid, or the key's columns. */
    String rowName() {
        if (rowid) {
            return "rowid";
        }
        return "(" + String.join(", ", key.stream().map(TableShape::q).toList()) + ")";
    }

    String rowNameBare() {
        return rowid
                ? "rowid"
                : String.join(", ", key.stream().map(TableShape::q).toList());
    }

    static String q(String name) {
        return WriterProcess.quoted(name);
    }
}
