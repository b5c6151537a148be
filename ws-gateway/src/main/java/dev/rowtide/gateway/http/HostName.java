package dev.rowtide.gateway.http;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host in a {@code Host} or {@code Origin} header, without port, in lower case, IPv6 in brackets. Nothing is looked up: what a name resolves to is
 * what an attacker chooses.
 */
record HostName(String name) {
    // None of these has a nested repetition: they are linear for any input.
    private static final Pattern HOST = Pattern.compile("(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(:\\d*)?");
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");

    /** Null if this is not a host, with or without a port. */
    static @Nullable HostName of(String hostAndPort) {
        Matcher matcher = HOST.matcher(hostAndPort.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return null;
        }
        String host = matcher.group(1);
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
