package dev.rowtide.gateway.protocol;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.rowtide.feed.filter.FilterValue;
import dev.rowtide.feed.filter.InvalidFilterException;
import dev.rowtide.feed.filter.Operator;
import dev.rowtide.feed.filter.RowFilter;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads filters: {@code {"status":"open","priority":{"gte":3},"OR":[…]}}. Trusts nothing; whatever is wrong becomes an {@link InvalidFilterException} with a sentence. Immutable and thread-safe.
 *
 * <p>What it gives is a filter, not one for any particular columns: {@link RowFilter#check} comes next.
 */
public final class FilterParser {
    private static final int MAX_NUMBER_LENGTH = 1_000;
    private static final int MAX_NAME_LENGTH = 1_000;
    /** An AND is an object and a list, a condition at the bottom two objects and a list. */
    private static final int MAX_JSON_DEPTH = 2 * (RowFilter.MAX_DEPTH + 2);

    private static final String ATTRIBUTE = "$user.";
    private static final String OPERATORS = "eq, ne, gt, gte, lt, lte, in, notIn, like and isNull";

    private final JsonFactory json = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_JSON_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .build())
            .build();
    private final boolean attributes;

    private FilterParser(boolean attributes) {
        this.attributes = attributes;
    }

    /** For filters of subscribers, in which every string is a text. */
    public static FilterParser ofSubscriptions() {
        return new FilterParser(false);
    }

    /** For policies: a string that begins with {@code $user.} names an attribute of the user, and {@code $$} at the beginning stands for {@code $}. */
    public static FilterParser ofPolicies() {
        return new FilterParser(true);
    }

    /**
     * Reads a filter.
     *
     * @throws InvalidFilterException if it is not JSON, not a filter, or exceeds a limit of {@link RowFilter}
     */
    public RowFilter parse(String text) throws InvalidFilterException {
        // From characters and not bytes: Jackson would guess UTF-16 from zero bytes.
        try (JsonParser parser = json.createParser(text.toCharArray())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidFilterException("a filter is a JSON object such as {\"status\":\"open\"}, not "
                        + (text.isBlank() ? "empty" : Problem.shown(text)));
            }
            RowFilter filter = new Reader(parser).filter();
            if (parser.nextToken() != null) {
                throw new InvalidFilterException("a filter is one JSON object, this one goes on after it");
            }
            return filter;
        } catch (StreamConstraintsException e) {
            throw new InvalidFilterException("a filter may have at most " + RowFilter.MAX_DEPTH
                    + " ANDs, ORs and NOTs in each other, names of " + MAX_NAME_LENGTH + " and numbers of "
                    + MAX_NUMBER_LENGTH + " characters: " + Problem.shown(String.valueOf(e.getMessage())));
        } catch (IOException e) {
            String why = e instanceof JsonProcessingException wrong ? wrong.getOriginalMessage() : e.getMessage();
            throw new InvalidFilterException("the filter is not JSON: " + Problem.shown(String.valueOf(why)));
        } catch (IllegalArgumentException e) {
            throw new InvalidFilterException(String.valueOf(e.getMessage()));
        }
    }

    /** One pass over one filter. It recurses no deeper than {@value #MAX_JSON_DEPTH}, where the JSON parser stops. */
    private final class Reader {
        private final JsonParser parser;
        private int nodes;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        /** From the brace that opens to the one that closes. */
        RowFilter filter() throws IOException, InvalidFilterException {
            List<RowFilter> all = new ArrayList<>();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                // All of a name that stands twice: to forget one would show too much.
                switch (name) {
                    case "AND" -> all.add(counted(RowFilter.and(members(name))));
                    case "OR" -> all.add(counted(RowFilter.or(members(name))));
                    case "NOT" -> {
                        require(JsonToken.START_OBJECT, "\"NOT\" takes one filter, {\"NOT\":{\"status\":\"open\"}}");
                        all.add(counted(RowFilter.not(filter())));
                    }
                    default -> column(name, all);
                }
            }
            return RowFilter.and(all);
        }

        private List<RowFilter> members(String name) throws IOException, InvalidFilterException {
            String form = '"' + name + "\" takes a list of filters, {\"" + name + "\":[{\"a\":1},{\"b\":2}]}";
            require(JsonToken.START_ARRAY, form);
            List<RowFilter> members = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                require(JsonToken.START_OBJECT, form);
                members.add(filter());
            }
            return members;
        }

        private void column(String column, List<RowFilter> all) throws IOException, InvalidFilterException {
            switch (parser.currentToken()) {
                case START_OBJECT -> {
                    if (parser.nextToken() == JsonToken.END_OBJECT) {
                        throw new InvalidFilterException("the condition for " + shown(column)
                                + " is empty: write a value, or an operator, {\"gte\":3}");
                    }
                    while (parser.currentToken() == JsonToken.FIELD_NAME) {
                        String operator = parser.currentName();
                        parser.nextToken();
                        all.add(counted(condition(column, operator)));
                        parser.nextToken();
                    }
                }
                case START_ARRAY ->
                    throw new InvalidFilterException(
                            "for " + shown(column) + " stands a list: write {\"in\":[…]} to have one of its members");
                default -> all.add(counted(RowFilter.compare(column, Operator.EQ, value(column))));
            }
        }

        private RowFilter condition(String column, String operator) throws IOException, InvalidFilterException {
            return switch (operator) {
                case "eq" -> compare(column, Operator.EQ);
                case "ne" -> compare(column, Operator.NE);
                case "gt" -> compare(column, Operator.GT);
                case "gte" -> compare(column, Operator.GTE);
                case "lt" -> compare(column, Operator.LT);
                case "lte" -> compare(column, Operator.LTE);
                case "in" -> RowFilter.in(column, values(column, operator));
                case "notIn" -> RowFilter.not(RowFilter.in(column, values(column, operator)));
                case "like" -> {
                    require(
                            JsonToken.VALUE_STRING,
                            "\"like\" for " + shown(column) + " takes a string with % and _, \"Ann%\"");
                    yield RowFilter.like(column, parser.getText());
                }
                case "isNull" -> {
                    JsonToken token = parser.currentToken();
                    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
                        throw new InvalidFilterException("\"isNull\" for " + shown(column) + " is true or false");
                    }
                    RowFilter isNull = RowFilter.isNull(column);
                    yield token == JsonToken.VALUE_TRUE ? isNull : RowFilter.not(isNull);
                }
                default ->
                    throw new InvalidFilterException("there is no operator \"" + Problem.shown(operator) + "\" (for "
                            + shown(column) + "); there are " + OPERATORS);
            };
        }

        private RowFilter compare(String column, Operator operator) throws IOException, InvalidFilterException {
            return RowFilter.compare(column, operator, value(column));
        }

        private List<FilterValue> values(String column, String operator) throws IOException, InvalidFilterException {
            if (parser.currentToken() == JsonToken.VALUE_STRING
                    && value(column) instanceof FilterValue.Attribute attribute) {
                return List.of(attribute);
            }
            require(JsonToken.START_ARRAY, '"' + operator + "\" for " + shown(column) + " takes a list of values");
            List<FilterValue> values = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (values.size() == RowFilter.MAX_MEMBERS) {
                    throw new InvalidFilterException('"' + operator + "\" for " + shown(column) + " has more than "
                            + RowFilter.MAX_MEMBERS + " members: use several subscriptions");
                }
                values.add(value(column));
            }
            return values;
        }

        private FilterValue value(String column) throws IOException, InvalidFilterException {
            return switch (parser.currentToken()) {
                case VALUE_STRING -> string(parser.getText());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(column, parser.getText());
                case VALUE_TRUE -> new FilterValue.Bool(true);
                case VALUE_FALSE -> new FilterValue.Bool(false);
                case VALUE_NULL ->
                    throw new InvalidFilterException(shown(column)
                            + " is compared with null, and in SQL nothing equals NULL: write {\"isNull\":true}");
                default ->
                    throw new InvalidFilterException(shown(column)
                            + " is compared with a string, a number, true or false, not with an object" + " or a list");
            };
        }

        private FilterValue string(String text) {
            if (attributes && text.startsWith(ATTRIBUTE) && text.length() > ATTRIBUTE.length()) {
                return new FilterValue.Attribute(text.substring(ATTRIBUTE.length()));
            }
            return new FilterValue.Text(attributes && text.startsWith("$$") ? text.substring(1) : text);
        }

        private FilterValue number(String column, String digits) throws InvalidFilterException {
            try {
                return new FilterValue.Number(new BigDecimal(digits));
            } catch (NumberFormatException e) {
                throw new InvalidFilterException(
                        "the number " + Problem.shown(digits) + " for " + shown(column) + " is too large");
            }
        }

        private RowFilter counted(RowFilter filter) throws InvalidFilterException {
            nodes++;
            if (nodes > RowFilter.MAX_NODES) {
                throw new InvalidFilterException("a filter has at most " + RowFilter.MAX_NODES
                        + " conditions, ANDs, ORs and NOTs, this one has more: use several subscriptions");
            }
            return filter;
        }

        private void require(JsonToken token, String form) throws InvalidFilterException {
            if (parser.currentToken() != token) {
                throw new InvalidFilterException(form);
            }
        }

        private static String shown(String column) {
            return "column \"" + Problem.shown(column) + '"';
        }
    }
}
