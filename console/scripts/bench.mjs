// How the console bears 5,000 changes a second: npm run bench -w console [-- --record]. The bridge, the writer and the browser share the machine.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { Bridge, noBridge, openBrowser } from "@rowtide/testing";

if (noBridge) {
  throw new Error(noBridge);
}
const SECONDS = 20;
const ROUNDS = 3;
const BATCH = 250;
const RATES = [0, 100, 1_000, 5_000];

const bridge = new Bridge();
const browser = await openBrowser();
const load = () => readFileSync("/proc/loadavg", "utf8").split(" ")[0];
const loadBefore = load();
const rows = [];
try {
  await bridge.sql("PRAGMA journal_mode = wal");
  await bridge.sql("PRAGMA synchronous = normal");
  await bridge.sql("CREATE TABLE ticks (id INTEGER PRIMARY KEY, name TEXT, price REAL, at TEXT)");
  await bridge.start();
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  await page.goto(`http://127.0.0.1:${bridge.port}/`);
  await page.locator(".channels .name", { hasText: "resource:ticks" }).waitFor();
  let id = 1;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const rate of RATES) {
      rows.push({ round: round || "cold", rate, ...(await measure(rate)) });
    }
  }

  async function measure(rate) {
    const before = await look();
    // The time between two frames, as the page itself sees it.
    await page.evaluate(() => {
      window.frames = [];
      let last = performance.now();
      const frame = (now) => {
        window.frames.push(now - last);
        last = now;
        window.frame = requestAnimationFrame(frame);
      };
      window.frame = requestAnimationFrame(frame);
    });
    const first = id;
    const began = Date.now();
    for (let n = 0; Date.now() - began < SECONDS * 1_000; n++) {
      const size = Math.min(BATCH, rate);
      if (rate) {
        await bridge.sql(`WITH RECURSIVE n(i) AS (SELECT ${id} UNION ALL SELECT i + 1 FROM n WHERE i < ${id + size - 1}) INSERT INTO ticks SELECT i, 'tick ' || i, i / 7.0, '2026-01-01T00:00:00Z' FROM n`);
        id += size;
      }
      const next = began + ((n + 1) * 1_000 * (size || 1)) / (rate || 1);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())));
    }
    const seconds = (Date.now() - began) / 1_000;
    const frames = await page.evaluate(() => {
      cancelAnimationFrame(window.frame);
      return window.frames.sort((a, b) => a - b);
    });
    if (id > first) {
      await page.locator(`.tools .note[data-count="${id - 1}"]`).waitFor();
    }
    const after = await look();
    const at = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))];
    return {
      changes: Math.round((id - first) / seconds),
      frames: Math.round(frames.length / seconds),
      median: at(0.5),
      p99: at(0.99),
      longest: frames.at(-1),
      busy: (100 * (after.TaskDuration - before.TaskDuration)) / (after.Timestamp - before.Timestamp),
      heap: after.JSHeapUsedSize / 1e6,
    };
  }

  async function look() {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  }
} finally {
  await browser.close();
  await bridge.stop();
}

const today = new Date().toISOString().slice(0, 10);
const report = `# console, ${today}

Command: \`npm run bench -w console${process.argv.includes("--record") ? " -- --record" : ""}\`

Machine: ${cpus().length} cores, Linux ${release()}, Node ${process.versions.node}, Chromium ${browser.version()} without a window or a graphics card.

Noise: load average ${loadBefore} before and ${load()} after.

SQLite, ${BATCH} rows a transaction at most, ${SECONDS} s for each line; the page shows "All changes" at 1440 × 900. Frames as \`requestAnimationFrame\` sees them, 60 a second at best; "busy" is the share of the page's main thread. Beside each rate, in the same run, the page
without changes.

| round | changes/s wanted | changes/s | frames/s | ms between frames, median | 99 in 100 | longest | main thread busy % | JavaScript heap MB |
|---|---|---|---|---|---|---|---|---|
${rows.map(({ round, rate, changes, frames, median, p99, longest, busy, heap }) => `| ${round} | ${rate} | ${changes} | ${frames} | ${median.toFixed(1)} | ${p99.toFixed(1)} | ${longest.toFixed(0)} | ${busy.toFixed(1)} | ${heap.toFixed(1)} |`).join("\n")}
`;
console.log(report);
if (process.argv.includes("--record")) {
  writeFileSync(new URL(`../../bench/results/${today}-console.md`, import.meta.url), report);
}
