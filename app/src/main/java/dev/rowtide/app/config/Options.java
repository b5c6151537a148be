package dev.rowtide.app.config;

import dev.rowtide.cdc.PostgresSource;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SqliteSource;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.filter.RowFilter;
import dev.rowtide.gateway.GatewayConfig;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.auth.Identity;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The catalog: every option that exists. Defaults come from the records that own them, so that each is written once. */
final class Options {
    private static final long KB = 1024;
    private static final long MB = 1024 * KB;
    private static final int MAX_TEXT = 4096;
    private static final int MANY = 10_000_000;
    private static final GatewayConfig GATEWAY = GatewayConfig.DEFAULT;
    private static final SqliteSource.Follow SQLITE = SqliteSource.Follow.DEFAULT;
    private static final SnapshotLimits SNAPSHOT = SnapshotLimits.DEFAULT;

    static final Option<String> DATABASE = Option.required(
            "database",
            Kinds.secret("an address `postgres://user:password@host:5432/database` or `sqlite:./app.db`", MAX_TEXT),
            "The database to tail; `postgresql://` and `jdbc:postgresql://` too, the password may also come from `PGPASSWORD`, the"
                    + " user from `PGUSER`. `sqlite:` and `jdbc:sqlite:` are followed by a path, `sqlite:///` by an absolute one");
    static final Option<Path> DATA_DIR = Option.of(
            "data-dir",
            Kinds.path(),
            Path.of(".rowtide"),
            "Where the position in the database's log is kept, and of SQLite a copy of the database, relative to the directory in which the process starts");

    static final Option<String> HOST = Option.of(
            "host",
            Kinds.text("a host name or an address", MAX_TEXT),
            GATEWAY.host(),
            "The address to listen on; `0.0.0.0` is reachable from other machines and wants `auth`");
    static final Option<Integer> PORT = Option.of(
            "port", Kinds.integer(0, 65_535), GATEWAY.port(), "The TCP port to listen on; 0 takes a free one");
    static final Option<String> PATH = Option.of(
            "path",
            Kinds.matching("a path such as `/realtime`", Pattern.compile("(/[A-Za-z0-9._~-]{1,100}){1,10}")),
            GATEWAY.path(),
            "The WebSocket's path; the REST requests lie below it");
    static final Option<Boolean> CONSOLE = Option.of(
            "console",
            Kinds.bool(),
            true,
            "Whether there is the console, the page at `/`. With `auth` it asks for a service token, and is not there if no token has `service: true`");
    static final Option<Duration> HEARTBEAT_INTERVAL = Option.of(
            "heartbeat-interval",
            Kinds.duration(Duration.ofSeconds(1), Duration.ofMinutes(10)),
            GATEWAY.heartbeatInterval(),
            "How often a peer is pinged; one from which nothing arrives for this and 8 s more is closed");
    static final Option<Boolean> BROADCAST_PRESENCE = Option.of(
            "broadcast-presence",
            Kinds.bool(),
            GATEWAY.presence().enabled(),
            "Whether subscribers are told who is online");

    static final Option<String> POSTGRES_SLOT = Option.of(
            "postgres.slot",
            Kinds.matching("1 to 63 characters of a-z, 0-9 and _", Pattern.compile("[a-z0-9_]{1,63}")),
            PostgresSource.DEFAULT_NAME,
            "The replication slot; it is created. Two bridges on one database need two names");
    static final Option<String> POSTGRES_PUBLICATION = Option.of(
            "postgres.publication",
            Kinds.text("1 to 63 characters", 63),
            PostgresSource.DEFAULT_NAME,
            "The publication; it is created, with only the tables that are tailed");
    static final Option<List<String>> POSTGRES_SCHEMAS = Option.of(
            "postgres.schemas",
            new ListKind<>(Kinds.text("a schema's name", 63)),
            List.of("public"),
            "Without `resources`, every table of these schemas is a resource under its own name");
    static final Option<ResourceConfig.Numbers> POSTGRES_NUMBERS = Option.of(
            "postgres.numbers",
            Kinds.oneOf(ResourceConfig.Numbers.class),
            ResourceConfig.Numbers.NUMBER,
            "How `int8` and `numeric` are written; JavaScript rounds numbers beyond 2^53, so `string` is safe there");

