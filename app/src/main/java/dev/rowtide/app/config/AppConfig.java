package dev.rowtide.app.config;

import dev.rowtide.cdc.SourceConfig;
import dev.rowtide.cdc.snapshot.SnapshotLimits;
import dev.rowtide.gateway.GatewayConfig;
import java.nio.file.Path;

/**
 * Everything that can be configured, checked.
 *
 * @param source the database to tail
 * @param dataDirectory where the engine keeps its position; created if it is missing
 * @param snapshots what snapshots may cost
 * @param gateway how clients reach it
 * @param console whether the page at {@code /} is wanted
 */
public record AppConfig(
        SourceConfig source, Path dataDirectory, SnapshotLimits snapshots, GatewayConfig gateway, boolean console) {}
