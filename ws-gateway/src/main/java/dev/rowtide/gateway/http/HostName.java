package dev.rowtide.gateway.http;

import java.util.Locale;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.HostPort;
import org.jspecify.annotations.Nullable;

/**
 * The host in a {@code Host} or {@code Origin} header, without port, in lower case, IPv6 in brackets. Nothing is looked up: what a name resolves to is
 * what an attacker chooses.
 */
record HostName(String name) {
    // No nested repetition: linear for any input.
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

    /** Null if this is not a host, with or without a port. */
    static @Nullable HostName of(String hostAndPort) {
        String host;
        try {
            host = new HostPort(hostAndPort).getHost();
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (host == null || host.isEmpty()) {
            return null;
        }
        host = host.toLowerCase(Locale.ROOT);
        if (host.indexOf(':') >= 0 && !host.startsWith("[")) {
            host = "[" + host + "]";
        }
        // "localhost." is the same name, written as an absolute one.
        return new HostName(host.endsWith(".") ? host.substring(0, host.length() - 1) : host);
    }

    boolean isLoopback() {
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || name.equals("[::1]")
                || (name.startsWith("127.") && IPV4.matcher(name).matches());
    }

    boolean isAddress() {
        return name.startsWith("[") || IPV4.matcher(name).matches();
    }
}
