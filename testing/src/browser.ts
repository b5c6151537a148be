import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

/** A place that stays, so that the package unpacks its 200 MB once, and not into the machine's temporary folder. */
const unpacked = fileURLToPath(new URL("../.chromium", import.meta.url));

/** Containers have neither the rights for the sandbox nor a large /dev/shm. */
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"];

/**
 * A real Chromium without a window: the one that `CHROME_PATH` names, `/usr/bin/chromium`, that of the package `@sparticuz/chromium` (Linux), or an installed Chrome. So no machine needs more than
 * `npm ci`.
 */
export async function openBrowser(): Promise<Browser> {
  const { env, ...found } = await executable();
  // Under the locale C it calls its language "en-US@posix", which is none that `Intl` knows.
  const english = { LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" };
  return chromium.launch({ ...found, env: { ...process.env, ...env, ...english }, headless: true, timeout: 60_000 });
}

async function executable(): Promise<LaunchOptions> {
  for (const executablePath of [process.env["CHROME_PATH"], "/usr/bin/chromium"]) {
    if (executablePath && existsSync(executablePath)) {
      return { executablePath, args: ARGUMENTS };
    }
  }
  if (process.platform !== "linux") {
    return { channel: "chrome" };
  }
  if (!existsSync(unpacked)) {
    await unpack();
  }
  const env: Record<string, string> = { LD_LIBRARY_PATH: join(unpacked, "al2023", "lib") };
  if (!existsSync("/etc/fonts/fonts.conf")) {
    // A machine without any: those of the package, which looks for them elsewhere.
    env["FONTCONFIG_FILE"] = join(unpacked, "fonts.conf");
    writeFileSync(env["FONTCONFIG_FILE"], `<fontconfig><dir>${join(unpacked, "fonts")}</dir><cachedir>${join(unpacked, "cache")}</cachedir></fontconfig>`);
  }
  // Without the package's own arguments, which switch off what makes it a browser like others: its processes, and what keeps pages apart.
  return { executablePath: join(unpacked, "chromium"), args: ARGUMENTS, env };
}

/** All of it or nothing, also if several processes do it at once. */
async function unpack(): Promise<void> {
  const own = `${unpacked}-${process.pid}`;
  mkdirSync(own);
  // It unpacks into the temporary folder; and what a machine without a desktop lacks, only if it believes to be on AWS. There it also sets the other two.
  await withEnvironment({ TMPDIR: own, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x", LD_LIBRARY_PATH: undefined, FONTCONFIG_PATH: undefined }, async () => {
    const { default: packed } = await import("@sparticuz/chromium");
    await packed.executablePath();
  });
  try {
    renameSync(own, unpacked);
  } catch (error) {
    rmSync(own, { recursive: true });
    if (!existsSync(unpacked)) {
      throw error;
    }
  }
}

/** With these variables while it runs, and as before afterwards. */
async function withEnvironment<Result>(variables: Record<string, string | undefined>, run: () => Promise<Result>): Promise<Result> {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  const set = (values: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  };
  set(variables);
  try {
    return await run();
  } finally {
    set(before);
  }
}
