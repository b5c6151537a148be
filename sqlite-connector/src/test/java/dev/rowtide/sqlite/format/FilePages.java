package dev.rowtide.sqlite.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** The pages of a database file that nobody has open, read whole into memory. */
public final class FilePages implements PageSource {
    private final byte[][] pages;
    private final int pageSize;

    /** How often a page was asked for. */
    private int reads;

    private FilePages(byte[][] pages, int pageSize) {
        this.pages = pages;
        this.pageSize = pageSize;
    }

    public static FilePages read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int pageSize = DatabaseHeader.parse(bytes).pageSize();
        byte[][] pages = new byte[bytes.length / pageSize][];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = Arrays.copyOfRange(bytes, i * pageSize, (i + 1) * pageSize);
        }
        return new FilePages(pages, pageSize);
    }

    /** An independent copy, to be damaged. */
    public FilePages copy() {
        byte[][] copies = new byte[pages.length][];
        for (int i = 0; i < pages.length; i++) {
            copies[i] = pages[i].clone();
        }
        return new FilePages(copies, pageSize);
    }

    public int reads() {
        return reads;
    }

    @Override
    public int pageSize() {
        return pageSize;
    }

    @Override
    public int pageCount() {
        return pages.length;
    }

    @Override
    public byte[] page(int number) throws DamagedDatabaseException {
        reads++;
        if (number < 1 || number > pages.length) {
            throw new DamagedDatabaseException("page " + number + ": the database has " + pages.length + " pages");
        }
        return pages[number - 1];
    }
}
