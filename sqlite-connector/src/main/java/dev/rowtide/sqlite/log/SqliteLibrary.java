package dev.rowtide.sqlite.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The native SQLite in this process: there must be one copy of it, and a version that checkpoints soundly. */
final class SqliteLibrary {
    /** 3.7.0 to 3.51.2 can lose transactions when two checkpoints race with the log being started over. */
    private static final int OLDEST = 3_051_003;

    private static final Path MAPS = Path.of("/proc/self/maps");

    private SqliteLibrary() {}

    /**
     * Two copies do not know of each other's locks, which the operating system counts for the whole process: the second one that closes the database would take the first one's locks away, and delete the log. Looked for
     * on Linux only.
     *
     * @throws UnusableDatabaseException if there are two
     */
    static void checkSingle() throws UnusableDatabaseException {
        if (!Files.isReadable(MAPS)) {
            return;
        }
        try (Stream<String> lines = Files.lines(MAPS)) {
            checkSingle(lines);
        } catch (UnusableDatabaseException e) {
            throw e;
        } catch (IOException | java.io.UncheckedIOException e) {
            // Cannot be known here; that there is one copy is what the documentation asks for.
            return;
        }
    }

    /** @param maps lines of {@code /proc/self/maps}: addresses, rights, offset, device, inode, path */
    static void checkSingle(Stream<String> maps) throws UnusableDatabaseException {
        Set<String> copies = new TreeSet<>();
        maps.filter(line -> line.contains("sqlitejdbc")).forEach(line -> {
            int path = line.indexOf('/');
            if (path >= 0) {
                copies.add(line.substring(path).replace(" (deleted)", ""));
            }
        });
        if (copies.size() > 1) {
            throw new UnusableDatabaseException(
                    "This process has loaded SQLite " + copies.size() + " times: "
                            + String.join(", ", copies)
                            + ". Two copies destroy each other's locks. Let all parts of the process share one sqlite-jdbc (for Kafka Connect: one plugin directory, or a worker of its own).");
        }
    }

    /** @throws UnusableDatabaseException if it is too old */
    static void checkVersion(Connection connection) throws SQLException, UnusableDatabaseException {
        String version = SqliteConnections.text(connection, "SELECT sqlite_version()");
        if (number(version) < OLDEST) {
            throw new UnusableDatabaseException("The sqlite-jdbc of this process brings SQLite " + version
                    + ", whose checkpoints can lose transactions. Use one with SQLite 3.51.3 or later.");
        }
    }

    /** As SQLITE_VERSION_NUMBER. */
    static int number(String version) {
        String[] parts = version.split("\\.", -1);
        int number = 0;
        for (int i = 0; i < 3; i++) {
            number = number * 1000 + (i < parts.length ? Integer.parseInt(parts[i]) : 0);
        }
        return number;
    }
}
