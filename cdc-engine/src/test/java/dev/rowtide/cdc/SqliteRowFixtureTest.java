package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.DataChangeEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@code rows/sqlite/*.sql} and {@code rows/both/*.sql} against a real SQLite file, see {@link RowFixture}. */
class SqliteRowFixtureTest {
    @TempDir
    Path folder;

    static Stream<Path> files() throws IOException {
        return RowFixture.files("sqlite", "both");
    }

    @ParameterizedTest
    @MethodSource("files")
    void theLogGivesWhatTheFileSays(Path file) throws IOException {
        TestFile database = new TestFile(folder.resolve("app.db"));
        RowFixture fixture = RowFixture.read(file);
        fixture.before().forEach(database::execute);
        RecordingSink sink = new RecordingSink();
        try (ChangeEngine engine = new ChangeEngine(database.source(), folder.resolve("data"), sink)) {
            engine.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> engine.health().ready());
            fixture.after().forEach(database::execute);
            List<DataChangeEvent> events = sink.awaitEvents(fixture.expected().size());
            fixture.requireEqual(events);
            assertThat(events).map(DataChangeEvent::position).isSorted().doesNotHaveDuplicates();
        }
    }
}
