package dev.rowtide.app.config;

import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceConfig;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.postgres.PostgresAddress;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.cdc.sqlite.SqliteAddress;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Identity;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** From the values that were given to the records that the modules want, and the rules between several options. */
final class ConfigMapping {
    /** The sections that only one kind of database has. */
    private static final String POSTGRES = "postgres.";

    private static final String SQLITE = "sqlite.";

    private final Settings settings;
    private final Map<String, String> environment;
    private final Origin file;
    private final Problems problems;

    /** @param file where something that is missing would have been */
    ConfigMapping(Settings settings, Map<String, String> environment, Origin file, Problems problems) {
        this.settings = settings;
        this.environment = environment;
        this.file = file;
        this.problems = problems;
    }

    /** Everything; null, with the problems noted, if there cannot be a configuration. */
    @Nullable
    AppConfig map() {
        SourceConfig source = source();
        GatewayConfig gateway = gateway();
        return source == null
                ? null
                : new AppConfig(
                        source, settings.get(Options.DATA_DIR), snapshots(), gateway, settings.get(Options.CONSOLE));
    }

    private SnapshotLimits snapshots() {
        return new SnapshotLimits(
                settings.get(Options.SNAPSHOT_CONNECTIONS),
                settings.get(Options.SNAPSHOT_MAX_WAITING),
                settings.get(Options.SNAPSHOT_MAX_WAIT),
                settings.get(Options.SNAPSHOT_MAX_TIME),
                settings.get(Options.SNAPSHOT_MAX_STALL));
    }

    private @Nullable SourceConfig source() {
        String database = settings.require(Options.DATABASE, file, problems);
        boolean sqlite = database != null && SqliteAddress.isOne(database);
        List<ResourceConfig> resources = new ArrayList<>();
        for (Settings.Element element : settings.elements("resources")) {
            ResourceConfig resource = resource(
                    element,
                    sqlite ? SqliteSource.SCHEMA : firstSchema(),
                    settings.get(sqlite ? Options.SQLITE_NUMBERS : Options.POSTGRES_NUMBERS));
            if (resource != null) {
                resources.add(resource);
            }
        }
        if (database == null) {
            return null;
        }
        checkDatabaseFits(sqlite ? POSTGRES : SQLITE, sqlite ? "PostgreSQL" : "SQLite");
        return sqlite ? sqlite(database, resources) : postgres(database, resources);
    }

    private @Nullable SourceConfig postgres(String database, List<ResourceConfig> resources) {
        PostgresAddress address = address(() -> PostgresAddress.parse(database, environment));
        if (address == null) {
            return null;
        }
        try {
            return new PostgresSource(
                    address,
                    settings.get(Options.POSTGRES_SLOT),
                    settings.get(Options.POSTGRES_PUBLICATION),
                    settings.get(Options.POSTGRES_SCHEMAS),
                    settings.get(Options.POSTGRES_NUMBERS),
                    resources);
        } catch (IllegalArgumentException e) {
            problems.add(settings.origin(Options.POSTGRES_SCHEMAS, file), "postgres", sentence(e));
            return null;
        }
    }

    private @Nullable SourceConfig sqlite(String database, List<ResourceConfig> resources) {
        SqliteAddress address = address(() -> SqliteAddress.parse(database));
        if (address == null) {
            return null;
        }
        try {
            return new SqliteSource(
                    address,
                    new SqliteSource.Follow(
                            settings.get(Options.SQLITE_SWITCH_TO_WAL),
                            settings.get(Options.SQLITE_JOURNAL_MAX_BYTES),
                            settings.get(Options.SQLITE_BARRIER),
                            settings.get(Options.SQLITE_SPOOL_MAX_BYTES),
                            settings.get(Options.SQLITE_RESYNC_MAX_PERCENT),
                            settings.get(Options.SQLITE_AUDIT_PAGES_PER_SECOND),
                            settings.get(Options.SQLITE_ANY_FILE_SYSTEM)),
                    settings.get(Options.SQLITE_NUMBERS),
                    resources);
        } catch (IllegalArgumentException e) {
            problems.add(file, "resources", sentence(e));
            return null;
        }
    }

