package dev.rowtide.gateway.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file that is the same for everybody, in memory.
 *
 * @param path where it is asked for: {@code /console.js}
 * @param contentType with the charset of text
 */
public record StaticFile(String path, String contentType, byte[] bytes) {

    /** Another for other bytes, as an {@code ETag} has it: a digest in quotes. */
    String entityTag() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
