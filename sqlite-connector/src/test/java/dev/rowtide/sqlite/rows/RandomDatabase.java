package dev.rowtide.sqlite.rows;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Statements of a random life: tables of many shapes, rows of all kinds, and everything that moves pages. Depends on its seed only. */
final class RandomDatabase {
    private static final String[] SHAPES = {
        "(id INTEGER PRIMARY KEY, a, b TEXT, c BLOB)",
        "(k TEXT PRIMARY KEY, a, b REAL, c)",
        "(a INT, b TEXT COLLATE NOCASE, c, PRIMARY KEY(b DESC, a)) WITHOUT ROWID",
        "(a, b, c)",
        "(k TEXT COLLATE RTRIM PRIMARY KEY, a REAL, b BLOB) WITHOUT ROWID",
        "(k INTEGER PRIMARY KEY DESC, a, b)",
        "(a, b, c, PRIMARY KEY(a, b))",
        "(k INT NOT NULL PRIMARY KEY, a ANY, b REAL, c BLOB) STRICT",
        "(k INTEGER PRIMARY KEY, a, g AS (a || 'x') STORED, v AS (a || 'y') VIRTUAL, b)",
        "(a TEXT COLLATE BACKWARDS PRIMARY KEY, b, c) WITHOUT ROWID",
        "(k REAL PRIMARY KEY, a, b)",
        "(k INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT UNIQUE, b INT, c BLOB)",
        "(a INT, b NUMERIC, c REAL, PRIMARY KEY(c DESC, a)) WITHOUT ROWID",
        "(k BLOB PRIMARY KEY, a) WITHOUT ROWID",
        "(a TEXT COLLATE NOCASE PRIMARY KEY, b)",
    };

    private static final class Table {
        String name;
        final List<String> columns = new ArrayList<>();
        boolean withoutRowid;
    }

    private final Random random;
    private final Trial trial;
    private final List<Table> tables = new ArrayList<>();
    private final int maxBlob;
    private int names;

    RandomDatabase(Random random, Trial trial, int pageSize) {
        this.random = random;
        this.trial = trial;
        this.maxBlob = 3 * pageSize;
    }

    static String[] pragmas(Random random) {
        int[] sizes = {512, 512, 512, 1024, 1024, 4096, 8192, 65536};
        int[] vacuums = {0, 0, 1, 2};
        String[] encodings = {"UTF-8", "UTF-8", "UTF-16le", "UTF-16be"};
        return new String[] {
            "PRAGMA page_size=" + sizes[random.nextInt(sizes.length)],
            "PRAGMA auto_vacuum=" + vacuums[random.nextInt(vacuums.length)],
            "PRAGMA encoding='" + encodings[random.nextInt(encodings.length)] + "'",
            "PRAGMA secure_delete=" + random.nextInt(2)
        };
    }

    /** One transaction, a rolled back one, or something that is a transaction by itself. */
    void step() throws SQLException {
        int kind = random.nextInt(30);
        if (kind == 0) {
            attempt("VACUUM");
        } else if (kind == 1) {
            attempt("PRAGMA incremental_vacuum(" + (1 + random.nextInt(20)) + ")");
        } else if (kind == 2) {
            attempt("ANALYZE");
        } else if (kind == 3 && !tables.isEmpty()) {
            // As many programs do it: build a new one in one transaction, put it in place in another.
            Table old = any();
            String name = "new_" + names++;
            attempt("CREATE TABLE " + name + " AS SELECT * FROM " + old.name);
            attempt("BEGIN");
            attempt("DROP TABLE " + old.name);
            attempt("ALTER TABLE " + name + " RENAME TO " + old.name);
            attempt("COMMIT");
            old.withoutRowid = false;
            reread(old);
        } else {
            attempt("BEGIN");
            int statements = 1 + random.nextInt(random.nextInt(8) == 0 ? 30 : 4);
            for (int i = 0; i < statements; i++) {
                statement();
            }
            boolean keep = random.nextInt(12) != 0;
            attempt(keep ? "COMMIT" : "ROLLBACK");
            if (!keep) {
                rereadAll();
            }
        }
    }

    private void statement() throws SQLException {
        int kind = random.nextInt(100);
        if (tables.size() < 2 || (kind < 4 && tables.size() < 8)) {
            create();
        } else if (kind < 7) {
            define();
        } else if (kind < 11) {
            attempt("SAVEPOINT s");
            change(any());
            change(any());
            attempt("ROLLBACK TO s");
            attempt("RELEASE s");
        } else {
            change(any());
        }
    }

