package dev.rowtide.app.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A small shop's database, and the transactions that its programs make. Prices are in cents, times in UTC as ISO 8601.
 *
 * <p>For one thread. The definitions are of a kind that any SQLite since 3.8 reads, since the user's may be old.
 */
final class Shop {
    private static final List<String> DEFINITIONS = List.of(
            """
            CREATE TABLE customers (
              id         INTEGER PRIMARY KEY,
              name       TEXT NOT NULL,
              email      TEXT NOT NULL UNIQUE,
              city       TEXT,
              created_at TEXT NOT NULL
            )""",
            """
            CREATE TABLE products (
              id          INTEGER PRIMARY KEY,
              name        TEXT NOT NULL UNIQUE,
              category    TEXT NOT NULL,
              price_cents INTEGER NOT NULL CHECK (price_cents > 0),
              weight_kg   REAL NOT NULL,
              stock       INTEGER NOT NULL CHECK (stock >= 0)
            )""",
            """
            CREATE TABLE orders (
              id          INTEGER PRIMARY KEY AUTOINCREMENT,
              customer_id INTEGER NOT NULL REFERENCES customers (id),
              status      TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'shipped')),
              total_cents INTEGER NOT NULL,
              note        TEXT,
              created_at  TEXT NOT NULL,
              updated_at  TEXT NOT NULL
            )""",
            """
            CREATE TABLE order_items (
              order_id    INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
              product_id  INTEGER NOT NULL REFERENCES products (id),
              quantity    INTEGER NOT NULL CHECK (quantity > 0),
              price_cents INTEGER NOT NULL,
              PRIMARY KEY (order_id, product_id)
            ) WITHOUT ROWID""",
            "CREATE INDEX orders_of_customer ON orders (customer_id)",
            "CREATE INDEX orders_by_status ON orders (status)",
            "CREATE INDEX items_of_product ON order_items (product_id)");

    /** Changes one order, differently each time, and one that nobody here touches: whoever runs it sees it. */
    static final String EXAMPLE_UPDATE = "UPDATE orders SET note = 'Hello at ' || time('now') WHERE id = 1";

    private static final int FIRST_CUSTOMERS = 80;
    private static final int FIRST_ORDERS = 160;
    /** A demo that runs for days stays small: beyond this the oldest order is removed for each new one, and nobody new becomes a customer. */
    private static final int MAX_ORDERS = 1000;

    private static final int MAX_CUSTOMERS = 500;
    private static final int MAX_ITEMS = 4;
    private static final int LOW_STOCK = 6;
    private static final int DELIVERY = 40;

    private final Connection connection;
    private final RandomGenerator random;

    /** @param connection to its database; stays the caller's */
    Shop(Connection connection, RandomGenerator random) {
        this.connection = connection;
        this.random = random;
    }

