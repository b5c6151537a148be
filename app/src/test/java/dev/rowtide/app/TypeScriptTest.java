package dev.rowtide.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rowtide.app.config.AppConfig;
import dev.rowtide.app.config.ConfigLoader;
import dev.rowtide.cdc.SourceFailure;
import dev.rowtide.cdc.TestFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The types of real databases. */
class TypeScriptTest {
    private static final String HEAD = """
            // Written by Rowtide (rowtide types) from the database: write it again when that changes.

            export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

            /** The rows of each resource, as events have them. */
            export type Schema = {
            """;

    @TempDir
    Path directory;

    private String types(String database, String... lines) throws Exception {
        Path file = Files.writeString(
                directory.resolve("rowtide.yaml"), "database: " + database + "\n" + String.join("\n", lines));
        AppConfig config = new ConfigLoader(Map.of()).load(file, Map.of());
        return TypeScript.of(config.source().describeRows());
    }

    @Test
    void ofPostgres() throws Exception {
        TestDatabase database = TestDatabase.with(
                "CREATE TYPE mood AS ENUM ('so so', 'happy', 'it''s \"fine\"')",
                "CREATE TYPE place AS (street text, number int8)",
                "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')",
                "CREATE DOMAIN must AS numeric NOT NULL",
                """
                CREATE TABLE posts (
                  id int8 PRIMARY KEY,
                  title text NOT NULL,
                  body varchar(20),
                  open bool NOT NULL,
                  rank int2,
                  score float8 NOT NULL,
                  price numeric(10, 2),
                  due must,
                  author email NOT NULL,
                  mood mood NOT NULL DEFAULT 'happy',
                  moods mood[],
                  tags text[] NOT NULL,
                  grid int[][],
                  totals numeric[],
                  doc jsonb,
                  docs json[] NOT NULL,
                  address place,
                  at timestamptz NOT NULL,
                  uid uuid,
                  span int4range,
                  bytes bytea,
                  secret text)""",
                "CREATE TABLE \"odd-name\" (\"class\" int PRIMARY KEY, \"first name\" text)",
                "CREATE TABLE keyless (x int)");

        assertThat(types(database.url(), "resources: {post: {table: posts, exclude-columns: [secret]}}"))
                .isEqualTo(HEAD + """
                          post: {
                            id: number;
                            title: string;
                            body: string | null;
                            open: boolean;
                            rank: number | null;
                            score: number;
                            price: number | null;
                            due: number;
                            author: string;
                            mood: "so so" | "happy" | "it's \\"fine\\"";
                            moods: ("so so" | "happy" | "it's \\"fine\\"" | null)[] | null;
                            tags: (string | null)[];
                            grid: (number | null)[][] | null;
                            totals: (number | null)[] | null;
                            doc: Json;
                            docs: Json[];
                            address: {
                              street: string | null;
                              number: number | null;
                            } | null;
                            at: string;
                            uid: string | null;
                            span: string | null;
                            bytes: string | null;
                          };
                        };
                        """);
        assertThat(types(database.url(), "postgres: {numbers: string}"))
                .contains("  \"odd-name\": {\n    class: number;\n    \"first name\": string | null;\n  };\n")
                .contains("    id: string;\n", "    price: string | null;\n", "    due: string;\n")
                .contains("    totals: (string | null)[] | null;\n", "      number: string | null;\n")
                .contains("    rank: number | null;\n", "    secret: string | null;\n")
                // Not a resource either: PostgreSQL would refuse updates of it.
                .doesNotContain("keyless");
        assertThatThrownBy(() -> types(database.url(), "resources: {post: {table: missing}}"))
                .isInstanceOf(SourceFailure.class)
                .hasMessageContaining("there is no table public.missing");
    }

    @Test
    void ofSqlite() throws Exception {
        TestFile database = new TestFile(directory.resolve("app.db"));
        database.execute(
                """
                CREATE TABLE posts (
                  id INTEGER PRIMARY KEY,
                  title TEXT NOT NULL,
                  body VARCHAR(20),
                  open BOOLEAN NOT NULL,
                  score REAL,
                  price DECIMAL(10, 2),
                  at DATETIME NOT NULL,
                  doc JSON,
                  picture BLOB,
                  anything,
                  initial TEXT GENERATED ALWAYS AS (substr(title, 1, 1)) STORED,
                  virtual TEXT GENERATED ALWAYS AS (title) VIRTUAL)""",
                "CREATE TABLE pairs (a TEXT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID",
                "CREATE TABLE loose (a INTEGER PRIMARY KEY DESC, b TEXT)",
                "CREATE TABLE strict_one (id INT PRIMARY KEY, x ANY) STRICT",
                "CREATE VIEW seen AS SELECT * FROM posts");

        assertThat(types(database.url())).isEqualTo(HEAD + """
                          loose: {
                            a: number | null;
                            b: string | null;
                          };
                          pairs: {
                            a: string;
                            b: number;
                          };
                          posts: {
                            id: number;
                            title: string;
                            body: string | null;
                            open: number;
                            score: number | null;
                            price: number | null;
                            at: number | string;
                            doc: number | string | null;
                            picture: string | null;
                            anything: number | string | null;
                            initial: string | null;
                          };
                          strict_one: {
                            id: number;
                            x: number | string | null;
                          };
                        };
                        """);
        assertThat(types(database.url(), "resources: {post: {table: posts, numbers: string, exclude-columns: [body]}}"))
                .contains("  post: {\n    id: string;\n", "    open: number | string;\n", "    score: number | null;\n")
                .doesNotContain("body");
        assertThatThrownBy(() -> types(database.url(), "resources: {post: {table: missing}}"))
                .isInstanceOf(SourceFailure.class)
                .hasMessageContaining("there is no table missing");
    }
}