    private void create() throws SQLException {
        create("t" + names++, SHAPES[random.nextInt(SHAPES.length)]);
    }

    private void create(String name, String shape) throws SQLException {
        Table table = new Table();
        table.name = name;
        table.withoutRowid = shape.endsWith("WITHOUT ROWID");
        if (attempt("CREATE TABLE " + name + shape)) {
            tables.add(table);
            reread(table);
            if (random.nextInt(3) == 0) {
                attempt("CREATE INDEX i" + names++ + " ON " + name + "(" + pick(table) + ")");
            }
        }
    }

    private void define() throws SQLException {
        Table table = any();
        switch (random.nextInt(9)) {
            case 0 -> {
                attempt("DROP TABLE " + table.name);
                rereadAll();
            }
            case 1 -> {
                String name = random.nextInt(4) == 0 ? table.name.toUpperCase(java.util.Locale.ROOT) : "t" + names++;
                if (attempt("ALTER TABLE " + table.name + " RENAME TO " + name)) {
                    table.name = name;
                }
            }
            case 2 -> attempt("ALTER TABLE " + table.name + " RENAME COLUMN " + pick(table) + " TO r" + names++);
            case 3 -> attempt("ALTER TABLE " + table.name + " DROP COLUMN " + pick(table));
            case 4 -> {
                String[] types = {
                    "", "", "TEXT DEFAULT 12", "REAL DEFAULT 5", "INT DEFAULT '7'", "NOT NULL DEFAULT x'00'"
                };
                attempt("ALTER TABLE " + table.name + " ADD COLUMN n" + names++ + " "
                        + types[random.nextInt(types.length)]);
            }
            case 5 -> {
                attempt("DROP TABLE " + table.name);
                tables.remove(table);
                create(table.name, SHAPES[random.nextInt(SHAPES.length)]);
            }
            case 6 -> rebuild(table);
            case 7 -> {
                Table copy = new Table();
                copy.name = "c" + names++;
                if (attempt("CREATE TABLE " + copy.name + " AS SELECT * FROM " + table.name)) {
                    tables.add(copy);
                }
            }
            default -> attempt("CREATE INDEX i" + names++ + " ON " + table.name + "(" + pick(table) + ")");
        }
        rereadAll();
    }

    /** The steps of SQLite's documentation for changes that ALTER TABLE cannot do. */
    private void rebuild(Table table) throws SQLException {
        String[] shapes = {
            "(id INTEGER PRIMARY KEY, %s)",
            "(%s, extra DEFAULT 3)",
            "(%s)",
            "(%s, PRIMARY KEY(%s)) WITHOUT ROWID",
            "(%s, PRIMARY KEY(%s))"
        };
        String shape = shapes[random.nextInt(shapes.length)];
        List<String> kept = new ArrayList<>(table.columns);
        kept.remove("id");
        if (kept.isEmpty()) {
            return;
        }
        String columns = String.join(", ", kept);
        String name = "temp_" + names++;
        if (attempt("CREATE TABLE " + name + String.format(shape, columns, kept.get(0)))) {
            attempt("INSERT OR IGNORE INTO " + name + "(" + columns + ") SELECT " + columns + " FROM " + table.name
                    + (random.nextBoolean() ? " ORDER BY " + kept.get(0) : ""));
            attempt("DROP TABLE " + table.name);
            attempt("ALTER TABLE " + name + " RENAME TO " + table.name);
            table.withoutRowid = shape.endsWith("WITHOUT ROWID");
        }
    }

