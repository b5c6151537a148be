package dev.rowtide.gateway.view;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a change is shown: everybody to whom it is shown in the same way gets the same frame.
 *
 * @param form what of the change
 * @param columns which columns, sorted; empty for all
 */
public record Rendering(Form form, List<String> columns) {
    /** Shared, there being many views and few of these. */
    private static final Map<Form, Rendering> OF_ALL_COLUMNS = new EnumMap<>(Form.class);

    static {
        for (Form form : Form.values()) {
            OF_ALL_COLUMNS.put(form, new Rendering(form, List.of()));
        }
    }

    /** The change as it is, with all columns. */
    public static final Rendering PLAIN = ofAllColumns(Form.WHOLE);

    /** Nothing. */
    public static final Rendering NOTHING = ofAllColumns(Form.NOTHING);

    /** Nothing, since the log does not have what decides. */
    public static final Rendering UNDECIDED = ofAllColumns(Form.UNDECIDED);

    /** What of a change is shown. */
    public enum Form {
        /** All that the log has of it. */
        WHOLE,
        /** The row came into view: a {@code create} of the new row. */
        ENTERED,
        /** An {@code update} to the new row, and nothing of the old one: it might have been out of view, or is not the one that was seen last. */
        WITHOUT_OLD,
        /** The row left the view: a {@code delete} with the key only. */
        LEFT,
        NOTHING,
        /** Nothing, since the log does not have what decides. */
        UNDECIDED
    }

    static Rendering ofAllColumns(Form form) {
        return Objects.requireNonNull(OF_ALL_COLUMNS.get(form));
    }

    /** Whether there is anything to send. */
    public boolean isShown() {
        return form != Form.NOTHING && form != Form.UNDECIDED;
    }

    /** What the change is for whom it is shown to. */
    public Operation operation(DataChangeEvent event) {
        return switch (form) {
            case WHOLE, NOTHING, UNDECIDED -> event.operation();
            case ENTERED -> Operation.CREATE;
            case WITHOUT_OLD -> Operation.UPDATE;
            case LEFT -> Operation.DELETE;
        };
    }
}
