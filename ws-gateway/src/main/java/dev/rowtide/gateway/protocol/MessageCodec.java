package dev.rowtide.gateway.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.rowtide.feed.Channel;
import dev.rowtide.feed.Operation;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.RowFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what clients send. Trusts nothing; whatever is wrong becomes a {@link MalformedMessageException} with a sentence. Immutable and
 * thread-safe.
 *
 * <p>An object is read as a map from names to the <em>text</em> of the values. So a broadcast's payload passes through exactly as it was given (a tree would
 * round numbers), and an {@code id} can be echoed even if another field is wrong.
 */
public final class MessageCodec {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_LENGTH = 1_000;
    private static final int MAX_NAME_LENGTH = 1_000;
    private static final int MAX_ID_LENGTH = 255;
    private static final int MAX_TOKEN_LENGTH = 16 * 1024;

    private static final int MAX_COLUMNS = 1_000;
    private static final int MIN_CONFLATE_MILLIS = 10;
    private static final int MAX_CONFLATE_MILLIS = 60_000;

    private final FilterParser filters = FilterParser.ofSubscriptions();
    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .build())
            .build();

    /** Reads one message. */
    public ClientMessage decode(String text) throws MalformedMessageException {
        Fields message;
        try {
            message = new Fields(fields(text, "a message"), null, null);
        } catch (Malformed e) {
            throw new MalformedMessageException(e.problem, null, null);
        }
        // From here on errors carry the id, then the channel, as far as these are good themselves.
        String idJson = null;
        String channelName = null;
        try {
            idJson = id(message);
            String type = message.string("type");
            if (type == null) {
                throw new Malformed(
                        "a message needs a \"type\", for example {\"type\":\"subscribe\",\"channel\":\"resource:post\"}");
            }
            message = new Fields(message.values, type, idJson);
            switch (type) {
                case "heartbeat":
                    return new ClientMessage.Heartbeat(idJson);
                case "auth":
                    return auth(message);
                case "subscribe", "unsubscribe", "broadcast", "presence_update":
                    break;
                default:
                    throw new Malformed(
                            new Problem(
                                    ErrorCode.UNKNOWN_TYPE,
                                    "there is no message of type \"" + Problem.shown(type)
                                            + "\"; known are subscribe, unsubscribe, broadcast, presence_update, heartbeat and auth"));
            }
            Channel channel = channel(message);
            channelName = channel.name();
            return switch (type) {
                case "subscribe" -> subscribe(message, channel);
                case "unsubscribe" -> new ClientMessage.Unsubscribe(channel, idJson);
                case "broadcast" -> broadcast(message, channel);
                default -> presenceUpdate(message, channel);
            };
        } catch (Malformed e) {
            throw new MalformedMessageException(e.problem, idJson, channelName);
        }
    }

    private ClientMessage subscribe(Fields message, Channel channel) throws Malformed {
        Fields payload = message.payload();
        return new ClientMessage.Subscribe(
                channel,
                message.idJson,
                since(payload),
                flag(payload, "snapshot"),
                filter(payload),
                columns(payload),
                operations(payload),
                conflate(payload),
                presence(payload),
                metadata(payload));
    }

    private RowFilter filter(Fields payload) throws Malformed {
        String filter = payload.given("filter");
        try {
            return filter == null ? RowFilter.ALL : filters.parse(filter);
        } catch (InvalidFilterException e) {
            throw new Malformed(new Problem(ErrorCode.BAD_FILTER, e.sentence()));
        }
    }

    private List<String> columns(Fields payload) throws Malformed {
        String given = payload.given("columns");
        if (given == null) {
            return List.of();
        }
        List<String> columns = strings(given, "\"columns\"");
        if (columns.isEmpty() || columns.size() > MAX_COLUMNS) {
            throw new Malformed("\"columns\" is a list of 1 to " + MAX_COLUMNS + " names of columns, not "
                    + Problem.shown(given) + "; leave it out to get all");
        }
        return columns;
    }

    /** The members of a list of strings; none at all if it is anything else. */
    private List<String> strings(String given, String what) throws Malformed {
        List<String> strings = new ArrayList<>();
        try (JsonParser parser = json.createParser(given)) {
            boolean isArray = parser.nextToken() == JsonToken.START_ARRAY;
            while (isArray && parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() != JsonToken.VALUE_STRING) {
                    return List.of();
                }
                strings.add(parser.getText());
            }
            return strings;
        } catch (IOException e) {
            throw notJson(e, what);
        }
    }

    private static int conflate(Fields payload) throws Malformed {
        String given = payload.given("conflate");
        if (given == null) {
            return 0;
        }
        try {
            int millis = Integer.parseInt(given);
            if (millis >= MIN_CONFLATE_MILLIS && millis <= MAX_CONFLATE_MILLIS) {
                return millis;
            }
        } catch (NumberFormatException e) {
            // Said below, with what a number out of range gets.
        }
        throw new Malformed("\"conflate\" is a number of milliseconds from " + MIN_CONFLATE_MILLIS + " to "
                + MAX_CONFLATE_MILLIS + ", not " + Problem.shown(given));
    }

    private static boolean flag(Fields fields, String name) throws Malformed {
        String given = fields.given(name);
        if (given != null && !given.equals("true") && !given.equals("false")) {
            throw new Malformed('"' + name + "\" is true or false, not " + Problem.shown(given));
        }
        return "true".equals(given);
    }

    private static @Nullable Position since(Fields payload) throws Malformed {
        String since = payload.string("since");
        if (since == null) {
            return null;
        }
        return Position.parse(since)
                .orElseThrow(() -> new Malformed(new Problem(
                        ErrorCode.UNKNOWN_POSITION,
                        "\"since\" is a position as \"subscribed\", a change or a heartbeat gave it, not \""
                                + Problem.shown(since) + '"')));
    }

    private static ClientMessage broadcast(Fields message, Channel channel) throws Malformed {
        String payload = message.values.get("payload");
        return new ClientMessage.Broadcast(
                channel, message.idJson, payload == null ? "null" : payload, flag(message, "self"));
    }

    private ClientMessage presenceUpdate(Fields message, Channel channel) throws Malformed {
        String metadata = metadata(message.payload());
        if (metadata == null) {
            throw new Malformed("presence_update needs \"payload\":{\"metadata\":{…}}");
        }
        return new ClientMessage.PresenceUpdate(channel, message.idJson, metadata);
    }

    private ClientMessage auth(Fields message) throws Malformed {
        String token = message.payload().string("token");
        if (token == null || token.isEmpty() || token.length() > MAX_TOKEN_LENGTH) {
            throw new Malformed(
                    "auth needs \"payload\":{\"token\":\"…\"} with 1 to " + MAX_TOKEN_LENGTH + " characters");
        }
        return new ClientMessage.Auth(message.idJson, token);
    }

    private static @Nullable String id(Fields message) throws Malformed {
        String id = message.given("id");
        if (id == null) {
            return null;
        }
        if (id.startsWith("{") || id.startsWith("[")) {
            throw new Malformed("\"id\" is a number or a string, not " + Problem.shown(id));
        }
        if (id.length() > MAX_ID_LENGTH) {
            throw new Malformed("\"id\" has at most " + MAX_ID_LENGTH + " characters, this one has " + id.length());
        }
        return id;
    }

    private static Channel channel(Fields message) throws Malformed {
        String name = message.string("channel");
        if (name == null) {
            throw new Malformed(message.type + " needs a \"channel\", for example \"resource:post\"");
        }
        try {
            Channel channel = new Channel(name);
            if (!isText(name)) {
                throw new IllegalArgumentException("a channel name cannot contain half a surrogate pair");
            }
            return channel;
        } catch (IllegalArgumentException e) {
            throw new Malformed(new Problem(ErrorCode.BAD_CHANNEL, String.valueOf(e.getMessage())));
        }
    }

    private Set<Operation> operations(Fields payload) throws Malformed {
        String given = payload.given("operations");
        if (given == null) {
            return EnumSet.allOf(Operation.class);
        }
        Set<Operation> operations = EnumSet.noneOf(Operation.class);
        for (String name : strings(given, "\"operations\"")) {
            operations.add(Operation.ofWireName(name).orElseThrow(() -> badOperations(given)));
        }
        if (operations.isEmpty()) {
            throw badOperations(given);
        }
        // Who is told of deletes counts rows, and a truncate deletes them all.
        if (operations.contains(Operation.DELETE)) {
            operations.add(Operation.TRUNCATE);
        }
        return operations;
    }

    private static Malformed badOperations(String given) {
        return new Malformed("\"operations\" is a list of one or more of create, update, delete and truncate, not "
                + Problem.shown(given));
    }

    private static PresenceMode presence(Fields payload) throws Malformed {
        String presence = payload.string("presence");
        if (presence == null) {
            return PresenceMode.FULL;
        }
        return switch (presence) {
            case "full" -> PresenceMode.FULL;
            case "diff" -> PresenceMode.DIFF;
            case "none" -> PresenceMode.NONE;
            default ->
                throw new Malformed("\"presence\" is full, diff or none, not \"" + Problem.shown(presence) + '"');
        };
    }

    private static @Nullable String metadata(Fields payload) throws Malformed {
        String metadata = payload.given("metadata");
        if (metadata != null && !metadata.startsWith("{")) {
            throw new Malformed("\"metadata\" is an object, not " + Problem.shown(metadata));
        }
        return metadata;
    }

    /** Whether all surrogates come in pairs: half of one is legal in a JSON escape and cannot be sent as UTF-8. */
    private static boolean isText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /** The text of each value of an object; of a name that stands twice, the last. */
    private Map<String, String> fields(String text, String what) throws Malformed {
        Map<String, String> values = new LinkedHashMap<>();
        // From characters and not bytes: Jackson would guess UTF-16 from zero bytes, and offsets must index this very
        // text.
        try (JsonParser parser = json.createParser(text.toCharArray())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Malformed(
                        what + " is a JSON object, not " + (text.isBlank() ? "empty" : Problem.shown(text)));
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                int start = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                // Strings are read lazily; only then is the location behind the value.
                parser.finishToken();
                values.put(name, text.substring(start, (int)
                        parser.currentLocation().getCharOffset()));
            }
            if (parser.nextToken() != null) {
                throw new Malformed("a frame holds one JSON object, this one goes on after it");
            }
            return values;
        } catch (IOException e) {
            throw notJson(e, what);
        }
    }

    private static Malformed notJson(IOException e, String what) {
        if (e instanceof StreamConstraintsException) {
            return new Malformed(what + " may nest " + MAX_DEPTH + " levels deep, with names of at most "
                    + MAX_NAME_LENGTH + " and numbers of at most " + MAX_NUMBER_LENGTH + " characters: "
                    + Problem.shown(String.valueOf(e.getMessage())));
        }
        String why = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        String where = e instanceof JsonProcessingException json && json.getLocation() != null
                ? " at character " + json.getLocation().getCharOffset()
                : "";
        return new Malformed(what + " is not JSON" + where + ": " + Problem.shown(String.valueOf(why)));
    }

    /** The fields of one object. A field that is null counts as not given. */
    private final class Fields {
        final Map<String, String> values;
        final String type;
        final @Nullable String idJson;

        Fields(Map<String, String> values, @Nullable String type, @Nullable String idJson) {
            this.values = values;
            this.type = type == null ? "a message" : type;
            this.idJson = idJson;
        }

        @Nullable
        String given(String name) {
            String value = values.get(name);
            return value == null || value.equals("null") ? null : value;
        }

        @Nullable
        String string(String name) throws Malformed {
            String value = given(name);
            if (value == null) {
                return null;
            }
            try (JsonParser parser = json.createParser(value)) {
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    throw new Malformed('"' + name + "\" is a string, not " + Problem.shown(value));
                }
                return parser.getText();
            } catch (IOException e) {
                throw notJson(e, '"' + name + '"');
            }
        }

        Fields payload() throws Malformed {
            String payload = given("payload");
            return new Fields(payload == null ? Map.of() : fields(payload, "the payload of " + type), type, idJson);
        }
    }

    /** Inside this class: a problem that still lacks the id and the channel. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        final transient Problem problem;

        Malformed(Problem problem) {
            super(problem.message(), null, false, false);
            this.problem = problem;
        }

        Malformed(String message) {
            this(new Problem(ErrorCode.BAD_MESSAGE, message));
        }
    }
}
