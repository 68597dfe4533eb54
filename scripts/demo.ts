import { execFileSync, spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ensurePackages, SetupError } from "./setup/ensure.ts";
import { packagesFor } from "./setup/packages.ts";

const HELP = `npm run demo -- [--on HOST]

Runs pikaci's own type check and unit tests on the host \`local\`, each in a guest without network, with this
repository as it is now as input. Installs the Debian packages that are missing first.

  --on HOST   the same on ssh://[user@]host[:port]`;

/** Shows a command as a person would type it, runs it on this terminal, and gives its exit code. */
function pikaci(...words: string[]): number {
  console.log(`\n$ pikaci ${words.join(" ")}`);
  return spawnSync(process.execPath, ["dist/cli.js", ...words], { stdio: "inherit" }).status ?? 3;
}

function demo(on: readonly string[]): number {
  ensurePackages(packagesFor("local", "unit"), console.log);
  execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  const steps = [["snapshot"], ["plan", ...on], ["run", ...on], ["status", "latest"]];
  const codes = steps.map((step) => pikaci(...step));
  console.log(`
Look further:
  npx pikaci logs latest --job unit       what the unit tests printed in their guest
  npx pikaci run                          again: nothing is uploaded, evaluated or built
  npx pikaci run --on ssh://HOST          the same on a machine of yours`);
  return Math.max(...codes);
}

const { values } = parseArgs({ options: { on: { type: "string" }, help: { type: "boolean", short: "h" } } });
if (values.help) {
  console.log(HELP);
} else {
  try {
    process.exitCode = demo(values.on === undefined ? [] : ["--on", values.on]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