    private void change(Table table) throws SQLException {
        if (table.columns.isEmpty()) {
            return;
        }
        String column = pick(table);
        String name = table.name;
        String columns = String.join(", ", table.columns);
        String some = " WHERE " + (table.withoutRowid ? table.columns.get(0) : "rowid") + " IN (SELECT "
                + (table.withoutRowid ? table.columns.get(0) : "rowid") + " FROM " + name + " ORDER BY 1 LIMIT "
                + (1 + random.nextInt(random.nextInt(5) == 0 ? 40 : 3)) + " OFFSET " + random.nextInt(40) + ")";
        switch (random.nextInt(16)) {
            case 0, 1, 2 ->
                attempt("INSERT OR " + conflict() + " INTO " + name + "(" + columns + ") VALUES" + row(table));
            case 3 -> {
                StringBuilder rows = new StringBuilder(row(table));
                for (int i = random.nextInt(60); i > 0; i--) {
                    rows.append(", ").append(row(table));
                }
                attempt("INSERT OR " + conflict() + " INTO " + name + "(" + columns + ") VALUES" + rows);
            }
            case 4, 5, 6 -> attempt("UPDATE OR " + conflict() + " " + name + " SET " + column + "=" + value() + some);
            case 7 -> attempt("UPDATE " + name + " SET " + column + "=" + column + some);
            case 8, 9 -> attempt("DELETE FROM " + name + some);
            case 10 -> {
                if (random.nextInt(4) == 0) {
                    attempt("DELETE FROM " + name);
                }
            }
            case 11 -> attempt("REPLACE INTO " + name + "(" + columns + ") SELECT " + columns + " FROM " + name + some);
            case 12 ->
                attempt("INSERT INTO " + name + "(" + columns + ") VALUES" + row(table) + " ON CONFLICT DO UPDATE SET "
                        + column + "=excluded." + column);
            case 13 ->
                attempt("UPDATE " + name + " SET " + column + "=CAST(substr(" + column + ", 1, length(" + column
                        + ")-1) || x'" + hex(1) + "' AS BLOB) WHERE typeof(" + column + ")='blob' AND length(" + column
                        + ")>300");
            case 14 -> {
                if (!table.withoutRowid) {
                    attempt("UPDATE OR " + conflict() + " " + name + " SET rowid=rowid+" + random.nextInt(3) + some);
                }
            }
            default -> {
                // Two rows change places.
                String to = "(SELECT max(" + column + ")||min(" + column + ") FROM " + name + ")";
                attempt("UPDATE OR IGNORE " + name + " SET " + column + "=" + to + some);
            }
        }
    }

    private String conflict() {
        return new String[] {"REPLACE", "REPLACE", "IGNORE", "ABORT", "FAIL"}[random.nextInt(5)];
    }

    private String row(Table table) {
        StringBuilder row = new StringBuilder("(");
        for (int i = 0; i < table.columns.size(); i++) {
            row.append(i == 0 ? "" : ", ").append(value());
        }
        return row.append(')').toString();
    }

    private String value() {
        return switch (random.nextInt(16)) {
            case 0 -> "NULL";
            case 1, 2, 3 -> Integer.toString(random.nextInt(60) - 5);
            case 4 -> Long.toString(random.nextLong() >> random.nextInt(60));
            case 5 -> random.nextInt(20) + ".0";
            case 6 -> Double.toString(random.nextGaussian() * 100);
            case 7 ->
                new String[] {"-0.0", "1e300", "9e999", "-1e999", "0.1", "'5'", "'5.0'", "9007199254740993"}
                        [random.nextInt(8)];
            case 8, 9, 10 -> "'" + word() + "'";
            case 11 -> "CAST(x'" + hex(random.nextInt(10)) + "' AS TEXT)";
            case 12 -> "x'" + hex(random.nextInt(10)) + "'";
            case 13 -> "x'" + hex(random.nextInt(300)) + "'";
            case 14 ->
                "CAST(x'" + hex(64) + "' || zeroblob(" + random.nextInt(maxBlob) + ") || x'" + hex(4) + "' AS BLOB)";
            default -> "printf('%." + random.nextInt(300) + "c', 'q') || '" + word() + "'";
        };
    }

    private String word() {
        String[] words = {
            "a", "A", "b", "B ", "b", "b  ", "ab", "Ab", "c", "", "\u00e4", "\u00c4", "\ud83d\ude00", "z", "Z"
        };
        return words[random.nextInt(words.length)] + words[random.nextInt(words.length)];
    }

    private String hex(int bytes) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < bytes; i++) {
            hex.append(String.format("%02x", random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(256)));
        }
        return hex.toString();
    }

    private Table any() {
        return tables.get(random.nextInt(tables.size()));
    }

    private String pick(Table table) {
        return table.columns.isEmpty() ? "x" : table.columns.get(random.nextInt(table.columns.size()));
    }

    private void rereadAll() throws SQLException {
        for (Table table : List.copyOf(tables)) {
            reread(table);
        }
    }

    private void reread(Table table) throws SQLException {
        table.columns.clear();
        table.columns.addAll(trial.column("SELECT name FROM pragma_table_info('" + table.name + "')"));
        if (table.columns.isEmpty()) {
            tables.remove(table);
        } else {
            table.withoutRowid = trial.column("SELECT wr FROM pragma_table_list('" + table.name + "')")
                    .contains("1");
        }
    }

    /** What a constraint forbids did not happen. */
    private boolean attempt(String sql) {
        try {
            trial.run(sql);
            return true;
        } catch (SQLException e) {
            if (Boolean.getBoolean("differ.trace")) {
                System.out.println("refused: " + sql + ": " + e.getMessage());
            }
            return false;
        }
    }
}
