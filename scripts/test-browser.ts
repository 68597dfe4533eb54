import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensurePackages, SetupError } from "./setup/ensure.ts";

const HELP = `npm run test:browser -- [--screenshots DIR]

Opens reports in headless Chromium (Debian's package, installed if missing): rendered, searched, by keyboard, narrow,
dark, with hostile logs.

  --screenshots DIR   keeps pictures there, to look at`;

const { values } = parseArgs({
  options: { screenshots: { type: "string" }, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  console.log(HELP);
} else {
  try {
    ensurePackages(["chromium"], console.log);
    const file = join(import.meta.dirname, "../test/browser/report.ts");
    const env = { ...process.env, PIKACI_SCREENSHOTS: values.screenshots ?? "" };
    const { status } = spawnSync(process.execPath, ["--import", "tsx", file], { stdio: "inherit", env });
    process.exitCode = status ?? 1;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(error.message);
    process.exitCode = 1;
  }
}