    static final Option<ResourceConfig.Numbers> SQLITE_NUMBERS = Option.of(
            "sqlite.numbers",
            Kinds.oneOf(ResourceConfig.Numbers.class),
            ResourceConfig.Numbers.NUMBER,
            "How integers are written; JavaScript rounds those beyond 2^53, so `string` is safe there");
    static final Option<Boolean> SQLITE_SWITCH_TO_WAL = Option.of(
            "sqlite.switch-to-wal",
            Kinds.bool(),
            SQLITE.switchToWal(),
            "Whether a database with a rollback journal is switched to a write-ahead log, once and for good; if not, it is followed by"
                    + " comparing all its pages at each commit");
    static final Option<Long> SQLITE_JOURNAL_MAX_BYTES = Option.of(
            "sqlite.journal-max-bytes",
            Kinds.size(0, 4096 * MB),
            SQLITE.journalMaxBytes(),
            "The largest database that is followed by comparing pages; a larger one is refused");
    static final Option<Boolean> SQLITE_BARRIER = Option.of(
            "sqlite.barrier",
            Kinds.bool(),
            SQLITE.barrier(),
            "Whether writers may be kept waiting for some milliseconds when they leave no gap in which the log could start over; if not,"
                    + " it grows until they do");
    static final Option<Long> SQLITE_SPOOL_MAX_BYTES = Option.of(
            "sqlite.spool-max-bytes",
            Kinds.size(64 * MB, 1024 * 1024 * MB),
            SQLITE.spoolMaxBytes(),
            "How many bytes of changes may be read and not yet delivered; beyond that their net difference is delivered instead of each");
    static final Option<Integer> SQLITE_RESYNC_MAX_PERCENT = Option.of(
            "sqlite.resync-max-percent",
            Kinds.integer(0, 100),
            SQLITE.resyncMaxPercent(),
            "How many of the database's pages may differ after its file was replaced; with more, reading stops instead of delivering a"
                    + " flood. 100 is no limit");
    static final Option<Integer> SQLITE_AUDIT_PAGES_PER_SECOND = Option.of(
            "sqlite.audit-pages-per-second",
            Kinds.integer(0, 1_000_000),
            SQLITE.auditPagesPerSecond(),
            "How many pages are compared with the database each second while nobody commits, to find a file that was overwritten in place;"
                    + " 0 is none");
    static final Option<Boolean> SQLITE_ANY_FILE_SYSTEM = Option.of(
            "sqlite.any-file-system",
            Kinds.bool(),
            SQLITE.anyFileSystem(),
            "Whether a file system is accepted that is not known to share memory between processes; on one that does not, changes are missed");

    static final Option<Integer> SNAPSHOT_CONNECTIONS = Option.of(
            "snapshot.connections",
            Kinds.integer(1, 64),
            SNAPSHOT.connections(),
            "How many snapshots are read at the same time, each on a connection to the database of its own");
    static final Option<Integer> SNAPSHOT_MAX_WAITING = Option.of(
            "snapshot.max-waiting",
            Kinds.integer(1, MANY),
            SNAPSHOT.maxWaiting(),
            "How many requests for snapshots may wait for a connection; the next is refused. Equal ones that wait are read together");
    static final Option<Duration> SNAPSHOT_MAX_WAIT = Option.of(
            "snapshot.max-wait",
            Kinds.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            SNAPSHOT.maxWait(),
            "How long a request for a snapshot waits for a connection before it is refused");
    static final Option<Duration> SNAPSHOT_MAX_TIME = Option.of(
            "snapshot.max-time",
            Kinds.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            SNAPSHOT.maxTime(),
            "How long a snapshot may take; while one is open PostgreSQL keeps what was deleted and the table's definition, and SQLite's"
                    + " log cannot start over");
    static final Option<Duration> SNAPSHOT_MAX_STALL = Option.of(
            "snapshot.max-stall",
            Kinds.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            SNAPSHOT.maxStall(),
            "How long a subscriber may leave the next rows of a snapshot waiting before it is given up");

