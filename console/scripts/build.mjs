// Bundles the page into the resources of the app. The result is committed, so that a machine without Node has it, too; --check says whether it is that of the sources.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = at("../../app/src/main/resources/console/");

const { outputFiles } = await build({
  entryPoints: { console: at("../src/main.tsx") },
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "inline",
  write: false,
});
const files = [
  ...outputFiles.map(({ path, text }) => ({ path, text })),
  { path: `${target}index.html`, text: readFileSync(at("../src/index.html"), "utf8") },
];
if (process.argv.includes("--check")) {
  const stale = files.filter(({ path, text }) => text !== tryRead(path)).map(({ path }) => path);
  if (stale.length) {
    console.error(`not what the sources give: ${stale.join(", ")}\nRun "npm run build" at the root of the repository, and commit what it writes.`);
    process.exit(1);
  }
} else {
  files.forEach(({ path, text }) => writeFileSync(path, text));
}

function tryRead(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
