// One file for pages without a build step, nanostores included: dist/rowtide.js.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path) => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
await build({ entryPoints: [at("browser.js")], outfile: at("rowtide.js"), bundle: true, minify: true, format: "esm", target: "es2022", platform: "browser" });
