import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { ensurePackages, setUpFor } from "./setup/ensure.ts";
import { packagesFor } from "./setup/packages.ts";
import { findSuites } from "./suites/find.ts";
import { laneCount } from "./suites/lanes.ts";
import { endWithSignals } from "./suites/marked.ts";
import { prepareSuites, runSuites } from "./suites/run-suites.ts";
import type { Suite } from "./suites/suite.ts";
import { summarize } from "./suites/summary.ts";

const HELP = `npm test -- [--unit] [--exhaustive] [--lanes N] [--cpu] [--set-up] [TEXT ...]

Sets the machine up, checks types, lints, and runs every test/**/*.test.ts.

  --unit   leave out suites that need the lab or Nix
  --exhaustive  only files that have cases which npm test leaves out, with all their cases (npm run test:exhaustive)
  --lanes  how many files run side by side; default three per core, at most 8, and one per GiB
  --cpu    also tell the processor time that each file used; needs control groups
  TEXT     only files whose path contains TEXT, without set-up, type check and lint
  --set-up with the set-up all the same

PIKACI_TEST_LAB=0 leaves the lab's suites out. With CI=true a suite left out otherwise is a failure,
and up to three suites that failed run once more; those that pass then are named as flaky.`;

const MARK = randomUUID();

/** Installs what is missing; where that is not ours to do, only what every run needs is an error. */
function setUp(unit: boolean): void {
  ensurePackages(packagesFor("test:unit"), console.log);
  if (!unit) setUpFor("test");
}

/** Runs the package's own checks; gives the names of those that failed. */
async function runChecks(): Promise<string[]> {
  const failed = await Promise.all(["typecheck", "lint"].map(runCheck));
  return failed.flat();
}

async function runCheck(check: string): Promise<string[]> {
  const output = await new Promise<string | undefined>((resolve) => {
    execFile("npm", ["run", "--silent", check], { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve(error === null ? undefined : `${stdout}${stderr}`),
    );
  });
  console.log(`${output === undefined ? "ok  " : "FAIL"} ${check}`);
  if (output === undefined) return [];
  console.log(output);
  return [check];
}

interface Asked {
  readonly unit: boolean;
  readonly exhaustive: boolean;
  readonly setsUp: boolean;
  readonly lanes: number;
  readonly cpu: boolean;
  readonly filters: readonly string[];
}

/** All cases of a file take a few times as long as those of `npm test`. */
const EXHAUSTIVE_LIMITS = 4;

function findAsked({ filters, exhaustive }: Asked): Suite[] {
  const found = findSuites(process.cwd(), filters);
  if (!exhaustive) return found;
  process.env.PIKACI_TEST_EXHAUSTIVE = "1";
  return found
    .filter((suite) => suite.exhaustive)
    .map((suite) => ({ ...suite, timeLimit: EXHAUSTIVE_LIMITS * suite.timeLimit }));
}

async function main(asked: Asked): Promise<boolean> {
  const { unit, exhaustive, setsUp, lanes, cpu, filters } = asked;
  const found = findAsked(asked);
  if (found.length === 0) throw new Error(`no test file matches ${filters.join(" ") || "test/**/*.test.ts"}`);
  const everything = filters.length === 0 && !exhaustive;
  if (everything || setsUp) setUp(unit);
  const [failedChecks, prepared] = await Promise.all([
    everything ? runChecks() : [],
    prepareSuites(found, unit ? "unit" : "all"),
  ]);
  const { verdicts, flaky } = await runSuites(prepared, {
    lanes,
    mark: MARK,
    ...(cpu ? { counts: "processor time" } : {}),
  });
  const { lines, ok } = summarize(verdicts, failedChecks, prepared.leftOut, flaky);
  console.log(["", ...lines].join("\n"));
  return ok;
}

endWithSignals(MARK);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: "boolean", default: false },
    exhaustive: { type: "boolean", default: false },
    "set-up": { type: "boolean", default: false },
    lanes: { type: "string", default: String(laneCount(availableParallelism(), totalmem())) },
    cpu: { type: "boolean", default: false },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(HELP);
} else {
  const { unit, exhaustive, cpu, "set-up": setsUp } = values;
  const asked = { unit, exhaustive, setsUp, cpu, lanes: Number(values.lanes), filters: positionals };
  const ok = await main(asked).catch((error: unknown) => {
    console.log(error instanceof Error ? error.message : error);
    console.log("0 passed, 1 failed");
    return false;
  });
  process.exitCode = ok ? 0 : 1;
}