    private <A> @Nullable A address(Supplier<A> parser) {
        try {
            return parser.get();
        } catch (IllegalArgumentException e) {
            problems.add(settings.origin(Options.DATABASE, file), Options.DATABASE.key(), sentence(e));
            return null;
        }
    }

    /** Options of another kind of database would be read by nobody. */
    private void checkDatabaseFits(String section, String kind) {
        for (Option<?> option : Options.ALL) {
            if (option.key().startsWith(section) && settings.has(option)) {
                problems.add(
                        settings.origin(option, file),
                        option.key(),
                        "is only read with a " + kind + " database, which '" + Options.DATABASE.key() + "' is not");
            }
        }
    }

    private String firstSchema() {
        List<String> schemas = settings.get(Options.POSTGRES_SCHEMAS);
        return schemas.isEmpty() ? "public" : schemas.get(0);
    }

    private @Nullable ResourceConfig resource(
            Settings.Element element, String schema, ResourceConfig.Numbers defaultNumbers) {
        try {
            String table = settings.find(Options.RESOURCE_TABLE, element);
            ResourceConfig.Numbers numbers = settings.find(Options.RESOURCE_NUMBERS, element);
            return new ResourceConfig(
                    element.name(),
                    table == null ? new TableName(schema, element.name()) : TableName.parse(table, schema),
                    Set.copyOf(settings.get(Options.RESOURCE_OPERATIONS, element)),
                    Set.copyOf(settings.get(Options.RESOURCE_EXCLUDE_COLUMNS, element)),
                    numbers == null ? defaultNumbers : numbers);
        } catch (IllegalArgumentException e) {
            problems.add(element.origin(), element.path(), sentence(e));
            return null;
        }
    }

    private GatewayConfig gateway() {
        GatewayConfig.Presence presence = new GatewayConfig.Presence(
                settings.get(Options.BROADCAST_PRESENCE),
                settings.get(Options.PRESENCE_LEAVE_GRACE),
                settings.get(Options.PRESENCE_MAX_LISTED_USERS));
        GatewayConfig.Limits limits = new GatewayConfig.Limits(
                Math.toIntExact(settings.get(Options.MAX_MESSAGE_BYTES)),
                settings.get(Options.MAX_OUTBOX_BYTES),
                settings.get(Options.STALLED_AFTER),
                settings.get(Options.MAX_CHANNELS),
                settings.get(Options.MAX_CONNECTIONS),
                settings.get(Options.MAX_CONNECTIONS_PER_USER),
                settings.get(Options.MESSAGES_PER_SECOND),
                settings.get(Options.MESSAGE_BURST),
                Math.toIntExact(settings.get(Options.MAX_METADATA_BYTES)));
        return new GatewayConfig(
                settings.get(Options.HOST),
                settings.get(Options.PORT),
                settings.get(Options.PATH),
                settings.get(Options.HEARTBEAT_INTERVAL),
                auth(),
                new PolicyMapping(settings, problems).map(),
                presence,
                limits,
                history());
    }

    private GatewayConfig.History history() {
        boolean onDisk = settings.get(Options.HISTORY_STORE) == HistoryPlace.DISK;
        return new GatewayConfig.History(
                onDisk ? settings.get(Options.DATA_DIR).resolve("history") : null,
                settings.get(Options.HISTORY_MAX_AGE),
                settings.get(Options.HISTORY_MAX_BYTES));
    }

    private AuthConfig auth() {
        AuthConfig auth = new AuthConfig(
                settings.get(Options.AUTH_MODE),
                settings.get(Options.AUTH_ALLOW_REMOTE),
                Set.copyOf(settings.get(Options.AUTH_ALLOWED_ORIGINS)),
                Set.copyOf(settings.get(Options.AUTH_ALLOWED_HOSTS)),
                tokens(),
                settings.find(Options.AUTH_AUTHENTICATOR),
                settings.get(Options.AUTH_OPTIONS),
                rules());
        checkModeFits(auth);
        checkReach(auth);
        return auth;
    }

