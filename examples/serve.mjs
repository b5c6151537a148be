// Serves the page and the React app on this machine, built anew with each load: npm start -w examples
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const building = await context({
  entryPoints: { "page/rowtide": "@rowtide/client/browser", "react/main": `${here}react/main.tsx` },
  absWorkingDir: here,
  outdir: here,
  write: false,
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  sourcemap: "inline",
  logLevel: "warning",
});
const { port } = await building.serve({ servedir: here, host: "127.0.0.1", port: Number(process.env.PORT ?? 5173) });
console.log(`A plain page   http://127.0.0.1:${port}/page/`);
console.log(`A React app    http://127.0.0.1:${port}/react/`);
console.log("Each takes the address of the bridge as ?bridge=ws://…; ws://127.0.0.1:3001/realtime otherwise.");
