package dev.rowtide.cdc.debezium;

import dev.rowtide.cdc.OffsetFile;
import dev.rowtide.cdc.OffsetForm;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.runtime.standalone.StandaloneConfig;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Kafka Connect's offset store on our {@link OffsetFile}: atomic and fsynced. Connect's file store is neither: a crash while it writes leaves an empty or
 * a broken file.
 *
 * <p>There is one source and so one offset, whatever key it is asked under. Instantiated by the engine, by name.
 */
public final class DurableOffsetStore extends MemoryOffsetBackingStore {
    private @Nullable OffsetFile file;
    private Set<String> fields = Set.of();

    @Override
    public void configure(WorkerConfig config) {
        super.configure(config);
        file = new OffsetFile(Path.of(config.getString(StandaloneConfig.OFFSET_STORAGE_FILE_FILENAME_CONFIG)));
        fields = Set.of(
                String.valueOf(config.originals().get(OffsetForm.PROPERTY)).split(","));
    }

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        return CompletableFuture.completedFuture(file().read()
                .map(offset -> {
                    Map<ByteBuffer, ByteBuffer> values = new HashMap<>();
                    keys.forEach(key -> values.put(key, ByteBuffer.wrap(offset.toConnectJson())));
                    return values;
                })
                .orElseGet(Map::of));
    }

    /** Writes on the calling thread; when it returns, the offset is on the disk. */
    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, @Nullable Callback<Void> callback) {
        try {
            for (ByteBuffer value : values.values()) {
                byte[] json = new byte[value.remaining()];
                value.duplicate().get(json);
                file().write(OffsetFile.Offset.fromConnectJson(json, fields));
            }
        } catch (RuntimeException e) {
            if (callback != null) {
                callback.onCompletion(e, null);
            }
            return CompletableFuture.failedFuture(new ConnectException(e.getMessage(), e));
        }
        if (callback != null) {
            callback.onCompletion(null, null);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }

    private OffsetFile file() {
        if (file == null) {
            throw new IllegalStateException("used before it was configured");
        }
        return file;
    }
}
