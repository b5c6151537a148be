package dev.rowtide.cdc;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs {@code rows/*.sql} and {@code rows/both/*.sql} against a real PostgreSQL, see {@link RowFixture}. */
class RowFixtureTest {
    @TempDir
    Path dataDirectory;

    static Stream<Path> files() throws IOException {
        return RowFixture.files("", "both");
    }

    @ParameterizedTest
    @MethodSource("files")
    void theLogGivesWhatTheFileSays(Path file) throws IOException {
        TestServer.Database database = TestServer.database();
        RowFixture fixture = RowFixture.read(file);
        fixture.before().forEach(database::execute);
        RecordingSink sink = new RecordingSink();
        try (ChangeEngine engine = new ChangeEngine(database.source(), dataDirectory, sink)) {
            engine.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().ready());
            fixture.after().forEach(database::execute);
            fixture.requireEqual(sink.awaitEvents(fixture.expected().size()));
        }
    }
}
