package dev.rowtide.sqlite.rows;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tables in which a virtual table keeps its data. SQLite knows them by the same rule, name and suffix; it is repeated here for the modules that the library at hand
 * lacks. Those of modules named nowhere here cannot be told from ordinary tables.
 */
final class ShadowTables {
    private static final String GAP = "(?:\\s|--[^\\n]*+\\n|/\\*(?:[^*]|\\*(?!/))*+\\*/)*+";
    private static final String IDENTIFIER =
            "(?:\"(?:[^\"]|\"\")*+\"|`(?:[^`]|``)*+`|'(?:[^']|'')*+'|\\[[^\\]]*+\\]|[\\p{Alnum}_$\\x{80}-\\x{10ffff}]++)";

    /** SQLite stores the statement from the table's name on behind these three words. */
    private static final Pattern VIRTUAL_TABLE = Pattern.compile(
            "CREATE VIRTUAL TABLE" + GAP + IDENTIFIER + GAP + "USING" + GAP + "(" + IDENTIFIER + ").*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private ShadowTables() {}

    /**
     * The names that the tables of a virtual table have, if it has them all, in ASCII lower case.
     *
     * @param name the virtual table's
     * @param sql its CREATE statement
     */
    static List<String> of(String name, String sql) {
        Matcher statement = VIRTUAL_TABLE.matcher(sql);
        if (!statement.matches()) {
            return List.of();
        }
        String module = statement.group(1).replaceAll("[\"`'\\[\\]]", "").toLowerCase(Locale.ROOT);
        List<String> suffixes = switch (module) {
            case "fts1", "fts2" -> List.of("content", "term", "segments", "segdir");
            case "fts3", "fts4" -> List.of("content", "segments", "segdir", "docsize", "stat");
            case "fts5" -> List.of("data", "idx", "content", "docsize", "config");
            case "rtree", "rtree_i32", "geopoly" -> List.of("node", "rowid", "parent");
            case "spellfix1" -> List.of("vocab");
            default -> List.of();
        };
        return suffixes.stream()
                .map(suffix -> Schema.asciiLowerCase(name) + "_" + suffix)
                .toList();
    }
}
