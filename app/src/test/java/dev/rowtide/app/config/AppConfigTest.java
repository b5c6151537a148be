package dev.rowtide.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.app.TestProject;
import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.cdc.sqlite.SqliteAddress;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Identity;
import dev.rowtide.gateway.auth.ReadPolicy;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppConfigTest {
    private static final PostgresAddress ADDRESS =
            new PostgresAddress("db.example.com", 5433, "shop", "ann", "secret", Map.of());

    // The gateway by itself has no directory to keep anything in.
    private static final GatewayConfig WITHOUT_A_FILE = new GatewayConfig(
            GatewayConfig.DEFAULT.host(),
            GatewayConfig.DEFAULT.port(),
            GatewayConfig.DEFAULT.path(),
            GatewayConfig.DEFAULT.heartbeatInterval(),
            GatewayConfig.DEFAULT.auth(),
            Map.of(),
            GatewayConfig.DEFAULT.presence(),
            GatewayConfig.DEFAULT.limits(),
            new GatewayConfig.History(
                    Path.of(".rowtide/history"),
                    GatewayConfig.DEFAULT.history().maxAge(),
                    GatewayConfig.DEFAULT.history().maxBytes()));

    private static final ReadPolicy READ_POSTS = new ReadPolicy(List.of(
            new ReadPolicy.Rule(Set.of("admin", "auditor"), RowFilter.ALL),
            new ReadPolicy.Rule(
                    Set.of(),
                    RowFilter.and(List.of(
                            RowFilter.compare("published", Operator.EQ, new FilterValue.Bool(true)),
                            RowFilter.compare("size", Operator.LT, number("12345678901234567890"))))),
            new ReadPolicy.Rule(
                    Set.of("editor"),
                    RowFilter.or(List.of(
                            RowFilter.in(
                                    "author_id",
                                    List.of(new FilterValue.Attribute("id"), new FilterValue.Attribute("deputies"))),
                            RowFilter.and(List.of(
                                    RowFilter.like("title", "Ann%"),
                                    RowFilter.compare("rank", Operator.GTE, number("1.10")))),
                            RowFilter.and(List.of(
                                    RowFilter.compare("note", Operator.EQ, new FilterValue.Text("$user.id")),
                                    RowFilter.compare("zip", Operator.EQ, new FilterValue.Text("01234")),
                                    RowFilter.compare("at", Operator.EQ, new FilterValue.Text("2024-02-29")))))))));

    private static FilterValue number(String digits) {
        return new FilterValue.Number(new BigDecimal(digits));
    }

    @TempDir
    Path directory;

    @Test
    void withNothingButADatabaseEverythingIsAsTheRecordsSay() throws Exception {
        AppConfig config = new ConfigLoader(Map.of()).load(null, Map.of("database", ConfigFixture.DATABASE));

        assertThat(config.gateway()).isEqualTo(WITHOUT_A_FILE);
        assertThat(config.snapshots()).isEqualTo(SnapshotLimits.DEFAULT);
        assertThat(config.dataDirectory()).isEqualTo(Path.of(".rowtide"));
        assertThat(config.source())
                .isEqualTo(new PostgresSource(
                        ADDRESS, "rowtide", "rowtide", List.of("public"), ResourceConfig.Numbers.NUMBER, List.of()));
    }

    /** Every key has a value here that is not its default, so none can be mapped to the wrong place unseen. */
    @Test
    void everyKeyReachesItsComponent() throws Exception {
        Path file = ConfigFixture.write(directory, """
                database: postgres://ann:${DATABASE_PASSWORD}@db.example.com:5433/shop
                data-dir: /var/lib/rowtide
                host: 0.0.0.0
                port: 4001
                path: /live/changes
                console: false
                heartbeat-interval: 10s
                broadcast-presence: false
                postgres:
                  slot: shop_slot
                  publication: shop_publication
                  schemas: [shop, "stock.room"]
                  numbers: string
                snapshot:
                  connections: 3
                  max-waiting: 21
                  max-wait: 22s
                  max-time: 23m
                  max-stall: 24s
                resources:
                  post:
                    table: shop.posts
                    operations: [create, delete]
                    exclude-columns: [password_hash, notes]
                    numbers: number
                    read:
                      - roles: [admin, auditor]
                      - where: {published: true, size: {lt: 12345678901234567890}}
                      - roles: [editor]
                        where:
                          OR:
                            - author_id: {in: [$user.id, $user.deputies]}
                            - {title: {like: "Ann%"}, rank: {gte: 1.10}}
                            - {note: "$$user.id", zip: "01234", at: 2024-02-29}
                  order: {read: []}
                auth:
                  mode: tokens
                  allow-remote: true
                  allowed-origins: ["https://app.example.com"]
                  allowed-hosts: [rowtide.local]
                  tokens:
                    - token: first-secret
                      user-id: ann
                      name: Ann
                      roles: [admin]
                      claims: {team: 7, big: 12345678901234567890, deputies: [bob, "7"], active: true}
                      metadata: {colour: blue, age: 42, ratio: 1.50, big: 12345678901234567890, tags: [a, "1", null], nested: {on: true}}
                      service: true
                    - {token: "${OTHER}", user-id: bob}
                  rules:
                    - {channel: "resource:*", roles: [admin], allow: [subscribe]}
                    - {channel: "user-$user.id", allow: [subscribe, broadcast, presence]}
                presence:
                  leave-grace: 500ms
                  max-listed-users: 7
                history: {store: memory, max-age: 3m, max-bytes: 5MB}
                limits:
                  max-message-bytes: 32KB
                  max-outbox-bytes: 8MB
                  stalled-after: 90s
                  max-channels-per-connection: 11
                  max-connections: 12
                  max-connections-per-user: 13
                  messages-per-second: 14
                  message-burst: 15
                  max-metadata-bytes: 1KB
                """);

        AppConfig config =
                new ConfigLoader(Map.of("DATABASE_PASSWORD", "secret", "OTHER", "second-secret")).load(file, Map.of());

        assertThat(config.dataDirectory()).isEqualTo(Path.of("/var/lib/rowtide"));
        assertThat(config.source())
                .isEqualTo(new PostgresSource(
                        ADDRESS,
                        "shop_slot",
                        "shop_publication",
                        List.of("shop", "stock.room"),
                        ResourceConfig.Numbers.STRING,
                        List.of(
                                new ResourceConfig(
                                        "post",
                                        new TableName("shop", "posts"),
                                        Set.of(Operation.CREATE, Operation.DELETE),
                                        Set.of("password_hash", "notes"),
                                        ResourceConfig.Numbers.NUMBER),
                                new ResourceConfig(
                                        "order",
                                        new TableName("shop", "order"),
                                        Set.of(),
                                        Set.of(),
                                        ResourceConfig.Numbers.STRING))));
        assertThat(config.console()).isFalse();
        assertThat(config.snapshots())
                .isEqualTo(new SnapshotLimits(
                        3, 21, Duration.ofSeconds(22), Duration.ofMinutes(23), Duration.ofSeconds(24)));
        assertThat(config.gateway())
                .isEqualTo(new GatewayConfig(
                        "0.0.0.0",
                        4001,
                        "/live/changes",
                        Duration.ofSeconds(10),
                        new AuthConfig(
                                AuthConfig.Mode.TOKENS,
                                true,
                                Set.of("https://app.example.com"),
                                Set.of("rowtide.local"),
                                List.of(
                                        new AuthConfig.Token(
                                                "first-secret",
                                                new Identity(
                                                        "ann",
                                                        "Ann",
                                                        Set.of("admin"),
                                                        Map.of(
                                                                "team",
                                                                7,
                                                                "big",
                                                                new BigDecimal("12345678901234567890"),
                                                                "deputies",
                                                                List.of("bob", "7"),
                                                                "active",
                                                                true),
                                                        Map.of(
                                                                "colour",
                                                                "blue",
                                                                "age",
                                                                42,
                                                                "ratio",
                                                                new BigDecimal("1.50"),
                                                                "big",
                                                                new BigDecimal("12345678901234567890"),
                                                                "tags",
                                                                Arrays.asList("a", "1", null),
                                                                "nested",
                                                                Map.of("on", true)),
                                                        true,
                                                        0)),
                                        new AuthConfig.Token("second-secret", Identity.ofUser("bob"))),
                                null,
                                Map.of(),
                                List.of(
                                        new AuthConfig.ChannelRule(
                                                "resource:*", Set.of("admin"), Set.of(AuthConfig.Action.SUBSCRIBE)),
                                        new AuthConfig.ChannelRule(
                                                "user-$user.id", Set.of(), Set.of(AuthConfig.Action.values())))),
                        Map.of("post", READ_POSTS, "order", new ReadPolicy(List.of())),
                        new GatewayConfig.Presence(false, Duration.ofMillis(500), 7),
                        new GatewayConfig.Limits(
                                32 * 1024, 8L * 1024 * 1024, Duration.ofSeconds(90), 11, 12, 13, 14, 15, 1024),
                        new GatewayConfig.History(null, Duration.ofMinutes(3), 5L * 1024 * 1024)));
    }

    /** Without a policy everybody sees everything, so what was begun and holds nothing is never taken for none. */
    @Test
    void aListOfRulesWithoutRulesShowsNobodyAnything() throws Exception {
        Map<String, ReadPolicy> policies = ConfigFixture.load(ConfigFixture.write(directory, """
                database: postgres://ann:secret@db.example.com:5433/shop
                resources:
                  closed: {read: []}
                  commented-out:
                    read:
                    #  - where: {published: true}
                  open: {operations: [create]}
                  all: {read: [{where: {}}]}
                """))
                .gateway()
                .policies();

        assertThat(policies)
                .isEqualTo(Map.of(
                        "closed",
                        new ReadPolicy(List.of()),
                        "commented-out",
                        new ReadPolicy(List.of()),
                        "all",
                        ReadPolicy.OPEN));
        assertThat(policies.get("closed").of(Identity.ofUser("ann"))).isEqualTo(RowFilter.not(RowFilter.ALL));
    }

    @Test
    void aCustomAuthenticatorGetsItsOptions() throws Exception {
        Path file = ConfigFixture.write(directory, """
                database: postgres://ann:secret@db.example.com:5433/shop
                auth:
                  mode: custom
                  authenticator: sessions
                  options: {url: "https://auth.example.com", retries: 3}
                """);

        AuthConfig auth = ConfigFixture.load(file).gateway().auth();

        assertThat(auth.mode()).isEqualTo(AuthConfig.Mode.CUSTOM);
        assertThat(auth.authenticator()).isEqualTo("sessions");
        assertThat(auth.options()).isEqualTo(Map.of("url", "https://auth.example.com", "retries", "3"));
    }

    @Test
    void theEnvironmentOverridesTheFileAndTheCommandLineBoth() throws Exception {
        Path file = ConfigFixture.write(directory, "database: postgres://a@file:1/d\nport: 1\nhost: 127.0.0.2");
        Map<String, String> environment = Map.of(
                "ROWTIDE_DATABASE",
                "postgres://a@environment/d",
                "ROWTIDE_PORT",
                "2",
                "ROWTIDE_LIMITS_MAX_MESSAGE_BYTES",
                "2MB",
                "ROWTIDE_AUTH_ALLOWED_ORIGINS",
                "https://a.example, https://b.example");

        AppConfig config = new ConfigLoader(environment).load(file, Map.of("port", "3"));

        assertThat(config.source().displayName()).isEqualTo("postgres://a@environment:5432/d");
        assertThat(config.gateway().port()).isEqualTo(3);
        assertThat(config.gateway().host()).isEqualTo("127.0.0.2");
        assertThat(config.gateway().limits().maxMessageBytes()).isEqualTo(2 * 1024 * 1024);
        assertThat(config.gateway().auth().allowedOrigins()).containsOnly("https://a.example", "https://b.example");
    }

    @Test
    void theFileMayComeFromTheEnvironment() throws Exception {
        Path file = ConfigFixture.write(directory, "database: postgres://a@file/d");

        AppConfig config = new ConfigLoader(Map.of("ROWTIDE_CONFIG", file.toString())).load(null, Map.of());

        assertThat(config.source().displayName()).isEqualTo("postgres://a@file:5432/d");
    }

    @Test
    void thePasswordMayComeFromTheEnvironment() throws Exception {
        AppConfig config = new ConfigLoader(Map.of("PGPASSWORD", "secret"))
                .load(null, Map.of("database", "postgres://ann@db.example.com:5433/shop"));

        assertThat(((PostgresSource) config.source()).address()).isEqualTo(ADDRESS);
    }

    @Test
    void theSampleLoadsAndItsCommentedValuesAreTheDefaults() throws Exception {
        Path sample = TestProject.root().resolve("config/rowtide.yaml");
        String text = java.nio.file.Files.readString(sample);
        // Options are commented out as #key or, in a section, as #  key; in prose one blank follows, in examples three.
        String uncommented = text.replaceAll("(?m)^#(?=(  )?[a-z])", "");

        AppConfig asShipped = new ConfigLoader(Map.of()).load(sample, Map.of("database", ConfigFixture.DATABASE));
        AppConfig everyLine = ConfigFixture.load(ConfigFixture.write(directory, uncommented));
        AppConfig defaults =
                new ConfigLoader(Map.of()).load(null, Map.of("database", "postgres://rowtide@127.0.0.1:5432/postgres"));

        assertThat(asShipped.gateway()).isEqualTo(WITHOUT_A_FILE);
        assertThat(everyLine).isEqualTo(defaults);
        assertThat(ConfigFixture.options())
                .allSatisfy(option -> assertThat(text).containsPattern("(?m)[#\\s{]" + option.name() + ":"));
    }

    @Test
    void theSamplesSectionForSqliteHasTheDefaults() throws Exception {
        String text = java.nio.file.Files.readString(TestProject.root().resolve("config/rowtide.yaml"));
        StringBuilder section = new StringBuilder("database: sqlite:./app.db\nsqlite:\n");
        Matcher option = Pattern.compile("(?m)^#     ([a-z-]+: \\S+)  ")
                .matcher(text.substring(text.indexOf("#   sqlite:"), text.indexOf("# Only these tables")));
        int options = 0;
        while (option.find()) {
            section.append("  ").append(option.group(1)).append('\n');
            options++;
        }

        AppConfig everyLine = ConfigFixture.load(ConfigFixture.write(directory, section.toString()));

        assertThat(options)
                .isEqualTo(ConfigFixture.options()
                        .filter(o -> o.key().startsWith("sqlite."))
                        .count());
        assertThat(everyLine.source())
                .isEqualTo(new SqliteSource(
                        SqliteAddress.parse("sqlite:./app.db"),
                        SqliteSource.Follow.DEFAULT,
                        ResourceConfig.Numbers.NUMBER,
                        List.of()));
    }

    @Test
    void everyKeyOfSqliteReachesItsComponent() throws Exception {
        Path file = ConfigFixture.write(directory, """
                database: sqlite:///var/lib/shop.db
                sqlite:
                  numbers: string
                  switch-to-wal: false
                  journal-max-bytes: 7MB
                  barrier: false
                  spool-max-bytes: 100MB
                  resync-max-percent: 20
                  audit-pages-per-second: 50
                  any-file-system: true
                resources:
                  post: {table: '"my.posts"', numbers: number}
                  order: {}
                """);

        assertThat(ConfigFixture.load(file).source())
                .isEqualTo(new SqliteSource(
                        new SqliteAddress(Path.of("/var/lib/shop.db")),
                        new SqliteSource.Follow(false, 7L << 20, false, 100L << 20, 20, 50, true),
                        ResourceConfig.Numbers.STRING,
                        List.of(
                                new ResourceConfig(
                                        "post",
                                        new TableName("main", "my.posts"),
                                        Set.of(),
                                        Set.of(),
                                        ResourceConfig.Numbers.NUMBER),
                                ResourceConfig.ofTable(
                                        new TableName("main", "order"), ResourceConfig.Numbers.STRING))));
    }

    @Test
    void theOtherSamplesLoad() throws Exception {
        Path sample = TestProject.root().resolve("config/tokens.yaml");
        Map<String, String> environment =
                Map.of("DATABASE_URL", ConfigFixture.DATABASE, "ANN_TOKEN", "a", "BACKEND_TOKEN", "b");

        AppConfig config = new ConfigLoader(environment).load(sample, Map.of());

        assertThat(config.gateway().auth().tokens()).hasSize(2);
        Identity ann = config.gateway().auth().tokens().get(0).identity();
        assertThat(config.gateway().policies().get("post").of(ann).text())
                .isEqualTo(
                        "{\"OR\":[{\"author_id\":{\"eq\":\"ann\"}},{\"published\":{\"eq\":true}},{\"team\":{\"in\":[\"blue\",\"green\"]}}]}");
    }

    @Test
    void nothingThatIsPrintedShowsAPassword() throws IOException, ConfigException {
        Path file = ConfigFixture.write(
                directory,
                "database: " + ConfigFixture.DATABASE
                        + "\nauth: {mode: tokens, tokens: [{token: hidden-token, user-id: ann}]}");

        AppConfig config = ConfigFixture.load(file);

        assertThat(config.toString()).doesNotContain("secret").doesNotContain("hidden-token");
    }
}
