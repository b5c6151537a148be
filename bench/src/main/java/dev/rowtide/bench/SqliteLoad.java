package dev.rowtide.bench;

/** What a writer does to a database. Unpaced means: the next transaction begins when the one before has been committed. */
enum SqliteLoad {
    PACED("500 transactions/s (Poisson), 1 insert each", 1, 500),
    LATENCY("200 transactions/s (Poisson), 1 insert each", 1, 200),
    PACED_UPDATES("1,000 transactions/s (Poisson), 1 random update each", 1, 1000),
    INSERTS("1 insert a transaction, unpaced", 1, 0),
    UPDATES("1 random update a transaction, unpaced", 1, 0),
    HUNDREDS("100 inserts a transaction, unpaced", 100, 0),
    THOUSANDS("1,000 inserts a transaction, unpaced", 1000, 0),
    TEN_THOUSANDS("10,000 inserts a transaction, unpaced", 10_000, 0),
    ONE("one transaction of 300,000 inserts", 300_000, 0);

    private final String description;
    private final int rowsEach;
    private final int rate;

    SqliteLoad(String description, int rowsEach, int rate) {
        this.description = description;
        this.rowsEach = rowsEach;
        this.rate = rate;
    }

    String description() {
        return description;
    }

    /** Rows a transaction. */
    int rowsEach() {
        return rowsEach;
    }

    /** Transactions a second; 0 for as many as possible. */
    int rate() {
        return rate;
    }

    /** Rows that are there are changed, instead of new ones inserted. */
    boolean updates() {
        return this == UPDATES || this == PACED_UPDATES;
    }

    /** It ends by itself, not by the clock. */
    boolean once() {
        return this == ONE;
    }
}
