package dev.rowtide.gateway.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.rowtide.gateway.presence.OnlineUser;
import java.io.IOException;
import java.util.List;

/** Users as messages list them: {@code [{"userId":…,"metadata":{…}}]}. */
final class OnlineUsersJson {
    private OnlineUsersJson() {}

    static void write(String field, List<OnlineUser> users, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(field);
        for (OnlineUser user : users) {
            json.writeStartObject();
            json.writeStringField("userId", user.userId());
            json.writeFieldName("metadata");
            json.writeRawValue(user.metadataJson());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
