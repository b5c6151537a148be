package dev.rowtide.app;

import dev.rowtide.app.config.AppConfig;
import dev.rowtide.gateway.auth.AuthConfig;
import dev.rowtide.gateway.http.StaticFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The page at {@code /}, as npm built it from the folder {@code console} of the repository. */
public final class ConsolePage {
    /** As it stands in the page, for the real one. */
    private static final String PATH = "content=\"/realtime\"";

    private ConsolePage() {}

    /**
     * Whether there is one: if it is wanted, and somebody can use it. Its files hold no secrets; what it shows is asked for with a service credential where there is
     * authentication.
     */
    public static boolean isServed(AppConfig config) {
        AuthConfig auth = config.gateway().auth();
        return config.console()
                && switch (auth.mode()) {
                    case NONE, CUSTOM -> true;
                    case TOKENS ->
                        auth.tokens().stream()
                                .anyMatch(token -> token.identity().service());
                };
    }

    static List<StaticFile> files(AppConfig config) {
        if (!isServed(config)) {
            return List.of();
        }
        // Letters and a few signs, none of which means anything in HTML.
        String page = new String(read("index.html"), StandardCharsets.UTF_8)
                .replace(PATH, "content=\"" + config.gateway().path() + '"');
        return List.of(
                new StaticFile("/", "text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8)),
                new StaticFile("/console.js", "text/javascript; charset=utf-8", read("console.js")),
                new StaticFile("/console.css", "text/css; charset=utf-8", read("console.css")));
    }

    private static byte[] read(String name) {
        try (InputStream file = ConsolePage.class.getResourceAsStream("/console/" + name)) {
            if (file == null) {
                throw new IllegalStateException("the jar has no console/" + name + ": build it anew");
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the jar cannot be read", e);
        }
    }
}
