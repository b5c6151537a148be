import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Bridge } from "@rowtide/testing";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A program of Node's, as the README starts it. */
export class Started {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly lines: string[] = [];
  #changed: () => void = () => {};
  readonly exitCode: Promise<number | null>;

  constructor(file: string, parameters: string[] = [], environment: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [file, ...parameters], { cwd: root, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
    process.once("exit", () => this.#child.kill("SIGKILL"));
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      createInterface(output).on("line", (line) => {
        this.lines.push(line);
        this.#changed();
      });
    }
    this.exitCode = new Promise((resolve) => {
      this.#child.once("exit", (code) => {
        resolve(code);
        this.#changed();
      });
    });
  }

  /** The first line that matches, as soon as there is one. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.lines) {
        const match = pattern.exec(line);
        if (match) {
          return match;
        }
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`it has ended and said ${JSON.stringify(this.lines)}`);
      }
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.exitCode;
  }
}

/** The server of the pages, on a free port. */
export async function served(): Promise<{ url: string; stop(): Promise<unknown> }> {
  const server = new Started("examples/serve.mjs", [], { PORT: "0" });
  const [, url] = await server.line(/(http:\/\/127\.0\.0\.1:\d+)\/page\//);
  return { url: url!, stop: () => server.kill("SIGTERM") };
}

/** Runs the statements of a file, which end with a semicolon at the end of a line. */
export async function runFile(bridge: Bridge, path: string): Promise<void> {
  const text = readFileSync(`${root}${path}`, "utf8").replace(/^--.*$/gm, "");
  for (const statement of text.split(/;\s*$/m)) {
    if (statement.trim()) {
      await bridge.sql(statement.replace(/\s+/g, " "));
    }
  }
}
