package dev.rowtide.cdc.debezium;

import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import java.lang.reflect.Field;

/**
 * Takes Debezium's per-event statistics away: with the push queue they are its most expensive single thing (a summary string and a
 * position map for each change). There is no option for it. The price: of its MBeans {@code MilliSecondsBehindSource} and {@code
 * TotalNumberOfEventsSeen} stand still; the lag is measured by us.
 */
final class MutedMetrics {
    private MutedMetrics() {}

    static void mute(ChangeEventSourceCoordinator<?, ?> coordinator) {
        dispatcher(coordinator).setEventListener(DataChangeEventListener.NO_OP());
    }

    private static EventDispatcher<?, ?> dispatcher(ChangeEventSourceCoordinator<?, ?> coordinator) {
        try {
            Field field = ChangeEventSourceCoordinator.class.getDeclaredField("eventDispatcher");
            field.setAccessible(true);
            return (EventDispatcher<?, ?>) field.get(coordinator);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Debezium's coordinator no longer has the field eventDispatcher", e);
        }
    }
}
