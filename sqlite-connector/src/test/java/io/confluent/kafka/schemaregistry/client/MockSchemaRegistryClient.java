package io.confluent.kafka.schemaregistry.client;

/** A stand-in, see {@link SchemaRegistryClient}. */
public final class MockSchemaRegistryClient implements SchemaRegistryClient {}
