package dev.rowtide.cdc.postgres;

import static dev.rowtide.cdc.TableName.quote;

import dev.rowtide.cdc.Finding;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Why the database cannot be asked. By SQLSTATE and by the server's function names, never by the wording of a message, which is
 * translated.
 */
final class ConnectionCheck {
    private static final Pattern CLIENT_ADDRESS = Pattern.compile("\"([0-9a-fA-F.:]+)\"");

    private ConnectionCheck() {}

    static Finding explain(SQLException failure, PostgresAddress address) {
        String place = address.host() + ':' + address.port();
        String said = " (" + message(failure) + ")";
        if (cause(failure, UnknownHostException.class) != null) {
            return connection(
                    "the host name '" + address.host() + "' is not known to this machine: correct the address" + said);
        }
        if (cause(failure, ConnectException.class) != null) {
            return connection(
                    "nothing listens at " + place
                            + ": start the server, correct the address, or let the server listen on more than its"
                            + " own loopback (listen_addresses in postgresql.conf)" + said,
                    "pg_isready -h " + address.host() + " -p " + address.port());
        }
        if (cause(failure, SSLException.class) != null) {
            return connection("an encrypted connection to " + place
                    + " cannot be made: see the parameters sslmode and sslrootcert" + " of the address" + said);
        }
        // pgjdbc's own time limit has no cause, and this state.
        if (cause(failure, SocketTimeoutException.class) != null || "08001".equals(failure.getSQLState())) {
            return connection(
                    place + " does not answer: a firewall may swallow the packets, or the address is another machine's"
                            + said);
        }
        return byState(failure, address, said);
    }

    private static Finding byState(SQLException failure, PostgresAddress address, String said) {
        String user = quote(address.user());
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return switch (state) {
            case "28P01" ->
                connection(
                        "the password for '" + address.user()
                                + "' is wrong: correct it in the address or in PGPASSWORD, or set it anew" + said,
                        "ALTER ROLE " + user + " PASSWORD 'new password'");
            case "08004" ->
                connection("the server wants a password for '" + address.user()
                        + "' and none was given: put it into PGPASSWORD or into the address" + said);
            case "28000" -> notAdmitted(failure, address, said);
            case "3D000" ->
                connection(
                        "there is no database '" + address.database() + "': correct the address, or create it" + said,
                        "CREATE DATABASE " + quote(address.database()));
            case "42501" ->
                connection(
                        "'" + address.user() + "' may not connect to the database '" + address.database() + "'" + said,
                        "GRANT CONNECT ON DATABASE " + quote(address.database()) + " TO " + user);
            case "53300" ->
                connection(
                        "the server, the database or the role has as many connections as it may: close some, or raise the limit"
                                + said,
                        "ALTER ROLE " + user + " CONNECTION LIMIT -1");
            case "57P03" -> connection("the server is starting up or shutting down: try again in a moment" + said);
            default -> connection("the database could not be examined" + said);
        };
    }

    /** No line of pg_hba.conf, or no such role, or one that may not log in: one SQLSTATE, told apart by who raised it. */
    private static Finding notAdmitted(SQLException failure, PostgresAddress address, String said) {
        ServerErrorMessage server = failure instanceof PSQLException psql ? psql.getServerErrorMessage() : null;
        if (server != null && "InitializeSessionUserId".equals(server.getRoutine())) {
            return connection(
                    "the role '" + address.user() + "' does not exist or may not log in" + said,
                    "CREATE ROLE " + quote(address.user()) + " LOGIN REPLICATION PASSWORD 'new password'",
                    "ALTER ROLE " + quote(address.user()) + " LOGIN REPLICATION");
        }
        Matcher client = CLIENT_ADDRESS.matcher(message(failure));
        boolean found = client.find();
        String net = found
                ? client.group(1) + (client.group(1).contains(":") ? "/128" : "/32")
                : "<this machine's address>/32";
        return connection(
                "no line of the server's pg_hba.conf lets '" + address.user() + "' into '" + address.database()
                        + "' from here: add one like this above the others, and reload the server" + said,
                "host " + quote(address.database()) + ' ' + quote(address.user()) + ' ' + net + " scram-sha-256",
                "SELECT pg_reload_conf()");
    }

    private static Finding connection(String sentence, String... sql) {
        return Finding.error("connection", sentence, sql);
    }

    private static <T extends Throwable> @Nullable T cause(Throwable failure, Class<T> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    static String message(SQLException failure) {
        String message = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        return message.replaceAll("\\s*\\R\\s*", " ").trim();
    }
}
