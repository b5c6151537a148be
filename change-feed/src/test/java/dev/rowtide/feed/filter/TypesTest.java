package dev.rowtide.feed.filter;

import static dev.rowtide.feed.filter.Filters.c;
import static dev.rowtide.feed.filter.Filters.evaluate;
import static dev.rowtide.feed.filter.Filters.order;
import static dev.rowtide.feed.filter.Filters.shape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.ColumnType.Affinity;
import dev.rowtide.feed.ColumnType.Collation;
import dev.rowtide.feed.ColumnType.Dynamic;
import dev.rowtide.feed.ColumnType.Opaque;
import dev.rowtide.feed.ColumnType.Typed;
import dev.rowtide.feed.StorageClass;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each type's order and what it takes for a value. */
class TypesTest {

    @Test
    void booleans() {
        assertThat(order(Typed.BOOLEAN, true, "false", "true")).isEqualTo("<=");
        assertThat(order(Typed.BOOLEAN, false, "false", "true")).isEqualTo("=>");
        refuses(Typed.BOOLEAN, 1, "write true or false");
    }

    @Test
    void exactNumbersKeepAllDigits() {
        assertThat(order(
                        Typed.EXACT_NUMBER,
                        "9007199254740993",
                        "\"-Infinity\"",
                        "-9223372036854775808",
                        "9007199254740992",
                        "9007199254740993",
                        "9007199254740993.000",
                        "\"9007199254740993\"",
                        "9007199254740993.0000000001",
                        "9007199254740994",
                        "9223372036854775807",
                        "\"Infinity\"",
                        "\"NaN\""))
                .isEqualTo("<<<===>>>>>");
        assertThat(order(
                        Typed.EXACT_NUMBER,
                        new BigDecimal("-0.05"),
                        "-1",
                        "-0.051",
                        "-0.050",
                        "-0.05",
                        "-0.0499",
                        "0",
                        "0.00",
                        "0.05"))
                .isEqualTo("<<==>>>>");
        assertThat(order(Typed.EXACT_NUMBER, 0, "-0.0001", "0", "0.000", "0.0001"))
                .isEqualTo("<==>");
        assertThat(order(
                        Typed.EXACT_NUMBER,
                        new BigDecimal("123456789012345678901234567890.5"),
                        "123456789012345678901234567890",
                        "123456789012345678901234567890.50",
                        "1234567890123456789012345678905"))
                .isEqualTo("<=>");
        assertThat(order(Typed.EXACT_NUMBER, "NaN", "1", "\"Infinity\"", "\"NaN\""))
                .isEqualTo("<<=");
        assertThat(order(Typed.EXACT_NUMBER, "-Infinity", "\"-Infinity\"", "-1"))
                .isEqualTo("=>");
        assertThat(order(Typed.EXACT_NUMBER, new BigDecimal("1e20"), "1e19", "1E20", "100000000000000000000", "1e21"))
                .as("jsonb never has an exponent, but who writes to a Row may")
                .isEqualTo("<==>");
        refuses(Typed.EXACT_NUMBER, "abc", "write a number");
        refuses(Typed.EXACT_NUMBER, true, "write a number");
        refuses(Typed.EXACT_NUMBER, "1e99999999999", "exponent");
    }

    @Test
    void binaryNumbersAreRoundedToTheColumnsWidth() {
        assertThat(order(Typed.FLOAT8, 0.1, "\"-Infinity\"", "0", "0.1", "0.10000000000000002", "1e300", "\"NaN\""))
                .isEqualTo("<<=>>>");
        assertThat(order(Typed.FLOAT4, 0.1, "0.099999994", "0.1", "0.10000001")).isEqualTo("<=>");
        assertThat(order(Typed.FLOAT8, 0, "-5e-324", "0", "-0", "5e-324")).isEqualTo("<==>");
        assertThat(order(Typed.FLOAT8, "NaN", "\"Infinity\"", "\"NaN\"")).isEqualTo("<=");
        refuses(Typed.FLOAT4, new BigDecimal("1e39"), "range");
        refuses(Typed.FLOAT4, new BigDecimal("1e-60"), "range");
        refuses(Typed.FLOAT8, new BigDecimal("1e309"), "range");
    }

    @Test
    void textsAreOrderedByCodePoint() {
        assertThat(order(Typed.TEXT, "b", "\"\"", "\"B\"", "\"a\"", "\"b\"", "\"b \"", "\"ä\""))
                .isEqualTo("<<<=>>");
        assertThat(order(Typed.TEXT, "\uffff", "\"\ud7ff\"", "\"\uffff\"", "\"\ud83d\ude00\""))
                .isEqualTo("<=>");
        assertThat(order(Typed.TEXT, "\ud83d\ude00", "\"\ufb01\"", "\"\ud83d\ude00\"", "\"\ud83d\ude01\""))
                .isEqualTo("<=>");
        assertThat(order(Typed.TEXT, "a\"\\\n\u0001/", "\"a\\\"\\\\\\n\\u0001/\""))
                .isEqualTo("=");
        assertThat(order(Typed.TEXT, "\b\fé", "\"\\b\\f\\u00e9\"")).isEqualTo("=");
        refuses(Typed.TEXT, 5, "write a string");
        refuses(Typed.TEXT, "a\0", "U+0000");
    }

