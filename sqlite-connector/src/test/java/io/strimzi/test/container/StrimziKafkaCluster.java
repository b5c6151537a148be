package io.strimzi.test.container;

/** A stand-in: Debezium's incremental snapshot tests name it in a field that only their Kafka tests use. */
public abstract class StrimziKafkaCluster {
    public abstract String getBootstrapServers();
}
