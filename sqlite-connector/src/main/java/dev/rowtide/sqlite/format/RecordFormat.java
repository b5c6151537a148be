package dev.rowtide.sqlite.format;

/** Payloads to values ("Database File Format", section 2.1). */
public final class RecordFormat {
    private RecordFormat() {}

    /**
     * All values of a record, in storage order; fewer than the table has columns if the row was written before columns were added.
     *
     * @throws DamagedDatabaseException if it is not a record
     */
    public static StoredValue[] decode(byte[] payload, TextEncoding encoding) throws DamagedDatabaseException {
        throw new UnsupportedOperationException();
    }
}
