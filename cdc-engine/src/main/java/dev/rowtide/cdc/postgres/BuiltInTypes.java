package dev.rowtide.cdc.postgres;

import dev.rowtide.cdc.ResourceConfig.Numbers;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types whose OIDs are the same in every PostgreSQL (pg_type.dat of its sources), so that an ordinary table needs no look into the
 * catalog. What is not listed, also of a later version, is found there; a test compares the lists with a server's catalog.
 */
final class BuiltInTypes {
    /**
     * Written as they are: name, OID, OID of the array type (0: there is none). oid, money, intervals, ranges and dates are no mistake:
     * {@code to_jsonb} has them as strings.
     */
    private static final String TEXTS = """
            bytea 17 1001, char 18 1002, name 19 1003, regproc 24 1008, text 25 1009, oid 26 1028, tid 27 1010, xid 28 1011,
            cid 29 1012, xml 142 143, pg_node_tree 194 0, point 600 1017, lseg 601 1018, path 602 1019, box 603 1020,
            polygon 604 1027, line 628 629, cidr 650 651, circle 718 719, macaddr8 774 775, money 790 791, macaddr 829 1040,
            inet 869 1041, aclitem 1033 1034, bpchar 1042 1014, varchar 1043 1015, date 1082 1182, time 1083 1183,
            interval 1186 1187, timetz 1266 1270, bit 1560 1561, varbit 1562 1563, refcursor 1790 2201,
            regprocedure 2202 2207, regoper 2203 2208, regoperator 2204 2209, regclass 2205 2210, regtype 2206 2211,
            uuid 2950 2951, txid_snapshot 2970 2949, pg_lsn 3220 3221, tsvector 3614 3643, tsquery 3615 3645,
            gtsvector 3642 3644, regconfig 3734 3735, regdictionary 3769 3770, int4range 3904 3905, numrange 3906 3907,
            tsrange 3908 3909, tstzrange 3910 3911, daterange 3912 3913, int8range 3926 3927, jsonpath 4072 4073,
            regnamespace 4089 4090, regrole 4096 4097, regcollation 4191 4192, int4multirange 4451 6150,
            nummultirange 4532 6151, tsmultirange 4533 6152, tstzmultirange 4534 6153, datemultirange 4535 6155,
            int8multirange 4536 6157, pg_snapshot 5038 5039, xid8 5069 271""";

    /** The one type whose arrays are not delimited by commas. */
    private static final long BOX_ARRAY = 1020;

    private static final Map<Long, SpanWriter> NUMBERS = writers(ScalarWriters.NUMBER);
    private static final Map<Long, SpanWriter> STRINGS = writers(ScalarWriters.TEXT);

    private BuiltInTypes() {}

    /** The writer of the type, or null if its OID is not one of the fixed ones. */
    static @Nullable SpanWriter writer(long typeOid, Numbers numbers) {
        return switch (numbers) {
            case NUMBER -> NUMBERS.get(typeOid);
            case STRING -> STRINGS.get(typeOid);
        };
    }

    /** @param wide the writer of those numbers that JavaScript rounds */
    private static Map<Long, SpanWriter> writers(SpanWriter wide) {
        Map<Long, SpanWriter> writers = new HashMap<>();
        for (String type : TEXTS.split(",\\s")) {
            String[] parts = type.split(" ");
            add(writers, Long.parseLong(parts[1]), Long.parseLong(parts[2]), ScalarWriters.TEXT);
        }
        add(writers, 16, 1000, ScalarWriters.BOOLEAN);
        add(writers, 21, 1005, ScalarWriters.NUMBER); // int2
        add(writers, 23, 1007, ScalarWriters.NUMBER); // int4
        add(writers, 20, 1016, wide); // int8
        add(writers, 1700, 1231, wide); // numeric
        add(writers, 700, 1021, ScalarWriters.NUMBER); // float4
        add(writers, 701, 1022, ScalarWriters.NUMBER); // float8
        add(writers, 1114, 1115, ScalarWriters.TIMESTAMP);
        add(writers, 1184, 1185, ScalarWriters.TIMESTAMP_WITH_ZONE);
        add(writers, 114, 199, JsonDocumentWriter.JSON);
        add(writers, 3802, 3807, JsonDocumentWriter.JSONB);
        add(writers, 22, 1006, new VectorWriter(ScalarWriters.NUMBER)); // int2vector
        add(writers, 30, 1013, new VectorWriter(ScalarWriters.TEXT)); // oidvector
        writers.put(BOX_ARRAY, new ArrayWriter(ScalarWriters.TEXT, ';'));
        return Map.copyOf(writers);
    }

    private static void add(Map<Long, SpanWriter> writers, long oid, long arrayOid, SpanWriter writer) {
        writers.put(oid, writer);
        if (arrayOid != 0) {
            writers.put(arrayOid, new ArrayWriter(writer, ','));
        }
    }
}