    @Test
    void blanksAtTheEndOfCharDoNotCount() {
        assertThat(order(Typed.PADDED_TEXT, "ab", "\"a   \"", "\"ab  \"", "\"ab\"", "\"ab c\""))
                .isEqualTo("<==>");
        assertThat(order(Typed.PADDED_TEXT, "ab ", "\"ab  \"")).isEqualTo("=");
        assertThat(evaluate(RowFilter.like("c", "ab"), Typed.PADDED_TEXT, "\"ab  \""))
                .isEqualTo(Truth.FALSE);
        assertThat(evaluate(RowFilter.like("c", "ab  "), Typed.PADDED_TEXT, "\"ab  \""))
                .isEqualTo(Truth.TRUE);
    }

    @Test
    void uuidsAndBytes() {
        assertThat(order(
                        Typed.UUID,
                        "6F1C1C1E-8B1F-4C7A-9A52-0C7D1F4B3E2A",
                        "\"00000000-0000-0000-0000-000000000000\"",
                        "\"6f1c1c1e-8b1f-4c7a-9a52-0c7d1f4b3e2a\"",
                        "\"ffffffff-ffff-ffff-ffff-ffffffffffff\""))
                .isEqualTo("<=>");
        assertThat(order(
                        Typed.BYTES,
                        "\\x01FF",
                        "\"\\\\x\"",
                        "\"\\\\x01\"",
                        "\"\\\\x01ff\"",
                        "\"\\\\x01ff00\"",
                        "\"\\\\x02\""))
                .isEqualTo("<<=>>");
        refuses(Typed.UUID, "6f1c1c1e", "write it as");
        refuses(Typed.BYTES, "01ff", "\\x");
        refuses(Typed.BYTES, "\\x0", "two hexadecimal digits");
    }

