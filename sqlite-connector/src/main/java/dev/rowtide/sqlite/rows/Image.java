package dev.rowtide.sqlite.rows;

import dev.rowtide.sqlite.format.DatabaseHeader;
import dev.rowtide.sqlite.format.PageSource;
import dev.rowtide.sqlite.format.TextEncoding;

/** The pages of one state, and how they are read. */
record Image(PageSource pages, DatabaseHeader header) {
    int usableSize() {
        return header.usableSize();
    }

    TextEncoding encoding() {
        return header.encoding();
    }
}
