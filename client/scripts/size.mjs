// Measures the core as a page would load it: bundled for browsers, minified, compressed; nanostores apart.
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const LIMIT = 4000;

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("../dist/index.js", import.meta.url))],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  external: ["nanostores"],
  write: false,
});
const bytes = brotliCompressSync(outputFiles[0].contents).length;
console.log(`core: ${bytes} bytes (brotli), ${outputFiles[0].contents.length} minified; less than ${LIMIT}`);
process.exit(bytes < LIMIT ? 0 : 1);