    static final Option<String> RESOURCE_TABLE = Option.optional(
            "resources.*.table",
            Kinds.text("`table` or `schema.table`", 200),
            "The table of the resource; by default the one of the same name, on PostgreSQL in the first of `postgres.schemas`");
    static final Option<List<Operation>> RESOURCE_OPERATIONS = Option.of(
            "resources.*.operations",
            new ListKind<>(Kinds.oneOf(Operation.class)),
            List.of(),
            "What is delivered; empty means everything");
    static final Option<List<String>> RESOURCE_EXCLUDE_COLUMNS = Option.of(
            "resources.*.exclude-columns",
            new ListKind<>(Kinds.text("a column's name", 63)),
            List.of(),
            "Columns that never leave the process; none of them may belong to the primary key");
    static final Option<ResourceConfig.Numbers> RESOURCE_NUMBERS = Option.optional(
            "resources.*.numbers",
            Kinds.oneOf(ResourceConfig.Numbers.class),
            "As `postgres.numbers` or `sqlite.numbers`, which it is by default, for this resource");

    static final Option<List<String>> READ_ROLES = Option.optional(
            "resources.*.read[].roles",
            new ListKind<>(Kinds.text("a role's name", 100)),
            "Whom this rule about rows is for: holders of any of them; without it, everybody");
    static final Option<RowFilter> READ_WHERE = Option.optional(
            "resources.*.read[].where",
            new FilterKind(),
            "Which rows it shows; without it, all. Everybody sees the rows of all rules that are for them, with `read: []` nobody sees any,"
                    + " and without `read` everybody sees all");

    static final Option<AuthConfig.Mode> AUTH_MODE = Option.of(
            "auth.mode",
            Kinds.oneOf(AuthConfig.Mode.class),
            AuthConfig.NONE.mode(),
            "How clients are authenticated: not at all (loopback only), by the `tokens` below, or by a class of your own");
    static final Option<Boolean> AUTH_ALLOW_REMOTE = Option.of(
            "auth.allow-remote",
            Kinds.bool(),
            AuthConfig.NONE.allowRemote(),
            "With mode `none`: listen on an address that other machines reach. Everyone who reaches it reads the database");
    static final Option<List<String>> AUTH_ALLOWED_ORIGINS = Option.of(
            "auth.allowed-origins",
            new ListKind<>(Kinds.text("an origin such as `https://app.example.com`, or `*`", 300)),
            List.of(),
            "Web pages from these origins may connect, beside those from the bridge's own");
    static final Option<List<String>> AUTH_ALLOWED_HOSTS = Option.of(
            "auth.allowed-hosts",
            new ListKind<>(Kinds.text("a host name", 300)),
            List.of(),
            "With mode `none`: names in the `Host` header that are accepted beside the loopback names");
    static final Option<String> TOKEN = Option.required(
            "auth.tokens[].token",
            Kinds.secret("a text of at most 4096 characters", MAX_TEXT),
            "The secret that a client brings; write `${NAME}` and keep it in the environment");
    static final Option<String> TOKEN_USER_ID = Option.required(
            "auth.tokens[].user-id",
            Kinds.text("1 to 255 characters", Identity.MAX_USER_ID),
            "Whom it stands for; shown to others");
    static final Option<String> TOKEN_NAME = Option.optional(
            "auth.tokens[].name", Kinds.text("1 to 255 characters", 255), "Shown to others as `metadata.name`");
    static final Option<List<String>> TOKEN_ROLES = Option.of(
            "auth.tokens[].roles",
            new ListKind<>(Kinds.text("a role's name", 100)),
            List.of(),
            "Matched by `auth.rules` and by `read` of resources; never shown");
    static final Option<Map<String, @Nullable Object>> TOKEN_CLAIMS = Option.optional(
            "auth.tokens[].claims",
            new FreeKind(),
            "What `read` of resources may ask about, as `$user.<claim>`; never shown");
    static final Option<Map<String, @Nullable Object>> TOKEN_METADATA =
            Option.optional("auth.tokens[].metadata", new FreeKind(), "Shown to others in presence");
    static final Option<Boolean> TOKEN_SERVICE = Option.of(
            "auth.tokens[].service", Kinds.bool(), false, "Whether it opens the REST requests and the metrics");
    static final Option<String> AUTH_AUTHENTICATOR = Option.optional(
            "auth.authenticator",
            Kinds.text("a name", 200),
            "With mode `custom`: which authenticator on the class path; not needed if there is only one");
    static final Option<Map<String, String>> AUTH_OPTIONS = Option.of(
            "auth.options",
            new TextMapKind(Kinds.secret("a text", MAX_TEXT)),
            Map.of(),
            "With mode `custom`: handed to the authenticator");
    static final Option<String> RULE_CHANNEL = Option.required(
            "auth.rules[].channel",
            Kinds.text("a pattern of at most 255 characters", 255),
            "The channels that the rule is about: `*` stands for any characters, `$user.id` for the user's id");
    static final Option<List<String>> RULE_ROLES = Option.of(
            "auth.rules[].roles",
            new ListKind<>(Kinds.text("a role's name", 100)),
            List.of(),
            "Who the rule is about: holders of any of them; empty means everyone");
    static final Option<List<AuthConfig.Action>> RULE_ALLOW = Option.required(
            "auth.rules[].allow",
            new ListKind<>(Kinds.oneOf(AuthConfig.Action.class)),
            "What they may do there; `[]` forbids everything. The first rule that matches decides, and once there are rules a channel"
                    + " that none matches is forbidden");

