package dev.rowtide.gateway.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The one way in which an HTTP answer leaves, so that none goes without the headers that all need. */
final class Reply {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String NOT_KEPT = "no-store";
    private static final String REVALIDATED = "no-cache";

    private final Response response;
    private final Callback callback;

    Reply(Response response, Callback callback) {
        this.response = response;
        this.callback = callback;
    }

    /** Writes the members of the object that is the answer. */
    interface Members {
        void write(JsonGenerator json) throws IOException;
    }

    void json(int status, Members members) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            members.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        send(status, "application/json", bytes.toByteArray());
    }

    void text(String contentType, String text) {
        send(200, contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    /** What may be kept, and asked about. */
    void file(String contentType, byte[] bytes) {
        send(200, REVALIDATED, contentType, bytes);
    }

    void notModified() {
        headers(304, REVALIDATED);
        response.write(true, ByteBuffer.allocate(0), callback);
    }

    void refuse(Refusal refusal) {
        if (refusal.status() == 401) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
        }
        json(refusal.status(), json -> {
            json.writeObjectFieldStart("error");
            json.writeStringField("code", refusal.code());
            json.writeStringField("message", refusal.message());
            json.writeEndObject();
        });
    }

    void noContent() {
        headers(204, NOT_KEPT);
        response.write(true, ByteBuffer.allocate(0), callback);
    }

    private void send(int status, String contentType, byte[] body) {
        send(status, NOT_KEPT, contentType, body);
    }

    private void send(int status, String cacheControl, String contentType, byte[] body) {
        headers(status, cacheControl);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private void headers(int status, String cacheControl) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, cacheControl);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
    }
}
