package dev.rowtide.gateway.presence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rowtide.gateway.auth.Identity;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is shown about a user: what its identity vouches for, and beside that what its client chose. A key that both have is the
 * identity's: nobody can give itself another's verified name. Immutable, thread-safe.
 */
public final class PresenceMetadata {
    // Not tighter than what reads messages: what came through there is not refused here.
    private static final int MAX_DEPTH = 100;

    // Numbers stay as they were written: what a client chose is shown as it chose it.
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final ObjectNode vouched;
    private final @Nullable ObjectNode chosen;
    private final String json;

    private PresenceMetadata(ObjectNode vouched, @Nullable ObjectNode chosen) {
        this.vouched = vouched;
        this.chosen = chosen;
        ObjectNode shown = vouched;
        if (chosen != null) {
            shown = JSON.createObjectNode();
            shown.setAll(chosen);
            shown.setAll(vouched);
        }
        this.json = shown.toString();
    }

    /** What the identity holds: {@code name} if there is one, and its metadata. */
    public static PresenceMetadata of(Identity identity) {
        ObjectNode vouched = JSON.createObjectNode();
        vouched.setAll(JSON.<ObjectNode>valueToTree(identity.metadata()));
        if (identity.name() != null) {
            vouched.put("name", identity.name());
        }
        return new PresenceMetadata(vouched, null);
    }

    /**
     * The same identity with what the client chose, replacing what it chose before.
     *
     * @param chosenJson a JSON object; its size was checked by the caller
     * @throws IllegalArgumentException with a sentence, if it is not one
     */
    public PresenceMetadata choosing(String chosenJson) {
        JsonNode node;
        try {
            node = JSON.readTree(chosenJson);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("metadata is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!(node instanceof ObjectNode object)) {
            throw new IllegalArgumentException("metadata is a JSON object, not "
                    + node.getNodeType().name().toLowerCase(Locale.ROOT));
        }
        return new PresenceMetadata(vouched, object);
    }

    /** What a further connection that chose nothing shows: its own identity, and what the user's other connections chose. */
    PresenceMetadata after(PresenceMetadata before) {
        if (chosen != null || before.chosen == null) {
            return this;
        }
        return vouched.equals(before.vouched) ? before : new PresenceMetadata(vouched, before.chosen);
    }

    /** As it is shown: a JSON object. */
    public String json() {
        return json;
    }
}
