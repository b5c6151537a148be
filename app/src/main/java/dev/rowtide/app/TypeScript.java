package dev.rowtide.app;

import dev.rowtide.cdc.JsonText;
import dev.rowtide.cdc.JsonType;
import dev.rowtide.cdc.ResourceRows;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes what rows look like as types of TypeScript: the type {@code Schema}, with a member for each resource.
 *
 * <p>Aliases of object types and no interfaces: only those are assignable to {@code Record<string, unknown>}, which a generic client asks for.
 */
public final class TypeScript {
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");
    private static final String INDENT = "  ";

    private TypeScript() {}

    /** The whole file. The same rows give the same text. */
    public static String of(List<ResourceRows> resources) {
        StringBuilder text = new StringBuilder("""
                // Written by Rowtide (rowtide types) from the database: write it again when that changes.

                export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

                /** The rows of each resource, as events have them. */
                export type Schema = {
                """);
        for (ResourceRows resource : resources) {
            text.append(INDENT)
                    .append(name(resource.name()))
                    .append(": ")
                    .append(object(resource.columns(), INDENT))
                    .append(";\n");
        }
        return text.append("};\n").toString();
    }

    private static String object(List<ResourceRows.Column> columns, String indent) {
        StringBuilder text = new StringBuilder("{\n");
        for (ResourceRows.Column column : columns) {
            text.append(indent)
                    .append(INDENT)
                    .append(name(column.name()))
                    .append(": ")
                    .append(
                            column.nullable()
                                    ? nullable(column.type(), indent + INDENT)
                                    : type(column.type(), indent + INDENT))
                    .append(";\n");
        }
        return text.append(indent).append('}').toString();
    }

    private static String nullable(JsonType type, String indent) {
        return type(type, indent) + (type == JsonType.Simple.JSON ? "" : " | null");
    }

    private static String type(JsonType type, String indent) {
        if (type instanceof JsonType.Simple simple) {
            return simple(simple);
        } else if (type instanceof JsonType.Labels labels) {
            return labels.labels().stream().map(JsonText::string).collect(Collectors.joining(" | "));
        } else if (type instanceof JsonType.Array array) {
            String element = nullable(array.element(), indent);
            boolean oneWord = IDENTIFIER.matcher(element).matches();
            return (oneWord ? element : "(" + element + ")") + "[]".repeat(array.dimensions());
        } else if (type instanceof JsonType.Composite composite) {
            return object(composite.fields(), indent);
        }
        throw new IllegalArgumentException("no TypeScript for " + type); // Java 17 has no switch over sealed types
    }

    private static String simple(JsonType.Simple type) {
        return switch (type) {
            case BOOLEAN -> "boolean";
            case NUMBER -> "number";
            case STRING -> "string";
            case NUMBER_OR_STRING -> "number | string";
            case JSON -> "Json";
            case TEXT_MAP -> "{ [key: string]: string | null }";
        };
    }

    private static String name(String name) {
        return IDENTIFIER.matcher(name).matches() ? name : JsonText.string(name);
    }
}
