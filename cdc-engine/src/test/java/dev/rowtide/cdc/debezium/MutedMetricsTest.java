package dev.rowtide.cdc.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.RecordingSink;
import dev.rowtide.cdc.TestServer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutedMetricsTest {
    @Test
    void debeziumCountsNoEventsWhileRowsArrive(@TempDir Path dataDirectory) throws Exception {
        TestServer.Database database = TestServer.database();
        database.execute("CREATE TABLE post (id int PRIMARY KEY)");
        RecordingSink sink = new RecordingSink();
        try (ChangeEngine engine = new ChangeEngine(database.source(), dataDirectory, sink)) {
            engine.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> engine.health().ready());
            database.execute("INSERT INTO post SELECT generate_series(1, 500)");
            sink.awaitEvents(500);
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            Set<ObjectName> names = server.queryNames(
                    new ObjectName("debezium.postgres:type=connector-metrics,context=streaming,*"), null);
            assertThat(names).hasSize(1);
            assertThat((Long) server.getAttribute(names.iterator().next(), "TotalNumberOfEventsSeen"))
                    .isLessThan(500);
        }
    }
}
