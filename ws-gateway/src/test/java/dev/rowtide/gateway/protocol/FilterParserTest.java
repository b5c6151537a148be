package dev.rowtide.gateway.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterParserTest {
    private final FilterParser parser = FilterParser.ofSubscriptions();

    private static RowFilter eq(String column, FilterValue value) {
        return RowFilter.compare(column, Operator.EQ, value);
    }

    private static FilterValue text(String text) {
        return new FilterValue.Text(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | {}",
                "{\"a\":1} | {\"a\":{\"eq\":1}}",
                "{\"a\":1.50} | {\"a\":{\"eq\":1.5}}",
                "{\"a\":\"x\\u00e4\"} | {\"a\":{\"eq\":\"xä\"}}",
                "{\"a\":true} | {\"a\":{\"eq\":true}}",
                "{\"a\":{\"ne\":1}} | {\"a\":{\"ne\":1}}",
                "{\"a\":{\"gte\":1,\"lt\":5}} | {\"AND\":[{\"a\":{\"gte\":1}},{\"a\":{\"lt\":5}}]}",
                "{\"b\":1,\"a\":{\"lte\":2,\"gt\":0}} | {\"AND\":[{\"a\":{\"gt\":0}},{\"a\":{\"lte\":2}},{\"b\":{\"eq\":1}}]}",
                "{\"a\":{\"in\":[2,\"x\",1,2]}} | {\"a\":{\"in\":[\"x\",1,2]}}",
                "{\"a\":{\"in\":[]}} | {\"a\":{\"in\":[]}}",
                "{\"a\":{\"in\":[7]}} | {\"a\":{\"eq\":7}}",
                "{\"a\":{\"notIn\":[1,2]}} | {\"NOT\":{\"a\":{\"in\":[1,2]}}}",
                "{\"a\":{\"notIn\":[7]}} | {\"a\":{\"ne\":7}}",
                "{\"a\":{\"like\":\"x%\"}} | {\"a\":{\"like\":\"x%\"}}",
                "{\"a\":{\"isNull\":true}} | {\"a\":{\"isNull\":true}}",
                "{\"a\":{\"isNull\":false}} | {\"NOT\":{\"a\":{\"isNull\":true}}}",
                "{\"OR\":[{\"b\":1},{\"a\":1}]} | {\"OR\":[{\"a\":{\"eq\":1}},{\"b\":{\"eq\":1}}]}",
                "{\"AND\":[{\"b\":1},{\"a\":1}]} | {\"AND\":[{\"a\":{\"eq\":1}},{\"b\":{\"eq\":1}}]}",
                "{\"AND\":[]} | {}",
                "{\"OR\":[]} | {\"NOT\":{}}",
                "{\"NOT\":{\"a\":1,\"b\":2}} | {\"NOT\":{\"AND\":[{\"a\":{\"eq\":1}},{\"b\":{\"eq\":2}}]}}",
                "{\"a\":1,\"a\":2} | {\"AND\":[{\"a\":{\"eq\":1}},{\"a\":{\"eq\":2}}]}",
            })
    void aFilterIsReadAndHasOneForm(String given, String canonical) throws InvalidFilterException {
        assertThat(parser.parse(given).text()).isEqualTo(canonical);
        assertThat(parser.parse(canonical)).as("its own text says the same").isEqualTo(parser.parse(given));
    }

    @Test
    void numbersKeepAllTheirDigits() throws InvalidFilterException {
        assertThat(parser.parse("{\"a\":9223372036854775807}"))
                .isEqualTo(eq("a", new FilterValue.Number(new BigDecimal("9223372036854775807"))));
        assertThat(parser.parse("{\"a\":0.1000000000000000055511151231257827}"))
                .isEqualTo(eq("a", new FilterValue.Number(new BigDecimal("0.1000000000000000055511151231257827"))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | a filter is a JSON object",
                "[] | a filter is a JSON object",
                "null | a filter is a JSON object",
                "\"x\" | a filter is a JSON object",
                "{ | is not JSON",
                "{\"a\" | is not JSON",
                "{\"a\":1 | is not JSON",
                "{\"a\":} | is not JSON",
                "{\"a\":NaN} | is not JSON",
                "{\"a\":1}{} | goes on after it",
                "{\"a\":1} x | is not JSON",
                "{\"a\":null} | {\"isNull\":true}",
                "{\"a\":{\"eq\":null}} | {\"isNull\":true}",
                "{\"a\":{\"in\":[1,null]}} | {\"isNull\":true}",
                "{\"a\":[1,2]} | {\"in\":[…]}",
                "{\"a\":{}} | is empty",
                "{\"a\":{\"equals\":1}} | there is no operator \"equals\" (for column \"a\"); there are eq, ne",
                "{\"a\":{\"eq\":[1]}} | not with an object or a list",
                "{\"a\":{\"eq\":{}}} | not with an object or a list",
                "{\"a\":{\"in\":1}} | takes a list of values",
                "{\"a\":{\"in\":\"x\"}} | takes a list of values",
                "{\"a\":{\"in\":[[1]]}} | not with an object or a list",
                "{\"a\":{\"like\":5}} | takes a string",
                "{\"a\":{\"like\":\"x\\\\\"}} | lone \\",
                "{\"a\":{\"isNull\":\"yes\"}} | is true or false",
                "{\"AND\":{\"a\":1}} | takes a list of filters",
                "{\"AND\":[1]} | takes a list of filters",
                "{\"OR\":null} | takes a list of filters",
                "{\"NOT\":[{\"a\":1}]} | takes one filter",
                "{\"a\":\"\\ud83d\"} | surrogate",
                "{\"a\":1e99999999999} | too large",
                "{\"a\":1e2000} | 1000 digits",
            })
    void whatIsNoFilterIsRefusedWithASentence(String given, String sentence) {
        assertThatThrownBy(() -> parser.parse(given))
                .isInstanceOf(InvalidFilterException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void nothingIsTooDeepOrTooLongToBeRefused() {
        for (String level : List.of("{\"NOT\":", "{\"AND\":[", "{\"OR\":[", "{\"a\":{\"in\":[", "[", "{\"a\":")) {
            assertThatThrownBy(() -> parser.parse(level.repeat(10_000))).isInstanceOf(InvalidFilterException.class);
        }
        String closed = "{\"NOT\":".repeat(10_000) + "{\"a\":1}" + "}".repeat(10_000);
        assertThatThrownBy(() -> parser.parse(closed)).hasMessageContaining("at most 20 ANDs, ORs and NOTs");
        String or = "{\"b\":1,\"OR\":[{\"c\":1},".repeat(11) + "{\"a\":1}" + "]}".repeat(11);
        assertThatThrownBy(() -> parser.parse(or)).hasMessageContaining("at most 20 ANDs, ORs and NOTs");
        String wide = "{\"OR\":[" + String.join(",", Collections.nCopies(501, "{\"a\":1}")) + "]}";
        assertThatThrownBy(() -> parser.parse(wide)).hasMessageContaining("at most 500 conditions");
        String many = "{\"a\":{\"in\":[" + String.join(",", Collections.nCopies(1_001, "1")) + "]}}";
        assertThatThrownBy(() -> parser.parse(many)).hasMessageContaining("more than 1000 members");
        assertThatThrownBy(() -> parser.parse("{\"a\":\"" + "x".repeat(4_001) + "\"}"))
                .hasMessageContaining("4000 characters");
        assertThatThrownBy(() -> parser.parse("{\"a\":{\"like\":\"" + "x".repeat(201) + "\"}}"))
                .hasMessageContaining("200 characters");
        assertThatThrownBy(() -> parser.parse("{\"a\":" + "1".repeat(100_000) + "}"))
                .isInstanceOf(InvalidFilterException.class);
        assertThatThrownBy(() -> parser.parse("{\"" + "x".repeat(100_000) + "\":1}"))
                .isInstanceOf(InvalidFilterException.class);
    }

    @Test
    void asDeepAsAllowedIsRead() throws InvalidFilterException {
        String deep = "{\"b\":1,\"OR\":[{\"c\":1},".repeat(10) + "{\"a\":1}" + "]}".repeat(10);
        assertThat(parser.parse(deep).depth()).isEqualTo(RowFilter.MAX_DEPTH);
        String not =
                "{\"AND\":[{\"NOT\":{\"c\":{\"gt\":1},\"OR\":[{\"d\":1},".repeat(6) + "{\"a\":1}" + "]}}]}".repeat(6);
        assertThat(parser.parse(not).depth()).isEqualTo(18);
    }

    @Test
    void onlyPoliciesKnowTheUser() throws InvalidFilterException {
        FilterParser policies = FilterParser.ofPolicies();
        assertThat(policies.parse("{\"a\":\"$user.id\"}")).isEqualTo(eq("a", new FilterValue.Attribute("id")));
        assertThat(policies.parse("{\"a\":{\"in\":\"$user.roles\"}}"))
                .isEqualTo(RowFilter.in("a", List.of(new FilterValue.Attribute("roles"))));
        assertThat(policies.parse("{\"a\":{\"notIn\":[\"x\",\"$user.team\"]}}"))
                .isEqualTo(RowFilter.not(RowFilter.in("a", List.of(text("x"), new FilterValue.Attribute("team")))));
        assertThat(policies.parse("{\"a\":\"$$user.id\"}")).isEqualTo(eq("a", text("$user.id")));
        assertThat(policies.parse("{\"a\":\"$user.\"}")).isEqualTo(eq("a", text("$user.")));
        assertThat(policies.parse("{\"a\":\"$5\"}")).isEqualTo(eq("a", text("$5")));
        assertThat(parser.parse("{\"a\":\"$user.id\"}")).isEqualTo(eq("a", text("$user.id")));
        assertThat(parser.parse("{\"a\":\"$$\"}")).isEqualTo(eq("a", text("$$")));
        assertThatThrownBy(() -> parser.parse("{\"a\":{\"in\":\"$user.roles\"}}"))
                .hasMessageContaining("takes a list of values");
    }
}
