package io.confluent.kafka.schemaregistry.client;

/** A stand-in: Debezium's VerifyRecord does not load without the name, and the library is not on Maven Central. */
public interface SchemaRegistryClient {}
