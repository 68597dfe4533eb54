import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setUpProducer, type Tried, tryProducer } from "../test/producers/run.ts";
import { NPM_PACKAGES, PRODUCERS, type Producer } from "../test/producers/table.ts";
import { setUpFor } from "./setup/ensure.ts";

const HELP = `npm run test:producers -- [--modules DIR] [NAME ...]

Runs a small project through each test runner (default: all), and compares what pikaci reads in its reports with its own exit
code and summary; ends with 1 where they differ. Installs what is missing: Debian's packages on this machine, npm's in a
temporary directory.

  --modules  a node_modules that has npm's already
  NAME       ${PRODUCERS.map(({ name }) => name).join(", ")}`;

function tell({ name, problems, read }: Tried): void {
  const counts = Object.entries(read).map(
    ([file, { passed, bad, skipped }]) => `${file}: ${passed} passed, ${bad} bad, ${skipped} skipped`,
  );
  console.log(
    `${problems.length === 0 ? "ok  " : "BAD "} ${name}${counts.map((one) => `; ${one}`).join("")}`,
  );
  for (const one of problems) console.log(`     ${one.replaceAll("\n", "\n     ")}`);
}

function installModules(directory: string): string {
  const options = ["--prefix", directory, "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"];
  execFileSync("npm", ["install", ...options, ...NPM_PACKAGES], { stdio: ["ignore", "ignore", "inherit"] });
  return join(directory, "node_modules");
}

function tryOne(producer: Producer, directory: string, modules: string): readonly Tried[] {
  const place = { directory: join(directory, producer.name), modules };
  const wrong = setUpProducer(producer, place);
  if (wrong.length > 0) return [{ name: producer.name, problems: wrong, read: {} }];
  return (["red", "green"] as const).map((colour) => tryProducer(producer, colour, place));
}

function main(wanted: readonly Producer[], modules: string | undefined): boolean {
  const directory = mkdtempSync(join(tmpdir(), "pikaci-producers-"));
  try {
    const needsNpm = wanted.some(({ from }) => from === "npm");
    const installed = modules ?? (needsNpm ? installModules(join(directory, "npm")) : directory);
    const tried = wanted.flatMap((producer) => {
      const results = tryOne(producer, directory, installed);
      for (const result of results) tell(result);
      return results;
    });
    const bad = tried.filter(({ problems }) => problems.length > 0).length;
    console.log(`${tried.length - bad} passed, ${bad} failed`);
    return bad === 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { modules: { type: "string" }, help: { type: "boolean", short: "h" } },
});
const wanted = PRODUCERS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const known = positionals.every((word) => PRODUCERS.some(({ name }) => name === word));
if (values.help || !known) {
  console.log(HELP);
  process.exitCode = known ? 0 : 2;
} else {
  if (wanted.some(({ from }) => from === "Debian")) setUpFor("test:producers");
  process.exitCode = main(wanted, values.modules) ? 0 : 1;
}