    static final Option<Duration> PRESENCE_LEAVE_GRACE = Option.of(
            "presence.leave-grace",
            Kinds.duration(Duration.ZERO, Duration.ofMinutes(5)),
            GATEWAY.presence().leaveGrace(),
            "How long a user stays online after an unclean end of the last connection");
    static final Option<Integer> PRESENCE_MAX_LISTED_USERS = Option.of(
            "presence.max-listed-users",
            Kinds.integer(0, 100_000),
            GATEWAY.presence().maxListedUsers(),
            "How many users a presence message lists at most; the count is always exact");

    static final Option<HistoryPlace> HISTORY_STORE = Option.of(
            "history.store",
            Kinds.oneOf(HistoryPlace.class),
            HistoryPlace.DISK,
            "Where the changes are kept that a client can resume from: `disk`, below the data directory, also outlives the process");
    static final Option<Duration> HISTORY_MAX_AGE = Option.of(
            "history.max-age",
            Kinds.duration(Duration.ofSeconds(1), Duration.ofDays(7)),
            GATEWAY.history().maxAge(),
            "For how long they are kept; who was away for longer gets a `gap`");
    static final Option<Long> HISTORY_MAX_BYTES = Option.of(
            "history.max-bytes",
            Kinds.size(MB, 1024 * 1024 * MB),
            GATEWAY.history().maxBytes(),
            "How much of them is kept at most");

