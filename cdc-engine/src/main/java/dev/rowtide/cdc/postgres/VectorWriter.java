package dev.rowtide.cdc.postgres;

/** {@code int2vector} and {@code oidvector}: arrays to the catalog, and so to jsonb, but written {@code 1 2 3}. */
final class VectorWriter implements SpanWriter {
    private final SpanWriter element;

    VectorWriter(SpanWriter element) {
        this.element = element;
    }

    @Override
    public void write(String text, int from, int to, StringBuilder json) {
        json.append('[');
        int start = from;
        boolean first = true;
        for (int i = from; i <= to; i++) {
            if (i == to || text.charAt(i) == ' ') {
                if (i > start) {
                    json.append(first ? "" : ",");
                    element.write(text, start, i, json);
                    first = false;
                }
                start = i + 1;
            }
        }
        json.append(']');
    }
}
