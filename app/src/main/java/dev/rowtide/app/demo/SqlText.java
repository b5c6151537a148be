package dev.rowtide.app.demo;

import java.util.regex.Pattern;

/** As much of SQL's spelling as it takes to see where a statement ends ("SQL Comment Syntax" and "SQLite Keywords" of SQLite's documentation). */
final class SqlText {
    /** Its body has semicolons of its own. */
    private static final Pattern TRIGGER = Pattern.compile(
            "\\s*CREATE\\s+(TEMP\\s+|TEMPORARY\\s+)?TRIGGER\\s.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private SqlText() {}

    /** Whether there is nothing to run in it. */
    static boolean isBlank(String sql) {
        return afterBlanks(sql, 0) == sql.length();
    }

    /** Whether nothing stands behind its first statement but blanks and comments. */
    static boolean isOneStatement(String sql) {
        int begin = afterBlanks(sql, 0);
        if (TRIGGER.matcher(sql.substring(begin)).matches()) {
            return true;
        }
        int end = begin;
        while (end < sql.length() && sql.charAt(end) != ';') {
            end = afterToken(sql, end);
        }
        return afterBlanks(sql, end) == sql.length();
    }

    /** The place behind blanks, comments and semicolons. */
    private static int afterBlanks(String sql, int from) {
        int at = from;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (Character.isWhitespace(c) || c == ';') {
                at++;
            } else if (isComment(sql, at)) {
                at = afterToken(sql, at);
            } else {
                return at;
            }
        }
        return at;
    }

    private static boolean isComment(String sql, int at) {
        return sql.startsWith("--", at) || sql.startsWith("/*", at);
    }

    /** The place behind a comment, a quoted text or name, or any other character. One that does not end reaches to the end, and SQLite says what is wrong. */
    private static int afterToken(String sql, int at) {
        if (sql.startsWith("--", at)) {
            return after(sql, "\n", at);
        }
        if (sql.startsWith("/*", at)) {
            return after(sql, "*/", at + 2);
        }
        // A doubled quote inside is the end of one text and the beginning of another: as good for our purpose.
        return switch (sql.charAt(at)) {
            case '\'' -> after(sql, "'", at + 1);
            case '"' -> after(sql, "\"", at + 1);
            case '`' -> after(sql, "`", at + 1);
            case '[' -> after(sql, "]", at + 1);
            default -> at + 1;
        };
    }

    private static int after(String sql, String end, int from) {
        int found = sql.indexOf(end, from);
        return found < 0 ? sql.length() : found + end.length();
    }
}