    @Test
    void dates() {
        assertThat(order(
                        Typed.DATE,
                        "2024-02-29",
                        "\"-infinity\"",
                        "\"4714-11-24 BC\"",
                        "\"0001-12-31 BC\"",
                        "\"0001-01-01\"",
                        "\"2024-02-28\"",
                        "\"2024-02-29\"",
                        "\"2024-03-01\"",
                        "\"12024-01-01\"",
                        "\"5874897-12-31\"",
                        "\"infinity\""))
                .isEqualTo("<<<<<=>>>>");
        assertThat(order(Typed.DATE, "0045-03-15 BC", "\"0046-01-01 BC\"", "\"0045-03-15 BC\"", "\"0044-03-15 BC\""))
                .isEqualTo("<=>");
        assertThat(order(Typed.DATE, "infinity", "\"2024-01-01\"", "\"infinity\""))
                .isEqualTo("<=");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2023-02-29",
                "1900-02-29",
                "2024-13-01",
                "2024-00-01",
                "2024-01-32",
                "0000-01-01",
                "24-01-01",
                "2024-1-1",
                "2024-01-01 ",
                " 2024-01-01",
                "2024-01-01T00:00:00",
                "4714-11-23 BC",
                "5874898-01-01",
                "01/02/2024",
                "today",
                "",
                "0001-02-29",
                "0002-02-29 BC",
                "99999999-01-01"
            })
    void whatIsNoDate(String text) {
        refuses(Typed.DATE, text, "2024-02-29");
    }

    @Test
    void yearsBeforeChristLeapAsTheAstronomersCountThem() {
        // 1 BC is the year 0.
        assertThat(order(Typed.DATE, "0001-02-29 BC", "\"0001-02-28 BC\"", "\"0001-02-29 BC\"", "\"0001-03-01 BC\""))
                .isEqualTo("<=>");
    }

    @Test
    void timestampsHaveMicroseconds() {
        assertThat(order(
                        Typed.TIMESTAMP,
                        "2024-02-29T12:00:00.5",
                        "\"-infinity\"",
                        "\"2024-02-29T11:59:59\"",
                        "\"2024-02-29T12:00:00.499999\"",
                        "\"2024-02-29T12:00:00.5\"",
                        "\"2024-02-29T12:00:00.500001\"",
                        "\"294276-12-31T23:59:59.999999\"",
                        "\"infinity\""))
                .isEqualTo("<<<=>>>");
        assertThat(order(Typed.TIMESTAMP, "2024-02-29", "\"2024-02-28T23:59:59\"", "\"2024-02-29T00:00:00\""))
                .isEqualTo("<=");
        assertThat(order(Typed.TIMESTAMP, "0044-03-15 12:00 BC", "\"0044-03-15T12:00:00 BC\""))
                .isEqualTo("=");
        refuses(Typed.TIMESTAMP, "2024-02-29T12:00:00Z", "behind it");
        refuses(Typed.TIMESTAMP, "2024-02-29T12:00:00.1234567", "six digits");
        refuses(Typed.TIMESTAMP, "2024-02-29T24:00:00", "hour");
        refuses(Typed.TIMESTAMP, "2024-02-29T12:60:00", "time of day");
        refuses(Typed.TIMESTAMP, "294277-01-01T00:00:00", "outside");
        refuses(Typed.TIMESTAMP, 1_700_000_000, "write a string");
    }

    @Test
    void instantsAreTheSameWithWhateverOffset() {
        assertThat(order(
                        Typed.TIMESTAMP_WITH_ZONE,
                        "2024-02-29T12:00:00Z",
                        "\"2024-02-29T11:59:59.999999+00:00\"",
                        "\"2024-02-29T12:00:00+00:00\"",
                        "\"2024-02-29T17:30:00+05:30\"",
                        "\"2024-02-28T21:00:00-15:00\"",
                        "\"2024-02-29T12:00:00.000001+00:00\"",
                        "\"294276-12-31T23:59:59.999999+00:00\""))
                .isEqualTo("<===>>");
        assertThat(order(Typed.TIMESTAMP_WITH_ZONE, "1900-01-01T00:00:00+00:19:32", "\"1899-12-31T23:40:28+00:00\""))
                .isEqualTo("=");
        refuses(Typed.TIMESTAMP_WITH_ZONE, "2024-02-29T12:00:00", "offset");
        refuses(Typed.TIMESTAMP_WITH_ZONE, "2024-02-29", "offset");
        refuses(Typed.TIMESTAMP_WITH_ZONE, "2024-02-29T12:00:00+16:00", "16 hours");
    }

    @Test
    void times() {
        assertThat(order(Typed.TIME, "12:00", "\"00:00:00\"", "\"12:00:00\"", "\"12:00:00.000001\"", "\"24:00:00\""))
                .isEqualTo("<=>>");
        assertThat(order(Typed.TIME, "24:00:00", "\"23:59:59.999999\"", "\"24:00:00\""))
                .isEqualTo("<=");
        refuses(Typed.TIME, "24:00:01", "time of day");
        refuses(Typed.TIME, "noon", "12:30:00");
    }

    @Test
    void enumsAreEqualOrNot() {
        assertThat(evaluate(c(Operator.EQ, "open"), Typed.ENUM, "\"open\"")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.NE, "open"), Typed.ENUM, "\"closed\"")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.EQ, "no such label"), Typed.ENUM, "\"open\""))
                .isEqualTo(Truth.FALSE);
        assertThatThrownBy(() -> c(Operator.GT, "open").check(shape(Typed.ENUM)))
                .hasMessage(
                        "\"gt\" is not offered for column \"c\", which is an enum: use eq, ne, in, notIn or isNull");
    }

    @Test
    void sqlitesNumbersComeBeforeTextsAndTextsBeforeBlobs() {
        Dynamic none = new Dynamic(Affinity.NONE, Collation.BINARY);
        assertThat(order(none, 5, "-9223372036854775808", "4.999", "5", "5.0", "5.001", "6", "\"\"", "\"5\""))
                .isEqualTo("<<==>>>>");
        assertThat(order(none, "5", "5", "1e300", "\"4\"", "\"5\"", "\"6\"")).isEqualTo("<<<=>");
        assertThat(evaluate(c(Operator.GT, "zzz"), none, "\"AA==\"", StorageClass.BLOB))
                .isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.EQ, 5), none, "\"5\"", StorageClass.INTEGER))
                .isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.GT, 5), none, "\"Infinity\"", StorageClass.REAL))
                .isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.EQ, true), none, "1")).isEqualTo(Truth.TRUE);
    }

    @Test
    void sqlitesIntegersAndRealsCompareExactly() {
        Dynamic integer = new Dynamic(Affinity.INTEGER, Collation.BINARY);
        assertThat(order(
                        integer,
                        "9007199254740993",
                        "9007199254740992",
                        "9007199254740992.0",
                        "9007199254740993",
                        "9007199254740994.0"))
                .isEqualTo("<<=>");
        assertThat(order(
                        integer,
                        "9223372036854775807",
                        "9223372036854775806",
                        "9223372036854775807",
                        "9.2233720368547758e+18"))
                .isEqualTo("<=>");
        assertThat(order(
                        integer,
                        new BigDecimal("9223372036854775808"),
                        "9223372036854775807",
                        "9.2233720368547758e+18"))
                .isEqualTo("<=");
        assertThat(order(integer, new BigDecimal("-0.5"), "-1", "-0.5", "0")).isEqualTo("<=>");
        assertThat(order(integer, " 5. ", "5")).isEqualTo("=");
        refuses(integer, "abc", "write a number");
        refuses(integer, new BigDecimal("1e400"), "1.8e308");
    }

    @Test
    void affinitiesDecideWhatAStringStandsFor() {
        Dynamic numeric = new Dynamic(Affinity.NUMERIC, Collation.BINARY);
        assertThat(order(numeric, "1e1", "9", "10", "10.0", "\"10\"")).isEqualTo("<==>");
        assertThat(order(numeric, "2024-01-01", "20240101", "\"2023-12-31\"", "\"2024-01-01\""))
                .isEqualTo("<<=");
        Dynamic real = new Dynamic(Affinity.REAL, Collation.BINARY);
        assertThat(evaluate(c(Operator.EQ, "-Infinity"), real, "\"-Infinity\"", StorageClass.REAL))
                .isEqualTo(Truth.TRUE);
        refuses(new Dynamic(Affinity.TEXT, Collation.BINARY), 5, "write a string");
        Dynamic blob = new Dynamic(Affinity.BLOB, Collation.BINARY);
        assertThat(evaluate(c(Operator.EQ, "AP8"), blob, "\"AP8=\"", StorageClass.BLOB))
                .isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.LT, "AP8="), blob, "\"AP4=\"", StorageClass.BLOB))
                .isEqualTo(Truth.TRUE);
        assertThat(evaluate(c(Operator.LT, "AP8="), blob, "\"text\"")).isEqualTo(Truth.TRUE);
        refuses(blob, "not base64", "base64");
    }

    @Test
    void collatingSequencesDecideWhatIsEqual() {
        assertThat(order(
                        new Dynamic(Affinity.TEXT, Collation.NOCASE),
                        "Ab",
                        "\"AA\"",
                        "\"aB\"",
                        "\"AB\"",
                        "\"ab \"",
                        "\"Ä\""))
                .isEqualTo("<==>>");
        assertThat(order(new Dynamic(Affinity.TEXT, Collation.NOCASE), "Ä", "\"ab\"", "\"Ä\"", "\"ä\""))
                .isEqualTo("<=>");
        assertThat(order(
                        new Dynamic(Affinity.TEXT, Collation.NOCASE),
                        "a\0b",
                        "\"A\\u0000\"",
                        "\"A\\u0000x\"",
                        "\"A\\u0000xy\""))
                .as("behind a NUL only the length counts")
                .isEqualTo("<=>");
        assertThat(order(
                        new Dynamic(Affinity.TEXT, Collation.RTRIM), "ab", "\"aB\"", "\"ab\"", "\"ab  \"", "\"ab\\t\""))
                .isEqualTo("<==>");
        assertThat(order(
                        new Dynamic(Affinity.TEXT, Collation.BINARY_UTF16LE),
                        "b",
                        "\"\u0101\"",
                        "\"a\"",
                        "\"b\"",
                        "\"\u01ff\""))
                .as("the lower byte first")
                .isEqualTo("<<=>");
        assertThat(order(
                        new Dynamic(Affinity.TEXT, Collation.BINARY_UTF16BE),
                        "\uffff",
                        "\"\ud83d\ude00\"",
                        "\"\uffff\""))
                .isEqualTo("<=");
    }

    @Test
    void whatCannotBeComparedCanBeNull() {
        ColumnType type = new Opaque("jsonb");
        assertThat(evaluate(RowFilter.isNull("c"), type, "null")).isEqualTo(Truth.TRUE);
        assertThat(evaluate(RowFilter.isNull("c"), type, "{}")).isEqualTo(Truth.FALSE);
        for (RowFilter filter : new RowFilter[] {c(Operator.EQ, 5), Filters.in(), RowFilter.like("c", "%")}) {
            assertThatThrownBy(() -> filter.check(shape(type)))
                    .isInstanceOf(InvalidFilterException.class)
                    .hasMessage(
                            "column \"c\" is of type jsonb, which filters cannot compare: only isNull is offered for it");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Typed.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TEXT", "PADDED_TEXT"})
    void likeIsForTexts(Typed type) {
        assertThatThrownBy(() -> RowFilter.like("c", "%").check(shape(type)))
                .hasMessageStartingWith("\"like\" is not offered for column \"c\"");
    }

    private static void refuses(ColumnType type, Object value, String why) {
        assertThatThrownBy(() -> c(Operator.EQ, value).check(shape(type)))
                .isInstanceOf(InvalidFilterException.class)
                .hasMessageStartingWith("column \"c\" is " + type.description() + ", which ")
                .hasMessageContaining(why);
    }
}
