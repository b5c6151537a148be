package dev.rowtide.gateway.http;

import dev.rowtide.gateway.auth.Authenticator.Credentials;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** Reads what a client brought to say who it is. None of it goes into a log or into an error. */
final class PresentedCredentials {
    private static final String BEARER = "bearer ";
    private static final String BEARER_PROTOCOL = "bearer.";

    private PresentedCredentials() {}

    /** @throws IllegalArgumentException with a sentence for the client */
    static Credentials of(Request request) {
        Fields parameters = parameters(request);
        Set<String> tokens = new LinkedHashSet<>();
        for (String value : request.getHeaders().getValuesList(HttpHeader.AUTHORIZATION)) {
            // Other schemes are between the client and a proxy in front.
            if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                add(tokens, value.substring(BEARER.length()).strip());
            }
        }
        parameters.getValuesOrEmpty("token").forEach(token -> add(tokens, token));
        for (String protocol : request.getHeaders().getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, false)) {
            if (protocol.startsWith(BEARER_PROTOCOL)) {
                add(tokens, protocol.substring(BEARER_PROTOCOL.length()));
            }
        }
        if (tokens.size() > 1) {
            throw new IllegalArgumentException(
                    "there are different tokens in this request; send one, in the Authorization header, in ?token= or as a subprotocol");
        }
        return new Credentials(
                tokens.isEmpty() ? null : tokens.iterator().next(),
                firstOfEach(parameters),
                headers(request),
                Request.getRemoteAddr(request));
    }

    private static void add(Set<String> tokens, @Nullable String token) {
        // v1 clients without a token send an empty one.
        if (token != null && !token.isEmpty()) {
            tokens.add(token);
        }
    }

    /**
     * The first value of each parameter.
     *
     * @throws IllegalArgumentException with a sentence for the client
     */
    static Map<String, String> query(Request request) {
        return firstOfEach(parameters(request));
    }

    private static Fields parameters(Request request) {
        try {
            return Request.extractQueryParameters(request);
        } catch (RuntimeException e) {
            // Without the cause's message: it may quote the query, and the query may hold a token.
            throw new IllegalArgumentException("the query is not well-formed: it has to be percent-encoded UTF-8");
        }
    }

    private static Map<String, String> firstOfEach(Fields parameters) {
        Map<String, String> first = new HashMap<>();
        for (Fields.Field field : parameters) {
            String value = field.getValue();
            first.put(field.getName(), value == null ? "" : value);
        }
        return first;
    }

    private static Map<String, List<String>> headers(Request request) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (HttpField field : request.getHeaders()) {
            String value = field.getValue();
            headers.computeIfAbsent(field.getName().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
                    .add(value == null ? "" : value);
        }
        return headers;
    }
}
