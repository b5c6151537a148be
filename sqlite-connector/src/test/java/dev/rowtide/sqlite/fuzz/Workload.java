package dev.rowtide.sqlite.fuzz;

import static dev.rowtide.sqlite.fuzz.TableShape.q;

import dev.rowtide.sqlite.fuzz.Literals.Kind;
import dev.rowtide.sqlite.fuzz.TableShape.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the users do to the database, as a function of a seed and of what their statements achieved, of nothing else: no clock, no process id, no SQL {@code random()}.
 */
final class Workload {
    /** Counts each writer's transactions. */
    static final String MARKER = "marker";

    /** Where statements go. */
    interface Session {
        /** @return whether the statement succeeded */
        boolean exec(int writer, String sql);

        /** Called when something may have been committed. */
        void committed(String what);

        /** Overwrites part of a value in place, where a writer can do that. */
        void blob(String table, String column, int nth, int offset, String hex);
    }

    private final Random random;
    private final Literals literals;
    private final Session session;
    private TreeMap<String, TableShape> tables = new TreeMap<>();
    private int names;
    private final int maxTables;

    Workload(Random random, boolean utf16, Session session, int maxTables) {
        this.random = random;
        this.session = session;
        this.maxTables = maxTables;
        literals = new Literals(random, utf16);
    }

    void begin(int writer, int tableCount, int writers) {
        session.exec(writer, "CREATE TABLE marker(id INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
        for (int i = 0; i < writers; i++) {
            session.exec(writer, "INSERT INTO marker VALUES(" + i + ", 0)");
        }
        for (int i = 0; i < tableCount; i++) {
            create(writer);
        }
        for (int i = 0; i < tableCount; i++) {
            insertMany(writer, any());
        }
    }

    /** One transaction, or one statement outside of any. */
    void transaction(int writer) {
        if (random.nextInt(5) == 0) {
            statement(writer);
            session.committed("a statement of its own");
            return;
        }
        session.exec(writer, random.nextBoolean() ? "BEGIN" : "BEGIN IMMEDIATE");
        TreeMap<String, TableShape> before = new TreeMap<>(tables);
        boolean markFirst = random.nextBoolean();
        if (markFirst) {
            mark(writer);
        }
        body(writer, 1 + random.nextInt(random.nextInt(4) == 0 ? 12 : 4), 0);
        if (!markFirst) {
            mark(writer);
        }
        if (random.nextInt(10) == 0) {
            session.exec(writer, "ROLLBACK");
            tables = before;
        } else if (!session.exec(writer, "COMMIT")) {
            tables = before;
        }
        session.committed("a transaction");
    }

    /** A transaction that spills its cache into the log, and takes a part of it back. */
    void spill(int writer) {
        session.exec(writer, "PRAGMA cache_size=5");
        session.exec(writer, "BEGIN IMMEDIATE");
        TreeMap<String, TableShape> before = new TreeMap<>(tables);
        mark(writer);
        for (int i = 0; i < 3; i++) {
            insertMany(writer, any());
            session.exec(writer, "SAVEPOINT spill");
            insertMany(writer, any());
            change(any()).forEach(sql -> session.exec(writer, sql));
            if (random.nextInt(3) > 0) {
                session.exec(writer, "ROLLBACK TO spill");
            }
            session.exec(writer, "RELEASE spill");
            change(any()).forEach(sql -> session.exec(writer, sql));
        }
        if (!session.exec(writer, random.nextInt(8) == 0 ? "ROLLBACK" : "COMMIT")) {
            tables = before;
        }
        session.committed("a transaction that spilled");
    }

    /** Tens of megabytes in one transaction, and gone in the next. */
    void large(int writer) {
        session.exec(writer, "CREATE TABLE IF NOT EXISTS large(id INTEGER PRIMARY KEY, a)");
        session.exec(
                writer,
                "INSERT OR REPLACE INTO large WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT "
                        + (100 + random.nextInt(300)) + ") SELECT i, zeroblob(" + (10_000 + random.nextInt(50_000))
                        + ") FROM n");
        session.exec(writer, "UPDATE large SET a = a || 'x' WHERE id % 10 = " + random.nextInt(10));
        session.exec(writer, random.nextBoolean() ? "DELETE FROM large" : "DROP TABLE large");
    }

    /** A transaction over two databases: ours is one of them. */
    void attached(int writer, String other) {
        session.exec(writer, "ATTACH '" + other + "' AS other");
        session.exec(writer, "CREATE TABLE IF NOT EXISTS other.o(x)");
        session.exec(writer, "BEGIN");
        session.exec(writer, "INSERT INTO other.o VALUES(" + random.nextInt(100) + ")");
        mark(writer);
        change(any()).forEach(sql -> session.exec(writer, sql));
        session.exec(writer, "COMMIT");
        session.exec(writer, "DETACH other");
    }

    /** The beginning of a transaction that nobody will end. */
    void unfinished(int writer) {
        TreeMap<String, TableShape> before = new TreeMap<>(tables);
        session.exec(writer, "PRAGMA cache_size=5");
        session.exec(writer, "BEGIN IMMEDIATE");
        mark(writer);
        body(writer, 2 + random.nextInt(5), 0);
        tables = before;
    }

    /** Statements for a transaction whose end is not waited for: no schema changes. */
    List<String> rowsOnly(int writer) {
        var statements = new ArrayList<String>(List.of("BEGIN IMMEDIATE", marked(writer)));
        for (int i = 0; i < 3; i++) {
            statements.addAll(change(any()));
        }
        statements.add("COMMIT");
        return statements;
    }

    /** Many short transactions of one writer, to be run beside another's. */
    List<String> burst(int writer, int count) {
        var statements = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            statements.add("BEGIN IMMEDIATE");
            statements.add(marked(writer));
            statements.addAll(change(any()));
            statements.add("COMMIT");
        }
        return statements;
    }

