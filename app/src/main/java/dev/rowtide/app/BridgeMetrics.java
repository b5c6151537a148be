package dev.rowtide.app;

import dev.rowtide.cdc.ChangeEngine;
import dev.rowtide.cdc.EngineMetrics;
import dev.rowtide.feed.SourceHealth;
import dev.rowtide.gateway.Gateway;
import dev.rowtide.gateway.GatewayStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What {@code /metrics} answers. Names and meanings are listed in docs/operations.md, which a test compares with this. */
final class BridgeMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

    BridgeMetrics() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /** Shows the numbers of these two; they must live as long as this does, since the registry holds them weakly. */
    void watch(ChangeEngine engine, Gateway gateway, Supplier<SourceHealth> health) {
        Gauge.builder("rowtide.source.ready", health, source -> source.get().ready() ? 1 : 0)
                .strongReference(true)
                .register(registry);
        engine("rowtide.source.changes", engine, EngineMetrics::changes);
        engine("rowtide.source.transactions", engine, EngineMetrics::transactions);
        engine("rowtide.source.runs", engine, EngineMetrics::runs);
        engine("rowtide.source.lost", engine, EngineMetrics::lostSources);
        Gauge.builder("rowtide.source.lag", engine.metrics(), source -> seconds(source.lagMillis()))
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("rowtide.source.silence", engine.metrics(), source -> seconds(source.silentMillis()))
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("rowtide.source.log", engine, ChangeEngine::keptLogBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(
                        "rowtide.source.resources",
                        engine,
                        source -> source.resourceNames().size())
                .register(registry);

        gauge("rowtide.gateway.connections", gateway, GatewayStats::connections);
        gauge("rowtide.gateway.channels", gateway, GatewayStats::channels);
        gauge("rowtide.gateway.subscriptions", gateway, GatewayStats::subscriptions);
        counter("rowtide.gateway.messages.in", gateway, GatewayStats::messagesIn);
        counter("rowtide.gateway.messages.out", gateway, GatewayStats::messagesOut);
        counter("rowtide.gateway.out.bytes", gateway, GatewayStats::bytesOut);
        counter("rowtide.gateway.changes", gateway, GatewayStats::changes);
        counter("rowtide.gateway.fell.behind", gateway, GatewayStats::fellBehind);
        counter("rowtide.gateway.undecided", gateway, GatewayStats::undecided);
        gauge("rowtide.gateway.history.bytes", gateway, GatewayStats::historyBytes);
        counter("rowtide.gateway.slow.closed", gateway, GatewayStats::slowClosed);
        FunctionTimer.builder(
                        "rowtide.gateway.delivery",
                        gateway,
                        source -> source.stats().lagCount(),
                        source -> source.stats().lagNanosTotal(),
                        TimeUnit.NANOSECONDS)
                .register(registry);
        gauge("rowtide.gateway.delivery.longest.seconds", gateway, stats -> stats.lagNanosMax() / 1e9);
    }

    /** Everything, in Prometheus' text format. Thread-safe. */
    String text() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    private void engine(String name, ChangeEngine engine, ToDoubleFunction<EngineMetrics> value) {
        FunctionCounter.builder(name, engine.metrics(), value).register(registry);
    }

    private void gauge(String name, Gateway gateway, ToDoubleFunction<GatewayStats> value) {
        Gauge.builder(name, gateway, source -> value.applyAsDouble(source.stats()))
                .register(registry);
    }

    private void counter(String name, Gateway gateway, ToDoubleFunction<GatewayStats> value) {
        FunctionCounter.builder(name, gateway, source -> value.applyAsDouble(source.stats()))
                .register(registry);
    }

    private static double seconds(long millis) {
        return millis / 1e3;
    }
}
