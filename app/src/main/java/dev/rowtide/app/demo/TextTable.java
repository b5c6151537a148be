package dev.rowtide.app.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Rows in aligned columns, one a line. The widths are those of the first rows, so that any number of rows needs no more memory than these. */
final class TextTable {
    private static final int MEASURED_ROWS = 200;
    private static final String GAP = "  ";

    private final List<List<String>> waiting = new ArrayList<>();
    private final int[] widths;
    private final PrintWriter out;
    private boolean measured;

    TextTable(List<String> names, PrintWriter out) {
        this.widths = new int[names.size()];
        this.out = out;
        waiting.add(names.stream().map(TextTable::onOneLine).toList());
    }

    void add(List<String> cells) {
        List<String> row = cells.stream().map(TextTable::onOneLine).toList();
        if (measured) {
            print(row);
            return;
        }
        waiting.add(row);
        if (waiting.size() > MEASURED_ROWS) {
            printWaiting();
        }
    }

    /** After the last row. */
    void finish() {
        if (!measured) {
            printWaiting();
        }
    }

    private void printWaiting() {
        for (List<String> row : waiting) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        List<String> line = new ArrayList<>();
        for (int width : widths) {
            line.add("-".repeat(width));
        }
        waiting.add(1, line);
        waiting.forEach(this::print);
        waiting.clear();
        measured = true;
    }

    private void print(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String cell = row.get(i);
            line.append(cell);
            if (i < widths.length - 1) {
                line.append(" ".repeat(Math.max(0, widths[i] - length(cell)))).append(GAP);
            }
        }
        out.println(line);
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** Also without the control characters by which a value could take hold of a terminal. */
    private static String onOneLine(String cell) {
        if (cell.chars().noneMatch(Character::isISOControl)) {
            return cell;
        }
        StringBuilder text = new StringBuilder();
        cell.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (Character.isISOControl(c)) {
                        text.append(String.format("\\x%02x", c));
                    } else {
                        text.appendCodePoint(c);
                    }
                }
            }
        });
        return text.toString();
    }
}
