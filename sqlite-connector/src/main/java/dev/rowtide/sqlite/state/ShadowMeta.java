package dev.rowtide.sqlite.state;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What {@code shadow.meta} says: which state the shadow has. The file is one JSON object on one line:
 *
 * <pre>{"format":1,"id":"…","database":"…","seq":9,"target":9,"pageSize":4096,"pageCount":7,"salt1":…,"salt2":…,"frame":…,"checksum1":…,"checksum2":…,"crc":…}</pre>
 *
 * {@code crc} comes last and is the CRC-32C of everything before the comma before it.
 *
 * @param id names the state; another one after each first copy
 * @param database the database that it is a copy of
 * @param seq the newest commit that {@code shadow.db} has
 * @param target the commit that a flush is bringing it to, or {@code seq}. While they differ, pages that commits beyond {@code seq} changed may be old, new or torn
 * @param pageSize bytes a page, as of {@code seq}
 * @param pageCount pages, as of {@code seq}
 * @param end where reading the log went on after {@code seq}
 */
record ShadowMeta(String id, String database, long seq, long target, int pageSize, int pageCount, LogPosition end) {
    private static final int FORMAT = 1;
    private static final Pattern FIELD =
            Pattern.compile("\\G[{,]\"(\\w+)\":(?:(-?\\d{1,19})|\"((?:[^\"\\\\]++|\\\\.)*+)\")");
    private static final Pattern ESCAPE = Pattern.compile("\\\\(?:u([0-9a-f]{4})|(.))");

    ShadowMeta withTarget(long newTarget) {
        return new ShadowMeta(id, database, seq, newTarget, pageSize, pageCount, end);
    }

    /** The state that the shadow has once {@code transaction} is flushed. */
    ShadowMeta at(TransactionHeader transaction) {
        return new ShadowMeta(
                id,
                database,
                transaction.seq(),
                transaction.seq(),
                transaction.pageSize(),
                transaction.pageCount(),
                transaction.end());
    }

    byte[] encode() {
        String text = "{\"format\":" + FORMAT
                + ",\"id\":" + quote(id)
                + ",\"database\":" + quote(database)
                + ",\"seq\":" + seq
                + ",\"target\":" + target
                + ",\"pageSize\":" + pageSize
                + ",\"pageCount\":" + pageCount
                + ",\"salt1\":" + end.salt1()
                + ",\"salt2\":" + end.salt2()
                + ",\"frame\":" + end.frame()
                + ",\"checksum1\":" + end.checksum1()
                + ",\"checksum2\":" + end.checksum2();
        return (text + ",\"crc\":" + crc(text) + "}\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @throws IllegalArgumentException if it is no such object; the message says why, to follow "shadow.meta" */
    static ShadowMeta decode(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8);
        Map<String, String> fields = new HashMap<>();
        Matcher field = FIELD.matcher(text);
        while (field.find()) {
            String number = field.group(2);
            fields.put(field.group(1), number != null ? number : unquote(field.group(3)));
        }
        if (!fields.containsKey("format")) {
            throw new IllegalArgumentException("is not a description of a shadow");
        }
        if (integer(fields, "format") != FORMAT) {
            throw new IllegalArgumentException(
                    "has format " + integer(fields, "format") + ", and only " + FORMAT + " is known to this version");
        }
        int covered = text.lastIndexOf(",\"crc\":");
        if (covered < 0 || longInteger(fields, "crc") != crc(text.substring(0, covered))) {
            throw new IllegalArgumentException("does not match its checksum");
        }
        return new ShadowMeta(
                string(fields, "id"),
                string(fields, "database"),
                longInteger(fields, "seq"),
                longInteger(fields, "target"),
                integer(fields, "pageSize"),
                integer(fields, "pageCount"),
                new LogPosition(
                        integer(fields, "salt1"),
                        integer(fields, "salt2"),
                        integer(fields, "frame"),
                        integer(fields, "checksum1"),
                        integer(fields, "checksum2")));
    }

    private static String string(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("lacks the field " + name);
        }
        return value;
    }

    private static long longInteger(Map<String, String> fields, String name) {
        try {
            return Long.parseLong(string(fields, name));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("has no number in the field " + name, e);
        }
    }

    private static int integer(Map<String, String> fields, String name) {
        return Math.toIntExact(longInteger(fields, name));
    }

    private static long crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return crc.getValue();
    }

    private static String quote(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private static String unquote(String quoted) {
        return ESCAPE.matcher(quoted).replaceAll(escape -> {
            @Nullable String code = escape.group(1);
            return Matcher.quoteReplacement(
                    code != null ? String.valueOf((char) Integer.parseInt(code, 16)) : escape.group(2));
        });
    }
}
