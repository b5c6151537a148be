package dev.rowtide.sqlite.format;

/** How a database stores text: offset 56 of its header. */
public enum TextEncoding {
    UTF_8,
    UTF_16LE,
    UTF_16BE;
}
