package dev.rowtide.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.SourceHealth.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeEngineTest {
    @TempDir
    Path dataDirectory;

    private final TestServer.Database database = TestServer.database();
    private final RecordingSink sink = new RecordingSink();
    private ChangeEngine engine;

    @AfterEach
    void stop() {
        if (engine != null) {
            engine.close();
        }
    }

    private void start(ResourceConfig... resources) {
        engine = new ChangeEngine(database.source(resources), dataDirectory, sink);
        engine.start();
        await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().state() == State.FLOWING);
    }

    @Test
    void committedRowsArriveInCommitOrderWithTheirTransaction() {
        database.execute("CREATE TABLE post (id int PRIMARY KEY, title text)");
        start();
        database.execute(
                "INSERT INTO post VALUES (1, 'a'), (2, 'b')",
                "UPDATE post SET title = 'c' WHERE id = 1",
                "DELETE FROM post WHERE id = 2");
        List<DataChangeEvent> events = sink.awaitEvents(4);
        assertThat(events)
                .map(e -> e.operation().wireName() + " " + e.id().json() + " " + e.data())
                .containsExactly(
                        "create 1 {id: 1, title: \"a\"}",
                        "create 2 {id: 2, title: \"b\"}",
                        "update 1 {id: 1, title: \"c\"}",
                        "delete 2 null");
        assertThat(events).map(e -> e.transaction().index()).containsExactly(0, 1, 0, 0);
        assertThat(events).map(e -> e.transaction().last()).containsExactly(false, true, true, true);
        assertThat(events).map(DataChangeEvent::position).isSorted().doesNotHaveDuplicates();
        assertThat(events.get(3).old()).hasToString("{id: 2}");
    }
}