    static final Option<Long> MAX_MESSAGE_BYTES = Option.of(
            "limits.max-message-bytes",
            Kinds.size(KB, 16 * MB),
            (long) GATEWAY.limits().maxMessageBytes(),
            "The longest message from a client; a longer one is answered with `too_large`");
    static final Option<Long> MAX_OUTBOX_BYTES = Option.of(
            "limits.max-outbox-bytes",
            Kinds.size(64 * KB, 4096 * MB),
            GATEWAY.limits().maxOutboxBytes(),
            "How many bytes of row changes may wait for one peer; with more it reads on from the history at its own pace");
    static final Option<Duration> STALLED_AFTER = Option.of(
            "limits.stalled-after",
            Kinds.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            GATEWAY.limits().stalledAfter(),
            "How long a peer may take nothing at all of what waits for it; after that its connection is closed with 4008");
    static final Option<Integer> MAX_CHANNELS = Option.of(
            "limits.max-channels-per-connection",
            Kinds.integer(1, MANY),
            GATEWAY.limits().maxChannelsPerConnection(),
            "How many channels one connection may be subscribed to");
    static final Option<Integer> MAX_CONNECTIONS = Option.of(
            "limits.max-connections",
            Kinds.integer(1, MANY),
            GATEWAY.limits().maxConnections(),
            "How many connections are taken at all");
    static final Option<Integer> MAX_CONNECTIONS_PER_USER = Option.of(
            "limits.max-connections-per-user",
            Kinds.integer(1, MANY),
            GATEWAY.limits().maxConnectionsPerUser(),
            "How many of them may belong to one user");
    static final Option<Integer> MESSAGES_PER_SECOND = Option.of(
            "limits.messages-per-second",
            Kinds.integer(1, MANY),
            GATEWAY.limits().messagesPerSecond(),
            "How many messages a client may send in the long run");
    static final Option<Integer> MESSAGE_BURST = Option.of(
            "limits.message-burst",
            Kinds.integer(1, MANY),
            GATEWAY.limits().messageBurst(),
            "How many messages a client may send at once");
    static final Option<Long> MAX_METADATA_BYTES = Option.of(
            "limits.max-metadata-bytes",
            Kinds.size(2, MB),
            (long) GATEWAY.limits().maxMetadataBytes(),
            "The largest presence metadata of a client, as JSON");

    /** All of them, in the order of the documentation. */
    static final List<Option<?>> ALL = List.of(
            DATABASE,
            DATA_DIR,
            HOST,
            PORT,
            PATH,
            CONSOLE,
            HEARTBEAT_INTERVAL,
            BROADCAST_PRESENCE,
            POSTGRES_SLOT,
            POSTGRES_PUBLICATION,
            POSTGRES_SCHEMAS,
            POSTGRES_NUMBERS,
            SQLITE_NUMBERS,
            SQLITE_SWITCH_TO_WAL,
            SQLITE_JOURNAL_MAX_BYTES,
            SQLITE_BARRIER,
            SQLITE_SPOOL_MAX_BYTES,
            SQLITE_RESYNC_MAX_PERCENT,
            SQLITE_AUDIT_PAGES_PER_SECOND,
            SQLITE_ANY_FILE_SYSTEM,
            SNAPSHOT_CONNECTIONS,
            SNAPSHOT_MAX_WAITING,
            SNAPSHOT_MAX_WAIT,
            SNAPSHOT_MAX_TIME,
            SNAPSHOT_MAX_STALL,
            RESOURCE_TABLE,
            RESOURCE_OPERATIONS,
            RESOURCE_EXCLUDE_COLUMNS,
            RESOURCE_NUMBERS,
            READ_ROLES,
            READ_WHERE,
            AUTH_MODE,
            AUTH_ALLOW_REMOTE,
            AUTH_ALLOWED_ORIGINS,
            AUTH_ALLOWED_HOSTS,
            TOKEN,
            TOKEN_USER_ID,
            TOKEN_NAME,
            TOKEN_ROLES,
            TOKEN_CLAIMS,
            TOKEN_METADATA,
            TOKEN_SERVICE,
            AUTH_AUTHENTICATOR,
            AUTH_OPTIONS,
            RULE_CHANNEL,
            RULE_ROLES,
            RULE_ALLOW,
            PRESENCE_LEAVE_GRACE,
            PRESENCE_MAX_LISTED_USERS,
            HISTORY_STORE,
            HISTORY_MAX_AGE,
            HISTORY_MAX_BYTES,
            MAX_MESSAGE_BYTES,
            MAX_OUTBOX_BYTES,
            STALLED_AFTER,
            MAX_CHANNELS,
            MAX_CONNECTIONS,
            MAX_CONNECTIONS_PER_USER,
            MESSAGES_PER_SECOND,
            MESSAGE_BURST,
            MAX_METADATA_BYTES);

    private Options() {}
}
