import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

/** A place that stays, so that the package unpacks its 200 MB once, and not into the machine's temporary folder. */
const unpacked = fileURLToPath(new URL("../.chromium", import.meta.url));

/**
 * A real Chromium without a window: the one that `CHROME_PATH` names, `/usr/bin/chromium`, that of the package `@sparticuz/chromium` (Linux), or an installed Chrome. So no machine needs more than
 * `npm ci`.
 */
export async function openBrowser(): Promise<Browser> {
  // Under the locale C it calls its language "en-US@posix", which is none that `Intl` knows.
  const env = { ...process.env, LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" };
  return chromium.launch({ ...(await executable()), env, headless: true, timeout: 60_000 });
}

async function executable(): Promise<LaunchOptions> {
  // Containers have neither the rights for the sandbox nor a large /dev/shm.
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  for (const path of [process.env["CHROME_PATH"], "/usr/bin/chromium"]) {
    if (path && existsSync(path)) {
      return { executablePath: path, args };
    }
  }
  if (process.platform !== "linux") {
    return { channel: "chrome" };
  }
  mkdirSync(unpacked, { recursive: true });
  const temporary = process.env["TMPDIR"];
  process.env["TMPDIR"] = unpacked;
  try {
    const { default: packed } = await import("@sparticuz/chromium");
    // Without the package's own arguments, which switch off what makes it a browser like others: its processes, and what keeps pages apart.
    return { executablePath: await packed.executablePath(), args };
  } finally {
    if (temporary === undefined) {
      delete process.env["TMPDIR"];
    } else {
      process.env["TMPDIR"] = temporary;
    }
  }
}
