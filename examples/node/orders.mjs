// Prints each change of the orders, and misses none while it is not running: where it is, it keeps in a file.
//   node examples/node/orders.mjs [ws://127.0.0.1:3001/realtime] [orders.position]
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRealtimeClient } from "@rowtide/client";

const [wsUrl = "ws://127.0.0.1:3001/realtime", file = "orders.position"] = process.argv.slice(2);
const client = createRealtimeClient({ wsUrl });

const now = {};
if (existsSync(file)) {
  now.since = readFileSync(file, "utf8");
}

const off = client.subscribeToResource("orders", print, {
  ...now,
  presence: "none",
  // Away for longer than the server keeps its history: what was missed has to be read from the database.
  onGap: ({ reason }) => console.log(`changes may have been missed (${reason})`),
});
client.connect().catch((error) => console.error(`${error.message}; trying again`));

function print({ operation, id, data, old, changed, position }) {
  const details = operation === "update" ? changed.map((column) => `${column} ${old[column]} -> ${data[column]}`).join(", ") : JSON.stringify(data ?? old);
  console.log(`${operation} ${id}: ${details}`);
  // After it was dealt with: whoever is killed in between gets it again, and never misses it. Whole, or not at all.
  writeFileSync(`${file}.new`, position);
  renameSync(`${file}.new`, file);
}

process.once("SIGINT", async () => {
  (await off)();
  client.disconnect();
});