    private void body(int writer, int count, int depth) {
        for (int i = 0; i < count; i++) {
            if (depth < 2 && random.nextInt(7) == 0) {
                TreeMap<String, TableShape> before = new TreeMap<>(tables);
                session.exec(writer, "SAVEPOINT s" + depth);
                body(writer, 1 + random.nextInt(3), depth + 1);
                if (random.nextBoolean()) {
                    session.exec(writer, "ROLLBACK TO s" + depth);
                    tables = before;
                    if (random.nextBoolean()) {
                        body(writer, 1, depth + 1);
                    }
                }
                session.exec(writer, "RELEASE s" + depth);
            } else {
                statement(writer);
            }
        }
    }

    private void mark(int writer) {
        session.exec(writer, marked(writer));
    }

    private static String marked(int writer) {
        return "UPDATE marker SET n=n+1 WHERE id=" + writer;
    }

    private TableShape any() {
        if (tables.isEmpty()) {
            return null;
        }
        return tables.values().stream()
                .skip(random.nextInt(tables.size()))
                .findFirst()
                .orElseThrow();
    }

    private void statement(int writer) {
        if (tables.isEmpty() || (tables.size() < maxTables && random.nextInt(25) == 0)) {
            create(writer);
            return;
        }
        TableShape table = any();
        if (random.nextInt(12) == 0) {
            schemaChange(writer, table);
            return;
        }
        if (random.nextInt(15) == 0) {
            insertMany(writer, table);
            return;
        }
        change(table).forEach(sql -> session.exec(writer, sql));
    }

    private void create(int writer) {
        String name = "t" + names++;
        if (random.nextInt(5) == 0) {
            name += " é";
        }
        TableShape shape = TableShape.of(random.nextInt(TableShape.KINDS), name, random);
        createAs(writer, shape);
    }

    private boolean createAs(int writer, TableShape shape) {
        boolean created = session.exec(writer, shape.create());
        if (created) {
            tables.put(shape.name(), shape);
            if (!shape.afterwards().isEmpty()) {
                session.exec(
                        writer, "CREATE INDEX " + q("i" + names++) + " ON " + q(shape.name()) + shape.afterwards());
            }
        }
        return created;
    }

