import { parseArgs } from "node:util";
import { fullDemo } from "./demo/full.ts";
import { shortDemo } from "./demo/short.ts";
import { ensurePackages, SetupError } from "./setup/ensure.ts";
import { packagesFor } from "./setup/packages.ts";

const HELP = `npm run demo -- [--full [--on HOST]]

Runs pikaci's own type check and a part of its tests on the host \`local\`, each in a guest without network, on a copy of
this repository as it is now: from nothing, after one file was edited, and with an error in it. Installs the Debian
packages that are missing first; says at its end what it made and how to remove it.

  --full      the type check and all unit tests instead, once, of this very tree
  --on HOST   those on ssh://[user@]host[:port]`;

async function demo(full: boolean, on: readonly string[]): Promise<number> {
  const installed = ensurePackages(packagesFor("demo"), console.log);
  return full ? fullDemo(on) : shortDemo(installed);
}

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    on: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help || (values.on !== undefined && !values.full)) {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    process.exitCode = await demo(values.full, values.on === undefined ? [] : ["--on", values.on]);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
