package dev.rowtide.gateway;

import dev.rowtide.feed.Channel;
import dev.rowtide.gateway.history.Interest;
import dev.rowtide.gateway.history.Segment;

/** The changes of one channel. */
final class ChannelInterest implements Interest {
    private final Channel channel;
    private final long[] keys;

    ChannelInterest(Channel channel) {
        this.channel = channel;
        this.keys = channel.isResource() ? new long[0] : new long[] {Segment.key(channel.prefix(), channel.suffix())};
    }

    @Override
    public boolean inResource(String resource) {
        return channel.isResource() && channel.suffix().equals(resource);
    }

    @Override
    public boolean inRecord(long key) {
        return keys.length == 1 && keys[0] == key;
    }

    @Override
    public boolean inRecordsOf(String resource) {
        return !channel.isResource() && channel.prefix().equals(resource);
    }

    @Override
    public long[] recordKeys() {
        return keys;
    }
}
