package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.Finding.Severity.ERROR;
import static dev.rowtide.cdc.Finding.Severity.INFO;
import static dev.rowtide.cdc.Finding.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.cdc.Finding;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.replication.PGReplicationStream;

/** Findings about the server itself and the way to it, on a server that each test may spoil and restart. */
class PostgresDoctorServerTest {
    @TempDir
    private Path directory;

    private EmbeddedPostgres postgres;

    @AfterEach
    void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }

    /** Starts, or starts again with the same data. */
    private void start(Map<String, String> settings) throws IOException {
        stop();
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(directory.resolve("data"))
                .setCleanDataDirectory(false);
        settings.forEach(builder::setServerConfig);
        postgres = builder.start();
    }

    private PostgresSource source(String user, String password, String database, int port) {
        return new PostgresSource(
                new PostgresAddress("127.0.0.1", port, database, user, password, Map.of()),
                "rowtide",
                "rowtide",
                List.of("public"),
                ResourceConfig.Numbers.NUMBER,
                List.of());
    }

    private List<Finding> examine(String user, String password, String database) {
        return PostgresDoctor.examine(source(user, password, database, postgres.getPort()), List.of());
    }

    private List<Finding> examine() {
        return examine("postgres", null, "postgres");
    }

    private void execute(List<String> statements) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static Finding find(List<Finding> findings, Finding.Severity severity, String subject, String says) {
        List<Finding> found = findings.stream()
                .filter(f -> f.severity() == severity
                        && f.subject().equals(subject)
                        && f.sentence().contains(says))
                .toList();
        assertThat(found).as(says + " in " + findings).hasSize(1);
        return found.get(0);
    }

    @Test
    void whatOnlyARestartCanMend() throws Exception {
        start(Map.of());
        execute(List.of(
                "CREATE TABLE post (id int PRIMARY KEY)",
                "ALTER SYSTEM SET wal_level = 'replica'",
                "ALTER SYSTEM SET max_replication_slots = 1",
                "ALTER SYSTEM SET max_wal_senders = 0"));
        start(Map.of());
        execute(List.of("SELECT pg_create_physical_replication_slot('standby')"));

        List<Finding> findings = examine();
        assertThat(findings).hasSize(3);
        for (Finding finding : List.of(
                find(findings, ERROR, "server", "wal_level is replica and must be logical"),
                find(findings, ERROR, "server", "all 1 replication slots"),
                find(findings, ERROR, "server", "all 0 connections for reading the log"))) {
            execute(finding.sql());
        }
        start(Map.of());
        assertThat(examine()).isEmpty();
    }

    @Test
    void aStandbyIsRefused() throws Exception {
        start(Map.of());
        stop();
        Files.createFile(directory.resolve("data/standby.signal"));
        start(Map.of());
        assertThat(examine()).containsExactly(find(examine(), ERROR, "server", "this is a standby"));
    }

    @Test
    void whatASlotKeepsIsNamedUntilItIsLost() throws Exception {
        start(Map.of("wal_level", "logical", "max_wal_size", "1GB"));
        execute(List.of(
                "CREATE TABLE post (id int PRIMARY KEY)",
                "CREATE PUBLICATION rowtide FOR TABLE post WITH (publish_via_partition_root = true)",
                "SELECT pg_create_logical_replication_slot('rowtide', 'pgoutput')"));

        Properties properties = new Properties();
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        properties.setProperty("user", "postgres");
        properties.setProperty("ApplicationName", "the reader");
        try (Connection connection =
                        DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"), properties);
                PGReplicationStream stream = connection
                        .unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName("rowtide")
                        .withSlotOption("proto_version", 1)
                        .withSlotOption("publication_names", "rowtide")
                        .withStatusInterval(10, TimeUnit.SECONDS)
                        .start()) {
            assertThat(stream.isClosed()).isFalse();
            find(examine(), INFO, "slot rowtide", "(the reader at 127.0.0.1)");
        }
        await(() -> examine().stream().noneMatch(f -> f.sentence().contains("being read")));

        List<String> writes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            writes.add("SELECT pg_logical_emit_message(true, 'test', '')");
            writes.add("SELECT pg_switch_wal()");
        }
        execute(writes);
        Finding much = find(examine(), WARNING, "slot rowtide", "nobody reads this slot, and it keeps 3");
        assertThat(much.sql()).containsExactly("SELECT pg_drop_replication_slot('rowtide')");

        execute(List.of("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'", "SELECT pg_reload_conf()"));
        await(() -> examine().stream().anyMatch(f -> f.sentence().contains("is lost at the next checkpoint")));
        Finding soon = find(examine(), WARNING, "slot rowtide", "more than max_slot_wal_keep_size (64.0 MiB)");
        execute(soon.sql());
        await(() -> examine().stream().noneMatch(f -> f.sentence().contains("next checkpoint")));

        execute(List.of("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'", "SELECT pg_reload_conf()"));
        await(() -> {
            execute(List.of("CHECKPOINT"));
            return examine().stream().anyMatch(f -> f.sentence().contains("threw away"));
        });
        Finding lost = find(examine(), WARNING, "slot rowtide", "the server threw away log");
        execute(lost.sql());
        assertThat(examine()).isEmpty();
    }

    @Test
    void everyReasonWhyNobodyIsLetIn() throws Exception {
        start(Map.of("wal_level", "logical"));
        execute(List.of(
                "CREATE TABLE post (id int PRIMARY KEY)",
                "CREATE ROLE secretive LOGIN SUPERUSER PASSWORD 'right'",
                "CREATE ROLE barred LOGIN REPLICATION",
                "REVOKE CONNECT ON DATABASE template1 FROM PUBLIC"));
        Path hba = Path.of(query("SHOW hba_file"));
        List<String> before = Files.readAllLines(hba);
        List<String> lines = new ArrayList<>(List.of(
                "host all secretive 127.0.0.1/32 scram-sha-256",
                "host all postgres 127.0.0.1/32 trust",
                "host all nobody 127.0.0.1/32 trust",
                "host template1 barred 127.0.0.1/32 trust"));
        Files.write(hba, lines);
        query("SELECT pg_reload_conf()");
        await(() -> examine("barred", null, "postgres").stream()
                .anyMatch(f -> f.sentence().contains("pg_hba")));

        assertThat(find(
                                examine("secretive", "wrong", "postgres"),
                                ERROR,
                                "connection",
                                "password for 'secretive' is wrong")
                        .sql())
                .containsExactly("ALTER ROLE \"secretive\" PASSWORD 'new password'");
        execute(List.of("ALTER ROLE \"secretive\" PASSWORD 'new password'"));
        assertThat(examine("secretive", "new password", "postgres")).isEmpty();
        find(examine("secretive", null, "postgres"), ERROR, "connection", "PGPASSWORD");

        Finding nowhere =
                find(examine("postgres", null, "nowhere"), ERROR, "connection", "there is no database 'nowhere'");
        execute(nowhere.sql());
        find(examine("postgres", null, "nowhere"), WARNING, "schema public", "yet");

        Finding forbidden = find(examine("barred", null, "template1"), ERROR, "connection", "may not connect");
        execute(forbidden.sql());
        assertThat(examine("barred", null, "template1"))
                .noneMatch(f -> f.subject().equals("connection"));

        Finding unknown =
                find(examine("nobody", null, "postgres"), ERROR, "connection", "does not exist or may not log in");
        execute(List.of(unknown.sql().get(0)));
        assertThat(examine("nobody", null, "postgres"))
                .noneMatch(f -> f.subject().equals("connection"));
        execute(List.of("ALTER ROLE nobody NOLOGIN"));
        execute(List.of(find(examine("nobody", null, "postgres"), ERROR, "connection", "may not log in")
                .sql()
                .get(1)));
        assertThat(examine("nobody", null, "postgres"))
                .noneMatch(f -> f.subject().equals("connection"));

        Finding unlisted = find(examine("barred", null, "postgres"), ERROR, "connection", "pg_hba.conf");
        assertThat(unlisted.sql())
                .containsExactly("host \"postgres\" \"barred\" 127.0.0.1/32 scram-sha-256", "SELECT pg_reload_conf()");
        lines.add(0, unlisted.sql().get(0));
        Files.write(hba, lines);
        execute(List.of(unlisted.sql().get(1)));
        await(() -> examine("barred", null, "postgres").stream()
                .anyMatch(f -> f.sentence().contains("PGPASSWORD")));
        Files.write(hba, before);
    }

    @Test
    void aPoolerMayRefuseToLetTheLogBeRead() throws Exception {
        start(Map.of("wal_level", "logical"));
        execute(List.of("CREATE TABLE post (id int PRIMARY KEY)"));
        try (RefusingPooler pooler = new RefusingPooler(postgres.getPort())) {
            List<Finding> findings =
                    PostgresDoctor.examine(source("postgres", null, "postgres", pooler.port()), List.of());
            assertThat(findings)
                    .containsExactly(find(
                            findings,
                            ERROR,
                            "connection",
                            "ordinary connections are accepted, one for reading the log is not"));
        }
        assertThat(examine()).isEmpty();
    }

    @Test
    void nobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Finding refused = find(
                PostgresDoctor.examine(source("postgres", null, "postgres", port), List.of()),
                ERROR,
                "connection",
                "nothing listens");
        assertThat(refused.sql()).containsExactly("pg_isready -h 127.0.0.1 -p " + port);
    }

    @Test
    void nobodyAnswers() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PostgresAddress address = new PostgresAddress(
                    "127.0.0.1",
                    socket.getLocalPort(),
                    "postgres",
                    "postgres",
                    null,
                    Map.of("loginTimeout", "1", "socketTimeout", "1", "sslmode", "disable", "gssEncMode", "disable"));
            List<Finding> findings = PostgresDoctor.examine(
                    new PostgresSource(
                            address, "rowtide", "rowtide", List.of("public"), ResourceConfig.Numbers.NUMBER, List.of()),
                    List.of());
            find(findings, ERROR, "connection", "does not answer");
        }
    }

    @Test
    void theHostIsUnknown() {
        PostgresAddress address = new PostgresAddress("nowhere.invalid", 5432, "postgres", "postgres", null, Map.of());
        List<Finding> findings = PostgresDoctor.examine(
                new PostgresSource(
                        address, "rowtide", "rowtide", List.of("public"), ResourceConfig.Numbers.NUMBER, List.of()),
                List.of());
        find(findings, ERROR, "connection", "'nowhere.invalid' is not known");
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** The server reads its configuration, and notices a closed connection, a moment later. */
    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(condition);
    }
}