    /** Row changes, each a statement or two. */
    private List<String> change(TableShape table) {
        if (table == null) {
            return List.of();
        }
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 ->
                List.of(insert(table, random.nextInt(4) == 0 ? "OR REPLACE " : "", 1 + random.nextInt(4)));
            case 5 -> List.of(insert(table, "OR IGNORE ", 1 + random.nextInt(20)));
            case 6, 7, 8, 9, 10 -> List.of(update(table, 1 + random.nextInt(3)));
            case 11 -> List.of(update(table, 1 + random.nextInt(100)));
            case 12, 13 -> List.of("DELETE FROM " + q(table.name()) + " WHERE " + some(table, 1 + random.nextInt(4)));
            case 14 ->
                List.of(
                        random.nextInt(4) == 0
                                ? "DELETE FROM " + q(table.name())
                                : "DELETE FROM " + q(table.name()) + " WHERE " + some(table, random.nextInt(60)));
            case 15 -> List.of(upsert(table));
            case 16 -> keyChange(table);
            case 17 ->
                List.of("UPDATE " + q(table.name()) + " SET " + assignmentToItself(table) + " WHERE " + some(table, 5));
            case 18 -> List.of(replaceSelf(table));
            default -> List.of(insert(table, "OR REPLACE ", 1 + random.nextInt(10)));
        };
    }

    private String insert(TableShape table, String or, int rows) {
        List<Field> columns = table.writable();
        boolean leaveOutId = table.alias() && or.isEmpty() && random.nextBoolean();
        if (leaveOutId) {
            columns = columns.subList(1, columns.size());
        }
        List<Field> used = columns;
        var values = new ArrayList<String>();
        for (int i = 0; i < rows; i++) {
            values.add(used.stream()
                    .map(column -> table.key().contains(column.name())
                            ? literals.key(column.kind())
                            : literals.nullable(column.kind()))
                    .collect(Collectors.joining(", ", "(", ")")));
        }
        return "INSERT " + or + "INTO " + q(table.name()) + names(used) + " VALUES " + String.join(", ", values);
    }

    private static String names(List<Field> columns) {
        return columns.stream().map(column -> q(column.name())).collect(Collectors.joining(", ", "(", ")"));
    }

    /** Hundreds of rows at once, so that trees grow a level. */
    private void insertMany(int writer, TableShape table) {
        if (table == null) {
            return;
        }
        int count = 20 + random.nextInt(150);
        String rows = "WITH RECURSIVE n(i) AS (SELECT " + random.nextInt(1000) + " UNION ALL SELECT i+1 FROM n LIMIT "
                + count + ") ";
        String values = table.writable().stream()
                .map(column -> switch (column.kind()) {
                    case INT -> "i * " + (1 + random.nextInt(3));
                    case REAL -> "i / 4.0";
                    case TEXT, WORD -> "'k' || i";
                    case BLOB -> "CAST('b' || i AS BLOB)";
                    case BIG -> "substr(replace(hex(zeroblob(i % 900)), '0', i), 1, i % 5000) || i";
                    case ANY ->
                        "CASE i % 4 WHEN 0 THEN i WHEN 1 THEN 'x' || i WHEN 2 THEN i / 8.0 ELSE CAST(i AS BLOB) END";
                })
                .collect(Collectors.joining(", "));
        session.exec(
                writer,
                "INSERT OR IGNORE INTO " + q(table.name()) + names(table.writable()) + " " + rows + "SELECT " + values
                        + " FROM n");
    }

    /** A condition that holds for {@code count} rows at most, wherever a seed lands. */
    private String some(TableShape table, int count) {
        String bare = table.rowNameBare();
        return table.rowName() + " IN (SELECT " + bare + " FROM " + q(table.name()) + " ORDER BY " + bare + " LIMIT "
                + count + " OFFSET " + random.nextInt(10_000) + " % max(1, (SELECT count(*) FROM " + q(table.name())
                + ")))";
    }

    private String update(TableShape table, int count) {
        List<Field> columns = new ArrayList<>(table.writable());
        columns.removeIf(column -> table.key().contains(column.name()));
        if (columns.isEmpty()) {
            return "DELETE FROM " + q(table.name()) + " WHERE " + some(table, 1);
        }
        var sets = new ArrayList<String>();
        int sum = 1 + random.nextInt(Math.min(3, columns.size()));
        for (int i = 0; i < sum; i++) {
            Field column = columns.remove(random.nextInt(columns.size()));
            sets.add(q(column.name()) + " = " + literals.nullable(column.kind()));
        }
        return "UPDATE OR IGNORE " + q(table.name()) + " SET " + String.join(", ", sets) + " WHERE "
                + some(table, count);
    }

    private String assignmentToItself(TableShape table) {
        List<Field> columns = table.writable();
        Field column = columns.get(random.nextInt(columns.size()));
        return q(column.name()) + " = " + q(column.name());
    }

    private String upsert(TableShape table) {
        if (table.key().isEmpty()) {
            return insert(table, "", 1);
        }
        List<Field> rest = new ArrayList<>(table.writable());
        rest.removeIf(column -> table.key().contains(column.name()));
        String conflict = table.key().stream().map(TableShape::q).collect(Collectors.joining(", ", "(", ")"));
        if (rest.isEmpty()) {
            return insert(table, "", 1) + " ON CONFLICT" + conflict + " DO NOTHING";
        }
        Field column = rest.get(random.nextInt(rest.size()));
        return insert(table, "", 2) + " ON CONFLICT" + conflict + " DO UPDATE SET " + q(column.name()) + " = excluded."
                + q(column.name());
    }

    /** Keys move and change places: in the end the same keys are there, under other rows. */
    private List<String> keyChange(TableShape table) {
        if (table.key().isEmpty()) {
            return List.of("UPDATE OR REPLACE " + q(table.name()) + " SET rowid = rowid + " + (1 + random.nextInt(5))
                    + " WHERE " + some(table, 1 + random.nextInt(10)));
        }
        String column = table.key().get(random.nextInt(table.key().size()));
        Kind kind = table.columns().stream()
                .filter(candidate -> candidate.name().equals(column))
                .findFirst()
                .orElseThrow()
                .kind();
        String name = q(table.name());
        String k = q(column);
        return switch (random.nextInt(4)) {
            case 0 ->
                List.of("UPDATE OR REPLACE " + name + " SET " + k + " = " + literals.key(kind) + " WHERE "
                        + some(table, 1));
            case 1 ->
                kind == Kind.INT
                        ? List.of("UPDATE OR IGNORE " + name + " SET " + k + " = " + k + " + " + (random.nextInt(9) - 4)
                                + " WHERE " + some(table, 20))
                        : List.of("UPDATE OR IGNORE " + name + " SET " + k + " = lower(" + k + ") WHERE "
                                + some(table, 20));
            case 2 ->
                kind == Kind.INT
                        // Two neighbours change places by way of a third.
                        ? List.of(
                                "UPDATE OR IGNORE " + name + " SET " + k + " = -123456 WHERE " + some(table, 1),
                                "UPDATE OR IGNORE " + name + " SET " + k + " = (SELECT max(" + k + ") FROM " + name
                                        + " WHERE " + k + " < 200) WHERE " + k + " = -123456")
                        : List.of("UPDATE OR IGNORE " + name + " SET " + k + " = upper(" + k + ") WHERE "
                                + some(table, 20));
            default ->
                table.rowid() && !table.alias()
                        // The declared keys stay, the rowids under them move.
                        ? List.of("UPDATE OR IGNORE " + name + " SET rowid = rowid + " + (1 + random.nextInt(3))
                                + " WHERE " + some(table, 5))
                        : List.of("UPDATE OR REPLACE " + name + " SET " + k + " = " + literals.key(kind) + " WHERE "
                                + some(table, 2));
        };
    }

    private String replaceSelf(TableShape table) {
        String columns =
                table.writable().stream().map(column -> q(column.name())).collect(Collectors.joining(", "));
        return "INSERT OR REPLACE INTO " + q(table.name()) + "(" + columns + ") SELECT " + columns + " FROM "
                + q(table.name()) + " WHERE " + some(table, 1 + random.nextInt(10));
    }

    private void schemaChange(int writer, TableShape table) {
        String name = q(table.name());
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> addColumn(writer, table);
            case 3 -> renameColumn(writer, table);
            case 4, 5 -> dropColumn(writer, table);
            case 6 -> {
                String to = "t" + names++ + (random.nextInt(4) == 0 ? "R" : "");
                if (session.exec(writer, "ALTER TABLE " + name + " RENAME TO " + q(to))) {
                    tables.remove(table.name());
                    tables.put(to, table.named(to));
                }
            }
            case 7 -> {
                if (session.exec(writer, "DROP TABLE " + name)) {
                    tables.remove(table.name());
                }
            }
            case 8 -> {
                // The same name again, under another definition.
                if (session.exec(writer, "DROP TABLE " + name)) {
                    tables.remove(table.name());
                    TableShape next = TableShape.of(random.nextInt(TableShape.KINDS), table.name(), random);
                    if (createAs(writer, next)) {
                        insertMany(writer, next);
                    }
                }
            }
            case 9 -> {
                String to = "t" + names++ + "as";
                if (session.exec(writer, "CREATE TABLE " + q(to) + " AS SELECT * FROM " + name)) {
                    List<Field> columns = table.columns().stream()
                            .map(column -> new Field(column.name(), "", column.kind(), false))
                            .toList();
                    tables.put(to, new TableShape(to, columns, List.of(), true, false, "", "", ""));
                }
            }
            case 10 -> rebuild(writer, table);
            case 11 -> {
                Field column =
                        table.columns().get(random.nextInt(table.columns().size()));
                session.exec(writer, "CREATE INDEX " + q("i" + names++) + " ON " + name + "(" + q(column.name()) + ")");
            }
            case 12 -> session.exec(writer, "DROP INDEX IF EXISTS " + q("i" + random.nextInt(names + 1)));
            default -> {
                switch (random.nextInt(5)) {
                    case 0 -> session.exec(writer, "ANALYZE");
                    case 1 -> session.exec(writer, "REINDEX " + name);
                    case 2 -> session.exec(writer, "CREATE VIEW IF NOT EXISTS v AS SELECT 1 AS one");
                    case 3 -> {
                        session.exec(writer, "CREATE VIRTUAL TABLE IF NOT EXISTS f USING fts5(x)");
                        session.exec(writer, "INSERT INTO f VALUES('some words " + random.nextInt(100) + "')");
                    }
                    default -> session.exec(writer, "PRAGMA user_version=" + random.nextInt(1000));
                }
            }
        }
    }

    private void addColumn(int writer, TableShape table) {
        String name = "n" + names++;
        String[] declarations = {
            "",
            "INT",
            "TEXT DEFAULT 7",
            "REAL DEFAULT 3",
            "DEFAULT 5",
            "INT DEFAULT '12'",
            "TEXT NOT NULL DEFAULT 'x'",
            "NUMERIC DEFAULT '1.50'",
            "BLOB DEFAULT x'00ff'",
            "REAL DEFAULT -2",
            "DEFAULT (-1)",
            "TEXT DEFAULT NULL",
            "INT DEFAULT TRUE",
            "REAL DEFAULT '4'"
        };
        boolean strict = table.options().contains("STRICT");
        boolean virtual = random.nextInt(6) == 0;
        String declaration = strict
                ? new String[] {"INT", "REAL DEFAULT 3", "TEXT DEFAULT 'q'", "ANY DEFAULT 5"}[random.nextInt(4)]
                : virtual ? "INT AS (1 + 1) VIRTUAL" : declarations[random.nextInt(declarations.length)];
        Kind kind = strict
                ? declaration.startsWith("INT") ? Kind.INT : declaration.startsWith("REAL") ? Kind.REAL : Kind.TEXT
                : Kind.ANY;
        if (session.exec(writer, "ALTER TABLE " + q(table.name()) + " ADD COLUMN " + q(name) + " " + declaration)) {
            List<Field> columns = new ArrayList<>(table.columns());
            columns.add(new Field(name, declaration, kind, virtual && !strict));
            tables.put(table.name(), table.with(columns));
        }
    }

    private void renameColumn(int writer, TableShape table) {
        List<Field> columns = new ArrayList<>(table.columns());
        int index = random.nextInt(columns.size());
        Field column = columns.get(index);
        // The suffix and generated expressions name the others, and this class does not rewrite them.
        if (column.generated() || table.key().contains(column.name()) || dependedOn(table, column)) {
            return;
        }
        String to = "n" + names++;
        if (session.exec(
                writer, "ALTER TABLE " + q(table.name()) + " RENAME COLUMN " + q(column.name()) + " TO " + q(to))) {
            columns.set(index, new Field(to, column.declaration(), column.kind(), false));
            tables.put(table.name(), table.with(columns));
        }
    }

    private static boolean dependedOn(TableShape table, Field column) {
        return table.columns().stream()
                .anyMatch(other -> other.generated() && other.declaration().contains(column.name()));
    }

    private void dropColumn(int writer, TableShape table) {
        List<Field> columns = new ArrayList<>(table.columns());
        Field column = columns.remove(random.nextInt(columns.size()));
        if (table.key().contains(column.name()) || columns.size() < 2) {
            return;
        }
        if (session.exec(writer, "ALTER TABLE " + q(table.name()) + " DROP COLUMN " + q(column.name()))) {
            tables.put(table.name(), table.with(columns));
        }
    }

    /** What the documentation of ALTER TABLE advises for changes that it cannot do. */
    private void rebuild(int writer, TableShape table) {
        String temporary = "new" + names++;
        List<Field> columns = new ArrayList<>(table.columns());
        columns.removeIf(Field::generated);
        List<Field> kept = List.copyOf(columns);
        boolean strict = table.options().contains("STRICT");
        if (!strict && random.nextBoolean()) {
            int index = random.nextInt(columns.size());
            Field column = columns.get(index);
            if (!table.key().contains(column.name())) {
                columns.set(
                        index,
                        new Field(
                                column.name(),
                                new String[] {"REAL", "INT", "TEXT", ""}[random.nextInt(4)],
                                column.kind(),
                                false));
            }
        }
        boolean added = random.nextBoolean();
        if (added) {
            columns.add(
                    random.nextInt(columns.size() + 1),
                    new Field("n" + names++, strict ? "INT DEFAULT 4" : "DEFAULT 4", Kind.INT, false));
        }
        TableShape next = new TableShape(
                temporary, columns, table.key(), table.rowid(), table.alias(), table.suffix(), table.options(), "");
        String list = kept.stream().map(column -> q(column.name())).collect(Collectors.joining(", "));
        session.exec(writer, "SAVEPOINT rebuild");
        boolean done = session.exec(writer, next.create())
                && session.exec(
                        writer,
                        "INSERT INTO " + q(temporary) + "(" + list + ") SELECT " + list + " FROM " + q(table.name()))
                && session.exec(writer, "DROP TABLE " + q(table.name()))
                && session.exec(writer, "ALTER TABLE " + q(temporary) + " RENAME TO " + q(table.name()));
        if (done) {
            tables.put(table.name(), next.named(table.name()));
        } else {
            session.exec(writer, "ROLLBACK TO rebuild");
        }
        session.exec(writer, "RELEASE rebuild");
    }

    /** Blob I/O: part of a value changes, and not a byte of the cell that begins it. */
    void blobWrite() {
        TableShape table = any();
        if (table == null || !table.rowid()) {
            return;
        }
        List<Field> columns = new ArrayList<>(table.writable());
        columns.removeIf(column -> table.key().contains(column.name()));
        if (columns.isEmpty()) {
            return;
        }
        Field column = columns.stream()
                .filter(candidate -> candidate.kind() == Kind.BIG)
                .findFirst()
                .orElse(columns.get(random.nextInt(columns.size())));
        session.blob(
                table.name(),
                column.name(),
                random.nextInt(1000),
                random.nextInt(100_000),
                Integer.toHexString(0x41414141 + (random.nextInt(20) << 16)));
        session.committed("blob I/O");
    }

    int tableCount() {
        return tables.size();
    }
}
