package dev.rowtide.cdc;

import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.postgres.PostgresAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server of its own, with its data and its port kept over kill -9 and start. It syncs its log, as users' servers do. */
public final class KillablePostgres implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path folder;
    private EmbeddedPostgres server;
    private final int port;

    public KillablePostgres(Path folder) throws IOException {
        this.folder = folder;
        server = start(0);
        port = server.getPort();
    }

    public String url() {
        return "postgres://postgres@127.0.0.1:" + port + "/postgres";
    }

    public Connection connect() throws SQLException {
        return PostgresAddress.parse(url() + "?connectTimeout=5&socketTimeout=20", Map.of())
                .connect();
    }

    /** SIGKILL to the postmaster; returns when it and all its children are gone. */
    public void kill() throws IOException {
        long pid = Long.parseLong(
                Files.readAllLines(folder.resolve("postmaster.pid")).get(0));
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> backends = postmaster.children().toList();
        postmaster.destroyForcibly();
        // Its children see it and end by themselves; a start before that would meet their shared memory.
        await().atMost(PATIENCE)
                .until(() -> !postmaster.isAlive() && backends.stream().noneMatch(ProcessHandle::isAlive));
        server.close(); // gives its lock on the folder back
    }

    public void startAgain() throws IOException {
        server = start(port);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private EmbeddedPostgres start(int onPort) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setServerConfig("wal_level", "logical")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("fsync", "on")
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .setPGStartupWait(PATIENCE);
        return onPort == 0 ? builder.start() : builder.setPort(onPort).start();
    }
}
