package dev.rowtide.gateway.history;

import dev.rowtide.feed.DataChangeEvent;
import dev.rowtide.feed.Position;
import java.io.IOException;
import java.util.List;

/** Keeps packs on the heap: a third of what the changes take as objects. */
public final class MemoryStore implements HistoryStore {

    private record MemoryPack(byte[] pack) implements Pack {
        @Override
        public int bytes() {
            return pack.length;
        }

        @Override
        public List<DataChangeEvent> read() throws IOException {
            return ChangeCodec.unpack(pack);
        }

        @Override
        public void forget() {
            // The garbage collector's.
        }
    }

    @Override
    public void recover(Recovery recovery) {
        // Nothing outlives the process.
    }

    @Override
    public Pack append(List<DataChangeEvent> events) {
        return new MemoryPack(ChangeCodec.pack(events));
    }

    @Override
    public void reached(Position boundary) {
        // Not needed after a restart.
    }

    @Override
    public void restart(Position start) {
        // The history lets go of its packs.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
