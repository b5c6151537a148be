package dev.rowtide.sqlite.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A user of the database, in a process of its own. Statements are answered by null, or by what is wrong with them. */
abstract class Writer {
    private Process process;
    private BufferedReader in;
    private boolean open;

    /** {@return what it is, for the protocol of a run} */
    abstract String name();

    abstract Process start() throws IOException;

    /** The line that makes the process run a statement, or do what else there is to do. */
    abstract String command(String sql);

    /** Reads the answer to one command. */
    abstract String answer(BufferedReader answers) throws IOException;

    final String exec(String sql) {
        send(sql);
        return await();
    }

    /** Sends without waiting; {@link #await} takes the answer. */
    final void send(String sql) {
        if (!open) {
            open();
        }
        raw(command(sql));
    }

    final String await() {
        try {
            return answer(in);
        } catch (IOException e) {
            throw new UncheckedIOException(name() + " does not answer", e);
        }
    }

    final void raw(String line) {
        try {
            ensureRunning();
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name() + " is gone", e);
        }
    }

    final BufferedReader answers() {
        return in;
    }

    private void ensureRunning() throws IOException {
        if (process == null || !process.isAlive()) {
            process = start();
            in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }
    }

    void open() {
        open = true;
        raw("open");
        String error = await();
        if (error != null) {
            open = false;
            throw new AssertionError(name() + " cannot open the database: " + error);
        }
    }

    /** Closes its connections, in good order. */
    void close() {
        if (open) {
            raw("close");
            await();
            open = false;
        }
    }

    final boolean isOpen() {
        return open;
    }

    final void opened(boolean value) {
        open = value;
    }

    /** SIGKILL, whatever it is doing. */
    final void kill() {
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process = null;
        }
        open = false;
    }

    /** Writes by sqlite-jdbc, and reads all tables for the harness. */
    static final class Jdbc extends Writer {
        private final Path database;
        private final Path log;
        private long progress;

        Jdbc(Path database, Path log) {
            this.database = database;
            this.log = log;
        }

        @Override
        String name() {
            return "jdbc";
        }

        @Override
        Process start() throws IOException {
            return Forked.jvm(96, WriterProcess.class, List.of(database.toString()))
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
        }

        @Override
        String command(String sql) {
            return "x " + base64(sql);
        }

        @Override
        String answer(BufferedReader answers) throws IOException {
            return plusOrMinus(answers);
        }

        /** What each table holds, in a line each. */
        Map<String, String> digests() {
            var digests = new TreeMap<String, String>();
            read("digest", digests, null);
            return digests;
        }

        /** The sum of the writers' counters when tables were read last. */
        long progress() {
            return progress;
        }

        /** All rows of all tables. */
        Map<String, List<String>> rows() {
            var rows = new TreeMap<String, List<String>>();
            read("rows", new TreeMap<>(), rows);
            return rows;
        }

        private void read(String command, Map<String, String> digests, Map<String, List<String>> rows) {
            if (!isOpen()) {
                open();
            }
            raw(command);
            try {
                var lines = new ArrayList<String>();
                String line = answers().readLine();
                while (line != null && !line.equals(".")) {
                    if (line.startsWith("- ")) {
                        throw new Unreadable(line);
                    }
                    lines.add(line);
                    if (line.startsWith("p ")) {
                        progress = Long.parseLong(line.substring(2));
                    }
                    line = answers().readLine();
                }
                if (line == null) {
                    throw new Unreadable("the process has ended");
                }
                parse(lines, digests, rows);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** @param rows may be null */
        static void parse(List<String> lines, Map<String, String> digests, Map<String, List<String>> rows) {
            List<String> current = new ArrayList<>();
            for (String line : lines) {
                if (line.startsWith("p ")) {
                    continue;
                } else if (line.startsWith("t ")) {
                    String[] words = line.substring(2).split("\t", 2);
                    digests.put(words[0], words[1]);
                    current = new ArrayList<>();
                    if (rows != null) {
                        rows.put(words[0], current);
                    }
                } else {
                    current.add(line.substring(2));
                }
            }
        }
    }

    /** SQLite cannot read the tables. */
    static final class Unreadable extends RuntimeException {
        Unreadable(String message) {
            super(message);
        }
    }

    /** Writes by Python's sqlite3 module, which is the system's SQLite; knows blob I/O, if it is new enough. */
    static final class Python extends Writer {
        private static final String SCRIPT = String.join(
                "\n",
                "import sys, sqlite3, base64",
                "db = None",
                "def word(w): return base64.b64decode(w).decode('utf-8')",
                "def run(line):",
                "    global db",
                "    w = line.split(' ')",
                "    if w[0] == 'open':",
                "        db = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)",
                "        db.create_collation('mine', lambda a, b: (a < b) - (a > b))",
                "    elif w[0] == 'close':",
                "        db.close(); db = None",
                "    elif w[0] == 'x':",
                "        c = db.execute(word(w[1]))",
                "        try:",
                "            while c.fetchone() is not None: pass",
                "        except sqlite3.OperationalError as e:",
                "            if 'decode' not in str(e): raise",
                "        c.close()",
                "    elif w[0] == 'blob':",
                "        t, c, n, at, data = word(w[1]), word(w[2]), int(w[3]), int(w[4]), bytes.fromhex(w[5])",
                "        where = ' FROM \"%s\" WHERE typeof(\"%s\") IN (\\'blob\\',\\'text\\') AND length(CAST(\"%s\" AS BLOB)) >= %d' % (t, c, c, len(data))",
                "        count = db.execute('SELECT count(*)' + where).fetchone()[0]",
                "        if count == 0: return",
                "        row = db.execute('SELECT rowid' + where + ' ORDER BY rowid LIMIT 1 OFFSET %d' % (n % count)).fetchone()[0]",
                "        with db.blobopen(t, c, row) as b:",
                "            b.seek(at % (len(b) - len(data) + 1)); b.write(data)",
                "for line in sys.stdin:",
                "    try:",
                "        run(line.strip())",
                "        print('+', flush=True)",
                "    except Exception as e:",
                "        print('- ' + repr(e).replace('\\n', ' '), flush=True)",
                "");
        private final Path database;
        private final Path script;

        Python(Path database) throws IOException {
            this.database = database;
            script = database.resolveSibling("writer.py");
            Files.writeString(script, SCRIPT);
        }

        static boolean available() {
            return Forked.available("python3", "-c", "import sqlite3");
        }

        static boolean blobs() {
            return Forked.available("python3", "-c", "import sqlite3; sqlite3.Connection.blobopen");
        }

        @Override
        String name() {
            return "python";
        }

        @Override
        Process start() throws IOException {
            return new ProcessBuilder("python3", script.toString(), database.toString())
                    .redirectErrorStream(true)
                    .start();
        }

        @Override
        String command(String sql) {
            return "x " + base64(sql);
        }

        String blob(String table, String column, int nth, int offset, String hex) {
            if (!isOpen()) {
                open();
            }
            raw("blob " + base64(table) + " " + base64(column) + " " + nth + " " + offset + " " + hex);
            return await();
        }

        @Override
        String answer(BufferedReader answers) throws IOException {
            return plusOrMinus(answers);
        }
    }

    /**
     * Writes by SQLite's shell. Its standard output is a pipe and buffered; {@code .shell} writes past the buffer, which marks the end of an answer. Only errors are read.
     */
    static final class Shell extends Writer {
        private final Path database;
        private int answer;

        Shell(Path database) {
            this.database = database;
        }

        static boolean available() {
            return Forked.available("sqlite3", "--version");
        }

        @Override
        String name() {
            return "shell";
        }

        @Override
        Process start() throws IOException {
            return new ProcessBuilder("sqlite3", "-batch", database.toString())
                    .redirectErrorStream(true)
                    .start();
        }

        @Override
        String command(String sql) {
            // A dot command takes the rest of its line as it is.
            return sql + (sql.startsWith(".r") ? "" : ";") + "\n.shell echo END " + ++answer;
        }

        @Override
        void open() {
            opened(true);
            String error = exec(".timeout 20000\nSELECT count(*) FROM sqlite_schema");
            if (error != null) {
                throw new AssertionError("the shell cannot open the database: " + error);
            }
        }

        @Override
        void close() {
            if (isOpen()) {
                raw(".exit");
                opened(false);
                ended();
            }
        }

        private void ended() {
            try {
                while (answers().readLine() != null) {
                    // What the buffer held.
                }
            } catch (IOException e) {
                // Ended, too.
            }
            kill();
        }

        @Override
        String answer(BufferedReader answers) throws IOException {
            String error = null;
            String line = answers.readLine();
            while (line != null && !line.startsWith("END ")) {
                if (line.contains("rror")) {
                    error = line;
                }
                line = answers.readLine();
            }
            if (line == null) {
                throw new IOException("the shell has ended" + (error == null ? "" : ": " + error));
            }
            return error;
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String plusOrMinus(BufferedReader answers) throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the process has ended");
        }
        return line.equals("+") ? null : line;
    }
}
