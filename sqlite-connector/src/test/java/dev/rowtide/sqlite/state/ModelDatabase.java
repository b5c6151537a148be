package dev.rowtide.sqlite.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rowtide.sqlite.format.PageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What the state directory should have: the pages of each commit, in memory. Content is made from a page number and a version, so that a commit is a map of versions.
 *
 * <p>Pages that a growing database gains are always written, as SQLite does.
 */
final class ModelDatabase {
    /** @param versions by page number; 0 is a page of zeros that nobody wrote */
    record Commit(int pageSize, int[] versions, LogPosition end) {
        int pageCount() {
            return versions.length - 1;
        }
    }

    /** Told of each commit just before it is made, and once it is. */
    interface Journal {
        void trying(Commit commit) throws IOException;

        void done(long seq) throws IOException;

        Journal NONE = new Journal() {
            @Override
            public void trying(Commit commit) {}

            @Override
            public void done(long seq) {}
        };
    }

    Journal journal = Journal.NONE;
    final NavigableMap<Long, Commit> commits = new ConcurrentSkipListMap<>();
    private final SplittableRandom random;
    private int nextVersion = 1;

    ModelDatabase(SplittableRandom random) {
        this.random = random;
    }

    /** Whose content is of no earlier run. */
    ModelDatabase(SplittableRandom random, int firstVersion) {
        this.random = random;
        this.nextVersion = firstVersion;
    }

    static byte[] content(int number, int version, int pageSize) {
        ByteBuffer page = ByteBuffer.allocate(pageSize);
        for (int i = 0; version != 0 && page.remaining() >= 8; i++) {
            page.putInt(number).putInt(version + i);
        }
        return page.array();
    }

    Commit newest() {
        return commits.lastEntry().getValue();
    }

    void firstCopy(CaptureState state, String id, long seq, int pageSize, int pageCount) throws IOException {
        int[] versions = new int[pageCount + 1];
        try (CaptureState.FirstCopy copy = state.firstCopy(id, "/data/app.db", seq, pageSize, pageCount)) {
            for (int page = 1; page <= pageCount; page++) {
                if (random.nextInt(10) > 0) {
                    versions[page] = nextVersion();
                    copy.page(page, content(page, versions[page], pageSize));
                }
            }
            LogPosition end = position();
            copy.finish(end);
            commits.clear();
            commits.put(seq, new Commit(pageSize, versions, end));
        }
    }

    /** Changes up to {@code most} pages, and now and then the number of pages. */
    CapturedTransaction append(CaptureState state, int most) throws IOException {
        Commit before = newest();
        int pageCount = before.pageCount();
        if (random.nextInt(4) == 0) {
            pageCount = Math.max(1, pageCount + random.nextInt(-3, 6));
        }
        int[] versions = Arrays.copyOf(before.versions, pageCount + 1);
        try (CaptureState.TransactionWriter writer = state.append()) {
            for (int page = before.pageCount() + 1; page <= pageCount; page++) {
                write(writer, page, versions, before.pageSize);
            }
            for (int i = random.nextInt(most + 1); i > 0; i--) {
                write(writer, random.nextInt(1, pageCount + 1), versions, before.pageSize);
            }
            return commit(state, writer, new Commit(before.pageSize, versions, position()), false);
        }
    }

    /** Every page anew, of another size or the same. */
    CapturedTransaction appendComplete(CaptureState state, int pageSize, int pageCount) throws IOException {
        int[] versions = new int[pageCount + 1];
        try (CaptureState.TransactionWriter writer = state.append()) {
            for (int page = 1; page <= pageCount; page++) {
                if (random.nextInt(10) > 0) {
                    write(writer, page, versions, pageSize);
                }
            }
            return commit(state, writer, new Commit(pageSize, versions, position()), true);
        }
    }

    private CapturedTransaction commit(
            CaptureState state, CaptureState.TransactionWriter writer, Commit commit, boolean complete)
            throws IOException {
        if (random.nextInt(20) == 0) {
            state.jumpTo(state.lastSeq() + random.nextInt(1000));
        }
        journal.trying(commit);
        CapturedTransaction transaction = writer.commit(
                complete ? TransactionHeader.Kind.RESYNC : TransactionHeader.Kind.COMMIT,
                commit.pageSize,
                commit.pageCount(),
                complete,
                commit.end);
        assertThat(transaction.header().seq()).isGreaterThan(commits.lastKey());
        commits.put(transaction.header().seq(), commit);
        journal.done(transaction.header().seq());
        return transaction;
    }

    private void write(CaptureState.TransactionWriter writer, int page, int[] versions, int pageSize)
            throws IOException {
        versions[page] = nextVersion();
        byte[] content = content(page, versions[page], pageSize);
        writer.page(page, content);
        content[0]++;
    }

    private int nextVersion() {
        nextVersion += 1000;
        return nextVersion;
    }

    private LogPosition position() {
        return new LogPosition(
                random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt());
    }

    /** All pages of an image are those of its commit. */
    void check(DatabaseImage image) throws IOException {
        check(image, commits.get(image.seq()));
    }

    static void check(PageSource image, Commit expected) throws IOException {
        assertThat(image.pageSize()).isEqualTo(expected.pageSize);
        assertThat(image.pageCount()).isEqualTo(expected.pageCount());
        for (int page = 1; page <= expected.pageCount(); page++) {
            byte[] content = content(page, expected.versions[page], expected.pageSize);
            if (!Arrays.equals(image.page(page), content)) {
                assertThat(image.page(page)).as("page %s", page).isEqualTo(content);
            }
        }
    }

    void check(CapturedTransaction transaction) throws IOException {
        Map.Entry<Long, Commit> before = commits.lowerEntry(transaction.header().seq());
        Commit after = commits.get(transaction.header().seq());
        assertThat(transaction.header().end()).isEqualTo(after.end);
        assertThat(transaction.header().pageCount()).isEqualTo(after.pageCount());
        assertThat(transaction.changedPages()).isSorted().doesNotHaveDuplicates();
        boolean[] changed = new boolean[Math.max(after.versions.length, 1)];
        for (int page : transaction.changedPages()) {
            assertThat(transaction.page(page)).isEqualTo(content(page, after.versions[page], after.pageSize));
            changed[page] = true;
        }
        int[] old = transaction.header().complete() || before == null ? new int[0] : before.getValue().versions;
        for (int page = 1; page < after.versions.length; page++) {
            assertThat(changed[page])
                    .isEqualTo(page >= old.length ? after.versions[page] != 0 : old[page] != after.versions[page]);
        }
    }
}
