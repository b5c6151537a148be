import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const jar = process.env["BRIDGE_JAR"] ?? at("app/target/rowtide.jar");
const serverClassPath = at("client/target/class-path");
const java = process.env["JAVA_HOME"] ? join(process.env["JAVA_HOME"], "bin", "java") : "java";

/** Why the tests that need the real bridge are left out; false if they are not. */
export const noBridge = existsSync(jar) ? false : "there is no app/target/rowtide.jar: ./rowtide version builds it";

/** The same of those that need a PostgreSQL, too. */
export const noPostgres = noBridge || (existsSync(serverClassPath) ? false : "there is no client/target/class-path: ./mvnw -pl client -am package -DskipTests writes it");

/** A command of Rowtide's, for `execFileSync(...rowtide("types", …))`. */
export function rowtide(...parameters: string[]): [file: string, parameters: string[]] {
  return [java, ["-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC", "-cp", jar, "dev.rowtide.app.cli.Main", ...parameters]];
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

// A test whose time is over must not leave processes behind.
process.once("SIGTERM", () => process.exit(1));

function start(...parameters: string[]): Child {
  return spawn(java, ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-Duser.timezone=UTC", ...parameters], { stdio: ["pipe", "pipe", "ignore"] });
}

function ended(child: Child): Promise<unknown> {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((resolve) => child.once("exit", resolve));
}

/** A database, a program that writes to it, and the bridge that reads its log; all that lies in files is in a temporary folder. */
export class Bridge {
  readonly folder = mkdtempSync(join(tmpdir(), "rowtide-"));
  readonly #writer: Child;
  readonly #answers: AsyncIterator<string>;
  #database: string;
  #process: Child | undefined;
  port = 0;

  /** On a SQLite file that nobody has written to yet. `onPostgres` is the other way. */
  constructor(on: "sqlite" | "postgres" = "sqlite") {
    process.once("exit", () => rmSync(this.folder, { recursive: true, force: true }));
    const file = join(this.folder, "app.db");
    this.#database = `sqlite:${file}`;
    this.#writer = on === "postgres"
      ? start("-cp", [readFileSync(serverClassPath, "utf8").trim(), jar].join(delimiter), at("testing/src/Postgres.java"))
      : start("-cp", jar, at("testing/src/Sql.java"), file);
    this.#answers = createInterface(this.#writer.stdout)[Symbol.asyncIterator]();
  }

  /** On a PostgreSQL of its own, which is empty. */
  static async onPostgres(): Promise<Bridge> {
    const bridge = new Bridge("postgres");
    bridge.#database = `postgres://postgres@127.0.0.1:${await bridge.#answer()}/postgres`;
    return bridge;
  }

  /** As `--database` takes it. */
  get database(): string {
    return this.#database;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/realtime`;
  }

  /** Runs one statement, on one line, and returns the first column of the first row; "" if there is none. */
  async sql(line: string): Promise<string> {
    this.#writer.stdin.write(`${line}\n`);
    return this.#answer();
  }

  async #answer(): Promise<string> {
    const { value, done } = await this.#answers.next();
    if (done) {
      throw new Error("the program that writes to the database has ended");
    }
    return value;
  }

  /** Starts it, on the port that it had before, and waits until changes flow. */
  async start(...more: string[]): Promise<void> {
    const { folder, port } = this;
    const child = start("-cp", jar, "dev.rowtide.app.cli.Main", "serve", "--database", this.#database, "--data-dir", join(folder, "data"), "--port", String(port), ...more);
    this.#process = child;
    // The writer ends by itself with its input, and takes its server along; killed, it would leave that behind.
    process.once("exit", () => child.kill("SIGKILL"));
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
