package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Operation;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * On which channels a change is: its resource's and, if it has an id, its record's; a truncation is on those of all records. The one place that knows, for live delivery as for what is read later.
 *
 * @param <C> what somebody has for a channel
 */
interface ChangeChannels<C> {

    /** What there is for {@code resource:<name>}. */
    @Nullable
    C resource(String name);

    /** What there is for one record's channel. */
    @Nullable
    C record(String resource, String id);

    /** What there is for all the record channels of a resource. */
    Iterable<C> records(String resource);

    /** Does something for each channel of a change: the resource's first, so that who is in both gets it there first. */
    default void forEachOf(DataChangeEvent event, Consumer<C> action) {
        C resource = resource(event.resource());
        if (resource != null) {
            action.accept(resource);
        }
        if (event.operation() == Operation.TRUNCATE) {
            records(event.resource()).forEach(action);
        } else if (event.id() != null) {
            C record = record(event.resource(), event.id().text());
            if (record != null) {
                action.accept(record);
            }
        }
    }

    /** Whether row changes of {@code resource} come on a channel. */
    static boolean isRecordOf(Channel channel, String resource) {
        return !channel.isResource() && channel.hasSuffix() && channel.prefix().equals(resource);
    }
}