    private List<AuthConfig.Token> tokens() {
        List<AuthConfig.Token> tokens = new ArrayList<>();
        Map<String, String> users = new HashMap<>();
        for (Settings.Element element : settings.elements("auth.tokens")) {
            String token = settings.require(Options.TOKEN, element, problems);
            String userId = settings.require(Options.TOKEN_USER_ID, element, problems);
            Map<String, @Nullable Object> metadata = settings.find(Options.TOKEN_METADATA, element);
            if (token == null || userId == null) {
                continue;
            }
            String other = users.putIfAbsent(token, userId);
            if (other != null) {
                problems.add(element.origin(), element.path(), "has the same token as that of user '" + other + "'");
            }
            tokens.add(new AuthConfig.Token(
                    token,
                    new Identity(
                            userId,
                            settings.find(Options.TOKEN_NAME, element),
                            Set.copyOf(settings.get(Options.TOKEN_ROLES, element)),
                            claims(element),
                            metadata == null ? Map.of() : metadata,
                            settings.get(Options.TOKEN_SERVICE, element),
                            0)));
        }
        return tokens;
    }

    private Map<String, @Nullable Object> claims(Settings.Element token) {
        Map<String, @Nullable Object> claims = settings.find(Options.TOKEN_CLAIMS, token);
        if (claims == null) {
            return Map.of();
        }
        Map.of("id", Options.TOKEN_USER_ID, "roles", Options.TOKEN_ROLES).forEach((name, option) -> {
            if (claims.containsKey(name)) {
                problems.add(
                        settings.origin(Options.TOKEN_CLAIMS, token),
                        token.path() + '.' + Options.TOKEN_CLAIMS.name() + '.' + name,
                        "would be read by nobody: $user." + name + " is what '" + option.name() + "' says");
            }
        });
        return claims;
    }

    private List<AuthConfig.ChannelRule> rules() {
        List<AuthConfig.ChannelRule> rules = new ArrayList<>();
        for (Settings.Element element : settings.elements("auth.rules")) {
            String channel = settings.require(Options.RULE_CHANNEL, element, problems);
            List<AuthConfig.Action> allow = settings.require(Options.RULE_ALLOW, element, problems);
            if (channel != null && allow != null) {
                rules.add(new AuthConfig.ChannelRule(
                        channel, Set.copyOf(settings.get(Options.RULE_ROLES, element)), Set.copyOf(allow)));
            }
        }
        return rules;
    }

    /** Somebody who lists tokens believes that they are asked for: what a mode ignores is a mistake. */
    private void checkModeFits(AuthConfig auth) {
        AuthConfig.Mode mode = auth.mode();
        List<Settings.Element> tokens = settings.elements("auth.tokens");
        Origin at = settings.origin(Options.AUTH_MODE, file);
        if (mode == AuthConfig.Mode.TOKENS && tokens.isEmpty()) {
            problems.add(
                    at, "auth.tokens", "is empty, so with auth.mode tokens nobody could connect. List at least one");
        }
        if (mode != AuthConfig.Mode.TOKENS && !tokens.isEmpty()) {
            problems.add(
                    tokens.get(0).origin(),
                    "auth.tokens",
                    "is only read with auth.mode tokens, which is " + name(mode));
        }
        for (Option<?> option : List.of(Options.AUTH_AUTHENTICATOR, Options.AUTH_OPTIONS)) {
            if (mode != AuthConfig.Mode.CUSTOM && settings.has(option)) {
                problems.add(
                        settings.origin(option, file),
                        option.key(),
                        "is only read with auth.mode custom, which is " + name(mode));
            }
        }
    }

    /** Without authentication the loopback is the only protection; leaving it has to be said in so many words. */
    private void checkReach(AuthConfig auth) {
        String host = settings.get(Options.HOST);
        if (auth.mode() == AuthConfig.Mode.NONE && !auth.allowRemote() && !isLoopback(host)) {
            problems.add(
                    settings.origin(Options.HOST, file),
                    Options.HOST.key(),
                    "'" + host
                            + "' can be reached from other machines, and auth.mode none lets everyone read the database."
                            + " Set auth.mode to tokens, or auth.allow-remote to true if the network itself is closed");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Listening on it will fail with its own sentence.
            return true;
        }
    }

    private static String name(AuthConfig.Mode mode) {
        return mode.name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String sentence(IllegalArgumentException e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message;
    }
}
