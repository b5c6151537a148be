package dev.rowtide.app.demo;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works in the shop, two to five transactions a second, as a program that knows nothing of the bridge: a thread and a connection of its own, both of which end with {@link #close}.
 *
 * <p>A user who plays with the database may lock it, or drop a table. That is logged when it begins, and tried again.
 */
final class Shopkeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shopkeeper.class);

    private static final int SHORTEST_PAUSE_MILLIS = 200;
    private static final int LONGEST_PAUSE_MILLIS = 500;
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
    /** Longer than one transaction can wait for the lock. */
    private static final Duration GOODBYE = SqliteFile.BUSY_TIMEOUT.plusSeconds(1);

    private final SqliteFile database;
    private final Clock clock;
    private final RandomGenerator random;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::work, "demo-shopkeeper");

    Shopkeeper(SqliteFile database, Clock clock, RandomGenerator random) {
        this.database = database;
        this.clock = clock;
        this.random = random;
    }

    void start() {
        thread.start();
    }

    /** Waits for the transaction that is under way. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(GOODBYE.toMillis());
            if (thread.isAlive()) {
                LOG.warn("The shopkeeper waits for the database, and is left alone");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() {
        try (Connection connection = database.connect()) {
            Shop shop = new Shop(connection, random);
            boolean failing = false;
            Duration pause = Duration.ZERO;
            while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    next(shop);
                    failing = false;
                    pause = Duration.ofMillis(random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS));
                } catch (SQLException e) {
                    if (!failing) {
                        LOG.warn("The shop cannot work, and goes on trying: {}", database.explain(e));
                    }
                    failing = true;
                    pause = AFTER_FAILURE;
                }
            }
        } catch (SQLException e) {
            LOG.error("The shop stays closed: {}", database.explain(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** As many orders are paid and shipped as are made, in the long run. */
    private void next(Shop shop) throws SQLException {
        int dice = random.nextInt(100);
        if (dice < 33) {
            shop.order(clock.instant());
        } else if (dice < 62) {
            shop.pay(clock.instant());
        } else if (dice < 91) {
            shop.ship(clock.instant());
        } else if (dice < 95) {
            shop.cancel();
        } else if (dice < 98) {
            shop.welcome(clock.instant());
        } else {
            shop.restock();
        }
    }
}
