package dev.rowtide.cdc.postgres;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Where a PostgreSQL server is and as whom to connect. {@link #toString} never shows the password.
 *
 * @param host host name or address; IPv6 without brackets
 * @param port TCP port
 * @param database database name
 * @param user role; needs REPLICATION
 * @param password null when the server asks for none
 * @param parameters further pgjdbc connection parameters, for example {@code sslmode=require}
 */
public record PostgresAddress(
        String host,
        int port,
        String database,
        String user,
        @Nullable String password,
        Map<String, String> parameters) {
    private static final int DEFAULT_PORT = 5432;
    private static final int CONNECT_TIMEOUT_SECONDS = 10;
    private static final int SOCKET_TIMEOUT_SECONDS = 60;

    public PostgresAddress {
        parameters = Map.copyOf(parameters);
    }

    /**
     * Reads {@code postgres://user:password@host:port/database?parameter=value}, also with {@code postgresql:} and {@code
     * jdbc:postgresql:} in front. Percent-encoding is undone in every part.
     *
     * @param environment where a missing user and password come from: {@code PGUSER}, {@code PGPASSWORD}
     * @throws IllegalArgumentException with a sentence that does not repeat the password
     */
    public static PostgresAddress parse(String text, Map<String, String> environment) {
        String url = text.startsWith("jdbc:") ? text.substring("jdbc:".length()) : text;
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the database address cannot be read: " + e.getReason() + " at index "
                    + e.getIndex() + ". Write postgres://user:password@host:5432/database, and percent-encode special"
                    + " characters of the password (@ as %40)");
        }
        if (!"postgres".equals(uri.getScheme()) && !"postgresql".equals(uri.getScheme())) {
            throw new IllegalArgumentException((uri.getScheme() == null
                            ? "the database address does not say what kind of database it is"
                            : "the database address begins with '" + uri.getScheme() + ":', which is not supported")
                    + ". Write postgres://user:password@host:5432/database, or sqlite:./app.db");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("the database address names no host, or one with characters that a host"
                    + " cannot have. Write postgres://user:password@host:5432/database, with special characters of the"
                    + " password percent-encoded (@ as %40)");
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        if (uri.getRawQuery() != null) {
            for (String pair : uri.getRawQuery().split("&")) {
                int equals = pair.indexOf('=');
                parameters.put(
                        decode(equals < 0 ? pair : pair.substring(0, equals)),
                        equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        String userInfo = uri.getRawUserInfo();
        int colon = userInfo == null ? -1 : userInfo.indexOf(':');
        String urlUser = userInfo == null ? null : decode(colon < 0 ? userInfo : userInfo.substring(0, colon));
        String urlPassword = userInfo == null || colon < 0 ? null : decode(userInfo.substring(colon + 1));
        String user = firstOf(urlUser, parameters.remove("user"), environment.get("PGUSER"));
        String password = firstOf(urlPassword, parameters.remove("password"), environment.get("PGPASSWORD"));
        if (user == null) {
            throw new IllegalArgumentException(
                    "the database address names no user. Write" + " postgres://user@host:5432/database, or set PGUSER");
        }
        String path = uri.getRawPath() == null ? "" : decode(uri.getRawPath());
        String database = path.length() > 1 ? path.substring(1) : user;
        String host = uri.getHost().startsWith("[")
                ? uri.getHost().substring(1, uri.getHost().length() - 1)
                : uri.getHost();
        return new PostgresAddress(
                host, uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), database, user, password, parameters);
    }

    /**
     * Opens an ordinary connection; the caller closes it. Connecting takes at most {@value #CONNECT_TIMEOUT_SECONDS} s, a read at
     * most {@value #SOCKET_TIMEOUT_SECONDS} s.
     */
    public Connection connect() throws SQLException {
        return connect(Map.of());
    }

    /** The same, with further pgjdbc connection parameters, which win over {@link #parameters}. */
    Connection connect(Map<String, String> further) throws SQLException {
        Properties properties = new Properties();
        properties.putAll(parameters);
        properties.putAll(further);
        properties.setProperty("user", user);
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", "rowtide");
        properties.putIfAbsent("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.putIfAbsent("loginTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
        properties.putIfAbsent("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        String bracketed = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        return DriverManager.getConnection(
                "jdbc:postgresql://" + bracketed + ':' + port + '/'
                        + java.net.URLEncoder.encode(database, StandardCharsets.UTF_8),
                properties);
    }

    /** The address for people, without the password. */
    public String displayName() {
        return "postgres://" + user + '@' + (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port + '/'
                + database;
    }

    @Override
    public String toString() {
        return displayName();
    }

    private static String decode(String text) {
        // URLDecoder reads + as a blank, which is right in a form and wrong here.
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static @Nullable String firstOf(@Nullable String... candidates) {
        for (String candidate : candidates) {
            if (candidate != null && !candidate.isEmpty()) {
                return candidate;
            }
        }
        return null;
    }
}
