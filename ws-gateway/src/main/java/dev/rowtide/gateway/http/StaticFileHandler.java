package dev.rowtide.gateway.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** A file of the console. A browser may keep it, and asks each time whether it is still the one. */
final class StaticFileHandler extends Handler.Abstract {
    /** The page needs nothing from elsewhere, and nobody is to put it into a frame of his own. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final StaticFile file;
    private final String entityTag;

    StaticFileHandler(StaticFile file) {
        this.file = file;
        this.entityTag = file.entityTag();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.ETAG, entityTag);
        response.getHeaders().put("Content-Security-Policy", POLICY);
        response.getHeaders().put("Referrer-Policy", "no-referrer");
        Reply reply = new Reply(response, callback);
        // Browsers send back what they got; a list of tags, or W/ before one, only costs a transfer.
        if (entityTag.equals(request.getHeaders().get(HttpHeader.IF_NONE_MATCH))) {
            reply.notModified();
        } else {
            reply.file(file.contentType(), file.bytes());
        }
        return true;
    }
}
