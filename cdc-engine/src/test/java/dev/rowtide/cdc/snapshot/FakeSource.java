package dev.rowtide.cdc.snapshot;

import dev.rowtide.cdc.ResourceCatalog;
import dev.rowtide.cdc.ResourceConfig;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.SqlDialect;
import dev.rowtide.cdc.TableName;
import dev.rowtide.cdc.postgres.PostgresDialect;
import dev.rowtide.feed.ColumnType;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Epoch;
import dev.rowtide.feed.Position;
import dev.rowtide.feed.RecordId;
import dev.rowtide.feed.Row;
import dev.rowtide.feed.RowShape;
import dev.rowtide.feed.SnapshotCut;
import dev.rowtide.feed.SnapshotRow;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A database of numbered rows that does what a test tells it: to wait before it begins, to work without bringing a row, to fail. */
final class FakeSource implements SnapshotSource {
    static final Epoch EPOCH = Epoch.begin(1, "fake");
    private static final RowShape SHAPE = new RowShape(List.of("id"));
    private static final RowShape DESCRIBED =
            new RowShape(List.of("id", "status"), List.of(ColumnType.Typed.EXACT_NUMBER, ColumnType.Typed.TEXT));

    final List<SnapshotScan> scans = new CopyOnWriteArrayList<>();
    final AtomicInteger closed = new AtomicInteger();
    final CountDownLatch scanning = new CountDownLatch(1);
    private final ResourceCatalog resources = new ResourceCatalog();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile int rows = 10;
    private volatile int characters = 10;
    private volatile SourceFailure failure;
    private volatile boolean working;

    FakeSource(String... names) {
        List<ResourceConfig> all = new ArrayList<>();
        for (String name : names) {
            all.add(ResourceConfig.ofTable(new TableName("public", name), ResourceConfig.Numbers.NUMBER));
        }
        try {
            resources.replace(all);
            resources.describe(all.stream().collect(Collectors.toMap(ResourceConfig::name, resource -> DESCRIBED)));
        } catch (SourceFailure e) {
            throw new IllegalArgumentException(e);
        }
    }

    void rows(int count, int charactersEach) {
        rows = count;
        characters = charactersEach;
    }

    void fail(SourceFailure with) {
        failure = with;
    }

    /** Scans wait before they begin. */
    void hold() {
        gate = new CountDownLatch(1);
    }

    void release() {
        gate.countDown();
    }

    /** Scans bring no row and come to no end, until they are interrupted. */
    void workForEver() {
        working = true;
    }

    @Override
    public ResourceCatalog resources() {
        return resources;
    }

    @Override
    public SqlDialect dialect() {
        return new PostgresDialect();
    }

    @Override
    public SnapshotScanner scanner(SnapshotLimits limits) {
        return new SnapshotScanner() {
            private volatile CountDownLatch interruption = new CountDownLatch(1);

            @Override
            public void scan(SnapshotScan scan, Output output) throws SourceFailure, ScanEndedException {
                interruption = new CountDownLatch(1);
                scans.add(scan);
                scanning.countDown();
                try {
                    gate.await();
                    output.begin(new Cut());
                    if (failure != null) {
                        throw failure;
                    }
                    for (int i = 0; i < rows; i++) {
                        output.row(row(i), characters);
                    }
                    if (working) {
                        interruption.await();
                        throw SourceFailure.passing("interrupted");
                    }
                } catch (InterruptedException e) {
                    throw SourceFailure.passing("interrupted", e);
                }
            }

            @Override
            public void interrupt() {
                interruption.countDown();
                gate.countDown();
            }

            @Override
            public void close() {
                closed.incrementAndGet();
            }
        };
    }

    private static SnapshotRow row(int number) {
        String json = Integer.toString(number);
        return new SnapshotRow(new RecordId(json, json), new Row(SHAPE, new String[] {json}));
    }

    /** At the beginning of everything. */
    private record Cut() implements SnapshotCut {
        @Override
        public boolean contains(DataChangeEvent change) {
            return false;
        }

        @Override
        public Position from() {
            return Position.boundary(EPOCH, 0);
        }

        @Override
        public Position until() {
            return from();
        }
    }
}
