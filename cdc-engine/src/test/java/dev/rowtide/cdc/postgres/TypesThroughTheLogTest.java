package dev.rowtide.cdc.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.cdc.TestServer;
import dev.rowtide.cdc.snapshot.CollectedSnapshot;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.RowSource;
import dev.rowtide.feed.SnapshotRequest;
import dev.rowtide.feed.SnapshotRow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every value of {@code types/*.sql} in a column, written to a real table and read from the log. */
class TypesThroughTheLogTest {

    @Test
    void eachValueArrivesAsItsFileSays(@TempDir Path dataDirectory) {
        TestServer.Database database = TestServer.database();
        List<TypeFixture.Value> values = new ArrayList<>();
        Map<String, String> tables = new HashMap<>();
        List<String> notAColumn = new ArrayList<>();
        for (TypeFixture fixture : TypeFixture.all()) {
            fixture.setup().forEach(statement -> {
                try {
                    database.execute(statement);
                } catch (IllegalStateException e) {
                    throw new AssertionError(fixture.name() + ": " + statement, e);
                }
            });
            for (TypeFixture.Value value : fixture.values()) {
                String table = tables.computeIfAbsent(value.type(), type -> "values_" + tables.size());
                if (table.equals("values_" + (tables.size() - 1)) && !notAColumn.contains(value.type())) {
                    try {
                        database.execute(
                                "CREATE TABLE IF NOT EXISTS " + table + " (n int PRIMARY KEY, v " + value.type() + ")");
                    } catch (IllegalStateException e) {
                        notAColumn.add(value.type());
                    }
                }
                if (!notAColumn.contains(value.type())) {
                    values.add(value);
                }
            }
        }
        assertThat(notAColumn)
                .as("types that PostgreSQL allows in no table")
                .allMatch(type -> type.matches("record(\\[\\])?|void|unknown|cstring"));
        RecordingSink sink = new RecordingSink();
        try (ChangeEngine engine = new ChangeEngine(database.source(), dataDirectory, sink)) {
            engine.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> engine.health().ready());
            for (int i = 0; i < values.size(); i++) {
                database.execute("INSERT INTO " + tables.get(values.get(i).type()) + " VALUES (" + i + ", "
                        + values.get(i).sql() + ")");
            }
            List<DataChangeEvent> events = sink.awaitEvents(values.size());
            assertThat(events).hasSize(values.size());
            requireSameInSnapshots(engine.rowSource(), events);
            for (int i = 0; i < values.size(); i++) {
                String json = events.get(i).data().json("v");
                assertThat(JsonTree.equal(json, values.get(i).json()))
                        .as("%s: %s", values.get(i), json)
                        .isTrue();
            }
        }
    }

    /** To the last character: whoever has both must not see a difference. */
    private static void requireSameInSnapshots(RowSource rows, List<DataChangeEvent> events) {
        Map<String, Map<String, String>> logged = new TreeMap<>();
        for (DataChangeEvent event : events) {
            logged.computeIfAbsent(event.resource(), r -> new TreeMap<>())
                    .put(event.id().json(), String.valueOf(event.data()));
        }
        logged.forEach((resource, expected) -> {
            Map<String, String> read = new TreeMap<>();
            for (SnapshotRow row : CollectedSnapshot.of(rows, SnapshotRequest.ofResource(resource))
                    .all()) {
                read.put(row.id().json(), row.data().toString());
            }
            assertThat(read).as(resource).isEqualTo(expected);
        });
    }
}
