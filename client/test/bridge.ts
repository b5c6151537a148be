import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const jar = process.env["BRIDGE_JAR"] ?? fileURLToPath(new URL("../../app/target/rowtide.jar", import.meta.url));
const source = fileURLToPath(new URL("../test/Sql.java", import.meta.url));
const java = process.env["JAVA_HOME"] ? join(process.env["JAVA_HOME"], "bin", "java") : "java";

/** Why the tests that need the real bridge are left out; false if they are not. */
export const noBridge = existsSync(jar) ? false : "there is no app/target/rowtide.jar: ./rowtide version builds it";

type Child = ChildProcessByStdio<Writable, Readable, null>;

// A test whose time is over must not leave processes behind.
process.once("SIGTERM", () => process.exit(1));

function start(...parameters: string[]): Child {
  const child = spawn(java, ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", ...parameters], { stdio: ["pipe", "pipe", "ignore"] });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

function ended(child: Child): Promise<unknown> {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
}

/** A SQLite database in a temporary folder, a program that writes to it, and the bridge that reads its log. */
export class Bridge {
  readonly folder = mkdtempSync(join(tmpdir(), "rowtide-client-"));
  readonly file = join(this.folder, "app.db");
  readonly #writer = start("-cp", jar, source, this.file);
  readonly #answers = createInterface(this.#writer.stdout)[Symbol.asyncIterator]();
  #process: Child | undefined;
  port = 0;

  constructor() {
    process.once("exit", () => rmSync(this.folder, { recursive: true, force: true }));
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/realtime`;
  }

  async sql(line: string): Promise<string> {
    this.#writer.stdin.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done) {
      throw new Error(`the writer has ended: ${line}`);
    }
    return value;
  }

  /** Starts it, on the port that it had before, and waits until changes flow. */
  async start(...more: string[]): Promise<void> {
    const { folder, file, port } = this;
    const child = start("-cp", jar, "dev.rowtide.app.cli.Main", "serve", "--database", `sqlite:${file}`, "--data-dir", join(folder, "data"), "--port", String(port), ...more);
    this.#process = child;
    for await (const line of createInterface(child.stdout)) {
      const listening = /listening on ws:\/\/[^ ]*:(\d+)\//.exec(line);
      if (listening) {
        this.port = Number(listening[1]);
        child.stdout.resume();
        // Before it has found its place in the log, what is written is none of its business.
        while (!(await fetch(`http://127.0.0.1:${this.port}/health/ready`)).ok) {}
        return;
      }
    }
    throw new Error("the bridge has ended");
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child) {
      child.kill(signal);
      await ended(child);
    }
  }

  async stop(): Promise<void> {
    await this.kill("SIGTERM");
    this.#writer.stdin.end();
    await ended(this.#writer);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