    /** Defines it, with the customers, products and orders of the last two weeks. */
    void found(Instant now) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode = WAL");
        }
        inTransaction(() -> {
            for (String definition : DEFINITIONS) {
                change(definition);
            }
            for (Stock.Article article : Stock.ARTICLES) {
                change(
                        "INSERT INTO products (name, category, price_cents, weight_kg, stock) VALUES (?, ?, ?, ?, ?)",
                        article.name(),
                        article.category(),
                        article.priceCents(),
                        article.weightKg(),
                        20 + random.nextInt(DELIVERY));
            }
            for (int i = 0; i < FIRST_CUSTOMERS; i++) {
                addCustomer(now.minus(Duration.ofHours(15L * 24 + 8L * (FIRST_CUSTOMERS - i))));
            }
            for (int i = 0; i < FIRST_ORDERS; i++) {
                // One each two hours, the youngest not yet shipped.
                Instant at = now.minus(Duration.ofMinutes(120L * (FIRST_ORDERS - i) - random.nextInt(110)));
                addOrder(at, i < FIRST_ORDERS - 24 ? "shipped" : i < FIRST_ORDERS - 12 ? "paid" : "open");
            }
        });
    }

    /** Somebody orders one to four different things that are in stock. */
    void order(Instant now) throws SQLException {
        inTransaction(() -> {
            addOrder(now, "open");
            if (number("SELECT count(*) FROM orders") > MAX_ORDERS) {
                // Not the one that the user is asked to change.
                change("DELETE FROM orders WHERE id = (SELECT min(id) FROM orders WHERE id > 1)");
            }
        });
    }

    /** The payment for one of the oldest open orders arrives. */
    void pay(Instant now) throws SQLException {
        advance("open", "paid", now);
    }

    /** One of those that were paid first leaves the house. */
    void ship(Instant now) throws SQLException {
        advance("paid", "shipped", now);
    }

    /** A customer thinks better of an order that is not paid yet: it is deleted, and what was in it is for sale again. */
    void cancel() throws SQLException {
        inTransaction(() -> {
            Long order = find("SELECT id FROM orders WHERE status = 'open' AND id > 1 ORDER BY random() LIMIT 1");
            if (order != null) {
                change(
                        "UPDATE products SET stock = stock + (SELECT quantity FROM order_items WHERE order_id = ? AND product_id = id)"
                                + " WHERE id IN (SELECT product_id FROM order_items WHERE order_id = ?)",
                        order,
                        order);
                change("DELETE FROM orders WHERE id = ?", order);
            }
        });
    }

    /** Somebody new registers. */
    void welcome(Instant now) throws SQLException {
        inTransaction(() -> {
            if (number("SELECT count(*) FROM customers") < MAX_CUSTOMERS) {
                addCustomer(now);
            }
        });
    }

    /** A delivery for what is nearly sold out. */
    void restock() throws SQLException {
        inTransaction(() -> change(
                "UPDATE products SET stock = stock + ? WHERE stock < ?",
                DELIVERY + random.nextInt(DELIVERY),
                LOW_STOCK));
    }

    private void addCustomer(Instant at) throws SQLException {
        String first = Stock.any(Stock.FIRST_NAMES, random);
        String last = Stock.any(Stock.LAST_NAMES, random);
        long number = number("SELECT coalesce(max(id), 0) FROM customers") + 1;
        change(
                "INSERT INTO customers (name, email, city, created_at) VALUES (?, ?, ?, ?)",
                first + ' ' + last,
                Stock.mailbox(first + '.' + last) + number + "@example.com",
                random.nextInt(10) == 0 ? null : Stock.any(Stock.CITIES, random),
                text(at));
    }

    private void addOrder(Instant at, String status) throws SQLException {
        List<Long> products = numbers(
                "SELECT id FROM products WHERE stock >= 3 ORDER BY random() LIMIT ?", 1 + random.nextInt(MAX_ITEMS));
        Long customer = find("SELECT id FROM customers ORDER BY random() LIMIT 1");
        if (products.isEmpty() || customer == null) {
            return; // sold out, or the user has emptied the table
        }
        change(
                "INSERT INTO orders (customer_id, status, total_cents, note, created_at, updated_at) VALUES (?, ?, 0, ?, ?, ?)",
                customer,
                status,
                random.nextInt(6) == 0 ? Stock.any(Stock.NOTES, random) : null,
                text(at),
                text(at));
        long order = number("SELECT last_insert_rowid()");
        for (long product : products) {
            int quantity = 1 + random.nextInt(random.nextInt(4) == 0 ? 3 : 1);
            change(
                    "INSERT INTO order_items SELECT ?, id, ?, price_cents FROM products WHERE id = ?",
                    order,
                    quantity,
                    product);
            change("UPDATE products SET stock = stock - ? WHERE id = ?", quantity, product);
        }
        change(
                "UPDATE orders SET total_cents = (SELECT sum(quantity * price_cents) FROM order_items WHERE order_id = ?) WHERE id = ?",
                order,
                order);
    }

    private void advance(String from, String to, Instant now) throws SQLException {
        inTransaction(() -> {
            Long order = find(
                    "SELECT id FROM (SELECT id FROM orders WHERE status = ? AND id > 1 ORDER BY id LIMIT 5)"
                            + " ORDER BY random() LIMIT 1",
                    from);
            if (order != null) {
                change("UPDATE orders SET status = ?, updated_at = ? WHERE id = ?", to, text(now), order);
            }
        });
    }

    private interface Work {
        void run() throws SQLException;
    }

    private void inTransaction(Work work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            work.run();
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private void change(String sql, @Nullable Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values)) {
            statement.executeUpdate();
        }
    }

    private long number(String sql) throws SQLException {
        Long number = find(sql);
        return number == null ? 0 : number;
    }

    private @Nullable Long find(String sql, @Nullable Object... values) throws SQLException {
        List<Long> found = numbers(sql, values);
        return found.isEmpty() ? null : found.get(0);
    }

    private List<Long> numbers(String sql, @Nullable Object... values) throws SQLException {
        List<Long> numbers = new ArrayList<>();
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                numbers.add(row.getLong(1));
            }
        }
        return numbers;
    }

    private PreparedStatement prepare(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
