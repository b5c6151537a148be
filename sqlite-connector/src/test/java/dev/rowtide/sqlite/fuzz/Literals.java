package dev.rowtide.sqlite.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;

/** SQL literals, chosen by a seed, with a taste for the ones that go wrong. */
final class Literals {
    /** What a column is filled with. */
    enum Kind {
        INT,
        REAL,
        TEXT,
        /** Plain ASCII. */
        WORD,
        BLOB,
        ANY,
        /** Long texts and blobs, which overflow their page. */
        BIG
    }

    private static final String[] INTEGERS = {
        "0",
        "1",
        "-1",
        "2",
        "5",
        "127",
        "128",
        "-128",
        "-129",
        "32767",
        "32768",
        "-32769",
        "8388607",
        "8388608",
        "2147483647",
        "2147483648",
        "-2147483649",
        "140737488355327",
        "140737488355328",
        "9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "7",
        "42"
    };
    private static final String[] REALS = {
        "0.0",
        "-0.0",
        "1.0",
        "5.0",
        "-7.0",
        "0.1",
        "1.5",
        "1e300",
        "-1e300",
        "9e999",
        "-9e999",
        "4.9e-324",
        "9007199254740992.0",
        "9223372036854775807.0",
        "140737488355327.0",
        "140737488355328.0",
        "3.14"
    };
    private static final String[] TEXTS = {
        "''",
        "'a'",
        "'A'",
        "'a '",
        "'b'",
        "'it''s'",
        "'5'",
        "'5.0'",
        "' 7 '",
        "'zzz'",
        "'é'",
        "'É'",
        "'漢字'",
        "'x' || char(0) || 'y'",
        "char(128512)",
        "'1e3'",
        "'abc'",
        "'ABC'"
    };

    private final Random random;
    private final boolean utf16;

    Literals(Random random, boolean utf16) {
        this.random = random;
        this.utf16 = utf16;
    }

    String of(Kind kind) {
        return switch (kind) {
            case INT -> random.nextInt(3) == 0 ? pick(INTEGERS) : Integer.toString(random.nextInt(200));
            case REAL -> random.nextBoolean() ? pick(REALS) : Double.toString(random.nextInt(1000) / 8.0);
            case TEXT -> text();
            case WORD -> "'w" + random.nextInt(300) + "'";
            case BLOB -> blob();
            case BIG -> big();
            case ANY ->
                switch (random.nextInt(7)) {
                    case 0 -> "NULL";
                    case 1, 2 -> of(Kind.INT);
                    case 3 -> of(Kind.REAL);
                    case 4, 5 -> text();
                    default -> blob();
                };
        };
    }

    /** For keys. Behind the largest rowid SQLite chooses the next one at random, which no seed repeats. */
    String key(Kind kind) {
        String literal = of(kind);
        return literal.equals("9223372036854775807") ? "4611686018427387904" : literal;
    }

    /** NULL now and then. */
    String nullable(Kind kind) {
        return random.nextInt(8) == 0 ? "NULL" : of(kind);
    }

    private String text() {
        switch (random.nextInt(6)) {
            case 0:
                return "'w" + random.nextInt(300) + "'";
            case 1:
                // Not valid in either encoding: a lone byte of UTF-8, half of a surrogate pair.
                return utf16 ? "CAST(x'3dd84100' AS TEXT)" : "CAST(x'ff41c328' AS TEXT)";
            case 2:
                return "'" + "long text ".repeat(random.nextInt(30)) + random.nextInt(1000) + "'";
            default:
                return pick(TEXTS);
        }
    }

    private String blob() {
        byte[] bytes = new byte[random.nextInt(random.nextInt(8) == 0 ? 400 : 20)];
        random.nextBytes(bytes);
        return "x'" + HexFormat.of().formatHex(bytes) + "'";
    }

    private String big() {
        int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 60_000 : 6000);
        String word = HexFormat.of().formatHex(("" + random.nextInt(100_000)).getBytes(StandardCharsets.US_ASCII));
        String text = "substr(replace(hex(zeroblob(" + (length / word.length() + 1) + ")),'00','" + word + "'),1,"
                + length + ")";
        return switch (random.nextInt(4)) {
            case 0 -> "CAST(" + text + " AS BLOB)";
            case 1 -> "zeroblob(" + length + ")";
            default -> text;
        };
    }

    private String pick(String[] values) {
        return values[random.nextInt(values.length)];
    }
}
