package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The live channels, by name. Kept in two levels, split at the first {@code :}, so that the record channel of a change is found (or usually not found) without
 * building its name, and the record channels of a truncated resource are at hand. Fan-out thread only.
 */
final class ChannelIndex implements ChangeChannels<LiveChannel> {
    private final Map<String, LiveChannel> plain = new HashMap<>();
    private final Map<String, Map<String, LiveChannel>> split = new HashMap<>();
    private int size;

    @Nullable
    LiveChannel find(Channel channel) {
        return channel.hasSuffix() ? find(channel.prefix(), channel.suffix()) : plain.get(channel.name());
    }

    /** The channel {@code prefix:suffix}. */
    @Nullable
    LiveChannel find(String prefix, String suffix) {
        Map<String, LiveChannel> suffixes = split.get(prefix);
        return suffixes == null ? null : suffixes.get(suffix);
    }

    @Override
    public @Nullable LiveChannel resource(String name) {
        return find(Channel.RESOURCE, name);
    }

    @Override
    public @Nullable LiveChannel record(String resource, String id) {
        return find(resource, id);
    }

    @Override
    public Iterable<LiveChannel> records(String resource) {
        return split.getOrDefault(resource, Map.of()).values();
    }

    LiveChannel findOrAdd(Channel channel, Function<Channel, LiveChannel> create) {
        LiveChannel found = find(channel);
        if (found != null) {
            return found;
        }
        LiveChannel created = create.apply(channel);
        if (channel.hasSuffix()) {
            split.computeIfAbsent(channel.prefix(), prefix -> new HashMap<>()).put(channel.suffix(), created);
        } else {
            plain.put(channel.name(), created);
        }
        size++;
        return created;
    }

    /** Forgets the channel if nobody is in it. */
    void removeIfEmpty(LiveChannel live) {
        Channel channel = live.channel();
        if (!live.isEmpty() || find(channel) != live) {
            return;
        }
        size--;
        if (!channel.hasSuffix()) {
            plain.remove(channel.name());
            return;
        }
        Map<String, LiveChannel> suffixes = split.get(channel.prefix());
        if (suffixes != null) {
            suffixes.remove(channel.suffix());
            if (suffixes.isEmpty()) {
                split.remove(channel.prefix());
            }
        }
    }

    int size() {
        return size;
    }

    void forEach(Consumer<LiveChannel> action) {
        plain.values().forEach(action);
        split.values().forEach(suffixes -> suffixes.values().forEach(action));
    }
}
