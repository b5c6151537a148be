package dev.rowtide.cdc;

import dev.rowtide.cdc.snapshot.EngineRunName;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.cdc.snapshot.SnapshotReader;
import dev.rowtide.feed.ChangeSink;
import dev.rowtide.feed.GapReason;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.feed.SourceHealth.State;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a database's log for as long as the process lives, and delivers to a {@link ChangeSink}.
 *
 * <p>One thread supervises ({@code cdc-supervisor}): prepare, run Debezium's engine, see it fail, say why, wait with jitter, again. There is no other layer that retries. What passes
 * by itself (a restart, a cut network) is tried again after 0.3 to 10 s; what a person has to mend (a password, a dropped publication) every 30 s, so that mending is
 * enough. The engine has a thread of its own, and further ones below it, for each run.
 *
 * <p>One process at a time uses a data directory; the slot itself keeps a second bridge from reading the same log.
 */
public final class ChangeEngine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeEngine.class);

    private static final Duration FIRST_WAIT = Duration.ofMillis(300);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration PERMANENT_WAIT = Duration.ofSeconds(30);
    /** How often a running engine is looked at, and new tables are looked for. */
    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(5);
    /** With a heartbeat each second, longer silence means that changes do not flow. */
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(45);

    /** Connector names must differ between engines of one process: queues, MBeans and threads are found by them. */
    private static final AtomicInteger RUNS = new AtomicInteger();

    private final SourceConfig config;
    private final Path dataDirectory;
    private final ChangeSink sink;
    private final LogSource source;
    private final SnapshotReader snapshots;
    private final EngineMetrics metrics = new EngineMetrics(System::currentTimeMillis);
    private final Backoff backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, RandomGenerator.getDefault());
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread supervisor = new Thread(this::supervise, "cdc-supervisor");

    private volatile boolean placeTold;
    private volatile SourceHealth health = new SourceHealth(State.STARTING, "not started yet");
    private long nextWatchNanos = System.nanoTime();
    private @Nullable FileChannel lockFile;

    /**
     * @param config which database
     * @param dataDirectory where the offset is kept; created if missing
     * @param snapshotLimits what snapshots may cost
     * @param sink where changes go
     * @param shapes is told which columns the resources have
     */
    public ChangeEngine(
            SourceConfig config,
            Path dataDirectory,
            SnapshotLimits snapshotLimits,
            ChangeSink sink,
            ShapeListener shapes) {
        this.config = config;
        this.dataDirectory = dataDirectory;
        source = config.open(dataDirectory);
        source.resources().listen(shapes);
        this.sink = source.watched(sink);
        snapshots = new SnapshotReader(source, snapshotLimits);
    }

    /** The same, with snapshots as they are by default, and nobody to tell of columns. */
    public ChangeEngine(SourceConfig config, Path dataDirectory, ChangeSink sink) {
        this(config, dataDirectory, SnapshotLimits.DEFAULT, sink, (resource, shape) -> {});
    }

    /**
     * Starts reading; returns at once, also when the database cannot be reached.
     *
     * @throws UncheckedIOException if the data directory cannot be used
     * @throws IllegalStateException if another process uses it, or the process does not run in UTC
     */
    public void start() {
        int offset = TimeZone.getDefault().getRawOffset();
        if (offset != 0 || TimeZone.getDefault().useDaylightTime()) {
            throw new IllegalStateException(
                    "the process runs in time zone " + TimeZone.getDefault().getID()
                            + ", and PostgreSQL's text of timestamptz follows it: start Java with -Duser.timezone=UTC");
        }
        lockDataDirectory();
        health = new SourceHealth(State.STARTING, "connecting to " + config.displayName());
        snapshots.start();
        supervisor.start();
    }

    /** How it stands, in one sentence. Thread-safe. */
    public SourceHealth health() {
        SourceHealth now = health;
        long silent = metrics.silentMillis();
        if (now.state() == State.FLOWING && silent > SILENCE.toMillis()) {
            return new SourceHealth(
                    State.RETRYING,
                    "nothing has come from the log of " + config.displayName() + " for " + silent / 1000
                            + " s, not even the heartbeat: the database is busy with a very large transaction, or the network is cut");
        }
        return now;
    }

    /** The present rows of the resources. Thread-safe; while changes do not flow, requests are refused, with the reason. */
    public RowSource rowSource() {
        return snapshots;
    }

    /** What is counted. Thread-safe. */
    public EngineMetrics metrics() {
        return metrics;
    }

    /** How much log the database keeps, for us or since nobody has cleared it, in bytes; of PostgreSQL as of some seconds ago. 0 if that is not known. Thread-safe. */
    public long keptLogBytes() {
        return source.keptLogBytes();
    }

    /** Whether a resource has that name. Thread-safe and cheap. */
    public boolean resourceExists(String name) {
        return source.resources().exists(name);
    }

    /** The names of all resources, sorted; empty until the database was reached for the first time. Thread-safe. */
    public List<String> resourceNames() {
        return source.resources().names();
    }

    /**
     * The columns of a resource and how they compare, as of now: a change of the schema is seen within seconds. Rows that come from the log bring the shape that they have themselves. Empty if there is no
     * such resource, or nobody could look at it yet. Thread-safe and cheap; as long as nothing changes it is the same object.
     */
    public Optional<RowShape> resourceShape(String name) {
        return source.resources().shape(name);
    }

    /** Stops reading and stores the offset of what was delivered. Waits at most {@code 45 s}, which only a dead server needs. */
    @Override
    public void close() {
        closing.countDown();
        snapshots.close();
        try {
            supervisor.join(CLOSE_WAIT.toMillis());
            if (supervisor.isAlive()) {
                LOG.warn("The engine did not stop within {} s and is left behind", CLOSE_WAIT.toSeconds());
                supervisor.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        source.close();
        health = new SourceHealth(State.STOPPED, "stopped");
        unlockDataDirectory();
    }

    private void supervise() {
        while (closing.getCount() > 0) {
            try {
                LogSource.Start start = source.prepare();
                if (start.newEpoch().isPresent()) {
                    metrics.sourceLost();
                }
                if (!start.withFirstRecord()) {
                    tellPlace(start);
                }
                run(start);
            } catch (SourceFailure e) {
                afterFailure(e);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.error("The supervisor met an unexpected failure", e);
                afterFailure(SourceFailure.passing("unexpected: " + e, e));
            }
        }
    }

    /** Before the first change of a run is published: from where. The supervisor's thread, before the engine runs, or the engine's. */
    private void tellPlace(LogSource.Start start) throws InterruptedException {
        Position first = Position.boundary(start.epoch(), start.commit());
        if (start.newEpoch().isPresent()) {
            sink.sourceLost(start.newEpoch().get(), first);
        } else if (start.withFirstRecord()) {
            sink.sourceLost(GapReason.EPOCH_CHANGED, first);
        } else if (!placeTold) {
            sink.reached(first);
        }
        placeTold = true;
    }

    /** One run of Debezium's engine, from start to failure or close. */
    private void run(LogSource.Start start) throws SourceFailure, InterruptedException {
        String connector = "rowtide-" + RUNS.incrementAndGet();
        ChangeBatchConsumer consumer = new ChangeBatchConsumer(
                start.epoch(),
                source.offsetForm(),
                start.withFirstRecord() ? () -> tellPlace(start) : () -> {},
                source.decoder(),
                sink,
                metrics);
        metrics.started();
        if (start.withFirstRecord()) {
            health = new SourceHealth(State.STARTING, "making the first copy of " + config.displayName());
        }
        try (EngineRun run = new EngineRun(connector, source.engineProperties(connector), consumer)) {
            run.start();
            boolean asked = false;
            while (!closing.await(pollMillis(asked), TimeUnit.MILLISECONDS)) {
                if (run.ended()) {
                    throw source.explain(run.failure());
                }
                if (metrics.alive() && health.state() != State.FLOWING) {
                    backoff.reset();
                    health = new SourceHealth(State.FLOWING, "changes are flowing from " + config.displayName());
                    snapshots.ready(new EngineRunName(start.epoch(), connector));
                    LOG.info("Changes are flowing from {}: resources {}", config.displayName(), resourceNames());
                } else if (!asked && run.polling()) {
                    asked = true;
                    source.afterStart();
                } else if (metrics.alive()) {
                    watch();
                }
            }
        } finally {
            snapshots.notReady("changes do not flow from " + config.displayName() + ", reading its log starts again");
        }
    }

    /** Short while the engine starts, so that readiness is told at once; later a tenth of a second is soon enough to see it fail. */
    private long pollMillis(boolean asked) {
        return asked && health.state() == State.FLOWING ? 100 : 20;
    }

    private void watch() throws SourceFailure {
        if (System.nanoTime() - nextWatchNanos < 0) {
            return;
        }
        nextWatchNanos = System.nanoTime() + WATCH_INTERVAL.toNanos();
        boolean readOn = true;
        try {
            readOn = source.whileRunning();
        } catch (SourceFailure e) {
            if (!e.passes()) {
                throw e;
            }
            // The engine itself fails if the database is gone; if only this look failed, it goes on.
            LOG.debug("Looking after {} failed", config.displayName(), e);
        }
        if (!readOn) {
            throw SourceFailure.passing("what the log is read through has changed, reading starts anew");
        }
    }

    private void afterFailure(SourceFailure failure) {
        Duration wait = failure.passes() ? backoff.next() : PERMANENT_WAIT;
        State state = failure.passes() ? State.RETRYING : State.FAILED;
        String sentence = failure.sentence()
                + (failure.passes() ? "" : ". Tried again every " + PERMANENT_WAIT.toSeconds() + " s");
        if (!new SourceHealth(state, sentence).equals(health)) {
            LOG.warn("{}; next try in {} ms", sentence, wait.toMillis());
            LOG.debug("The failure in full", failure);
        }
        health = new SourceHealth(state, sentence);
        snapshots.notReady(sentence);
        try {
            if (!closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void lockDataDirectory() {
        try {
            Files.createDirectories(dataDirectory);
            FileChannel channel = FileChannel.open(
                    dataDirectory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                lock = null;
            }
            if (lock == null) {
                channel.close();
                throw new IllegalStateException(
                        "the data directory " + dataDirectory.toAbsolutePath()
                                + " is in use by another bridge: stop it, or give this one another --data-dir (and another slot)");
            }
            lockFile = channel;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the data directory " + dataDirectory.toAbsolutePath() + " cannot be used: " + e.getMessage(), e);
        }
    }

    private void unlockDataDirectory() {
        try {
            if (lockFile != null) {
                lockFile.close();
            }
        } catch (IOException e) {
            LOG.warn("Releasing the data directory failed", e);
        }
    }
}
