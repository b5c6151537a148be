// What the READMEs show compiles.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

// Inside this package, so that it finds the client by its name.
const folder = fileURLToPath(new URL("readme/", import.meta.url));
const tsc = fileURLToPath(new URL("../../node_modules/.bin/tsc", import.meta.url));

/** What the reader's own program has. */
const READER = `declare const apply: (event: any) => void, readAnew: () => void, render: (rows: readonly object[]) => void, toast: (text: any) => void;
declare const position: string, selectedId: string;
`;

function blocks(file: string, language: string): string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"))].map(([, code]) => code!);
}

test("what the READMEs show compiles", (t) => {
  const client = blocks("client/README.md", "ts").join("\n");
  const react = blocks("client/README.md", "tsx").join("\n");
  const root = blocks("README.md", "ts").join("\n");
  const setUp = `import type { RealtimeClient } from "@rowtide/client";
declare const client: RealtimeClient<{ post: { id: string; title: string; status: "open" | "closed" } }>;
declare const List: (properties: { title: string; rows: readonly object[]; onPing(): void }) => null;
`;
  mkdirSync(folder, { recursive: true });
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(`${folder}client.ts`, `${client}\n${READER}`);
  writeFileSync(`${folder}react.tsx`, `${setUp}${READER}${react}\nexport { Posts };\n`);
  writeFileSync(`${folder}root.ts`, root);
  writeFileSync(
    `${folder}tsconfig.json`,
    JSON.stringify({ extends: "../../../tsconfig.json", compilerOptions: { noEmit: true, jsx: "react-jsx", noUnusedLocals: false, noUnusedParameters: false }, files: ["client.ts", "react.tsx", "root.ts"] }),
  );
  try {
    execFileSync(tsc, ["-p", folder], { encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout);
  }
});
