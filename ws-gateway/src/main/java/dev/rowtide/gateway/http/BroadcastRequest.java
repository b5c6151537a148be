package dev.rowtide.gateway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.rowtide.feed.Channel;
import dev.rowtide.gateway.auth.Identity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /realtime/broadcast}: {@code {"channel":C,"payload":…,"userId":U}}.
 *
 * @param payloadJson the payload as it was written, so that no number loses a digit, on one line
 * @param userId whom a message shall be from; the service is trusted with that
 */
record BroadcastRequest(
        Channel channel, String payloadJson, @Nullable String userId) {
    private static final int MAX_DEPTH = 64;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** The body cannot be used. */
    static final class Rejected extends Exception {
        private static final long serialVersionUID = 1;

        private final String code;

        Rejected(String code, String message) {
            super(message);
            this.code = code;
        }

        Refusal refusal() {
            return new Refusal(400, code, String.valueOf(getMessage()));
        }
    }

    static BroadcastRequest parse(byte[] body) throws Rejected {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Rejected("bad_message", "the body is not UTF-8");
        }
        try (JsonParser parser = JSON.createParser(text)) {
            return parse(parser, text);
        } catch (JsonProcessingException e) {
            throw new Rejected("bad_message", "the body is not JSON that can be taken: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Rejected("bad_message", "the body is not JSON");
        }
    }

    private static BroadcastRequest parse(JsonParser parser, String text) throws IOException, Rejected {
        String channel = null;
        String payload = null;
        String userId = null;
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new Rejected("bad_message", "the body is a JSON object: {\"channel\":…,\"payload\":…}");
        }
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "channel" -> channel = string(parser, "bad_channel", field);
                case "userId" -> userId = string(parser, "bad_message", field);
                case "payload" -> payload = raw(parser, text);
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw new JsonParseException(parser, "there is something behind the object");
        }
        if (channel == null) {
            throw new Rejected("bad_channel", "channel is missing: {\"channel\":…,\"payload\":…}");
        }
        if (payload == null) {
            throw new Rejected("bad_message", "payload is missing; null has to be written as null");
        }
        if (userId != null && (userId.isEmpty() || userId.length() > Identity.MAX_USER_ID)) {
            throw new Rejected("bad_message", "userId has 1 to " + Identity.MAX_USER_ID + " characters");
        }
        try {
            return new BroadcastRequest(new Channel(channel), payload, userId);
        } catch (IllegalArgumentException e) {
            throw new Rejected("bad_channel", String.valueOf(e.getMessage()));
        }
    }

    private static String string(JsonParser parser, String code, String field) throws IOException, Rejected {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new Rejected(code, field + " is a string");
        }
        return parser.getText();
    }

    private static String raw(JsonParser parser, String text) throws IOException {
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        // Strings are read lazily: without this the place would be where the string begins.
        parser.finishToken();
        int end = (int) parser.currentLocation().getCharOffset();
        // Line breaks are only between tokens: inside a string JSON writes them as \n.
        return text.substring(start, end).replace('\n', ' ').replace('\r', ' ');
    }
}
