// What `rowtide types` writes of a real database compiles, and types what one does with the client.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Bridge, noPostgres, rowtide } from "@rowtide/testing";

// Inside this package, so that it finds the client by its name.
const folder = fileURLToPath(new URL("schema/", import.meta.url));
const tsc = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));

const USE = `
import { createRealtimeClient, type DataChangeEvent } from "@rowtide/client";
import { liveQuery } from "@rowtide/client/live";
import type { Schema } from "./realtime.js";

const client = createRealtimeClient<Schema>();
const is = <Type>(value: Type) => value;

await client.subscribeToResource("task", (event) => {
  if (event.operation === "create" || event.operation === "update") {
    is<string>(event.data.id);
    is<"low" | "high">(event.data.urgency);
    is<string | null>(event.data.due);
    is<("low" | "high" | null)[] | null>(event.data.levels);
    is<number>(event.data.points);
    is<string>(event.data.price);
    is<boolean>(event.data.done);
    // @ts-expect-error there is no such column
    event.data.nope;
    // @ts-expect-error it may be null
    is<string>(event.data.due);
    // @ts-expect-error it is one of two
    event.data.urgency === "middling";
  }
});
await client.subscribeToResource("task", (event: DataChangeEvent<Pick<Schema["task"], "title">>) => event.data?.title, {
  columns: ["title"],
  filter: { urgency: "high", points: { gte: 3 }, OR: [{ due: { isNull: true } }, { title: { like: "A%" } }] },
});
const rows = liveQuery(client, "task", { where: { done: false }, orderBy: { due: "desc" } });
rows.subscribe(([first]) => first && is<string>(first.title));

// @ts-expect-error no such resource
await client.subscribeToResource("tasks", () => {});
// @ts-expect-error no such column
await client.subscribeToResource("task", () => {}, { filter: { titel: "x" } });
// @ts-expect-error not of that type
await client.subscribeToResource("task", () => {}, { filter: { points: "three" } });
// @ts-expect-error no such column
await client.subscribeToRecord("task", "7", () => {}, { columns: ["titel"] });
// @ts-expect-error no such column
liveQuery(client, "task", { orderBy: "titel" });
`;

test("the types of a database compile, let right use pass, and find wrong use", { skip: noPostgres }, async (t) => {
  const bridge = await Bridge.onPostgres();
  t.after(() => bridge.stop());
  await bridge.sql("CREATE TYPE urgency AS ENUM ('low', 'high')");
  await bridge.sql(
    "CREATE TABLE task (id int8 PRIMARY KEY, title text NOT NULL, urgency urgency NOT NULL, due timestamptz, levels urgency[], points int NOT NULL, price numeric NOT NULL, done bool NOT NULL, doc jsonb)",
  );
  mkdirSync(folder, { recursive: true });
  t.after(() => rmSync(folder, { recursive: true }));
  const config = `${folder}rowtide.yaml`;
  writeFileSync(config, "postgres: {numbers: string}\n");
  writeFileSync(`${folder}realtime.d.ts`, execFileSync(...rowtide("types", "--config", config, "--database", bridge.database)));
  writeFileSync(`${folder}use.ts`, USE);
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ extends: "../../../tsconfig.json", compilerOptions: { noEmit: true }, files: ["use.ts"] }));
  const compile = () => execFileSync(tsc, ["-p", folder], { encoding: "utf8", stdio: "pipe" });
  compile();

  writeFileSync(`${folder}use.ts`, `${USE}\nclient.subscribeToResource("tusk", () => {});\n`);
  assert.throws(compile, (error: { stdout: string }) => /error TS2345.*"tusk"/.test(error.stdout));
});
