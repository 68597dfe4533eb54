import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { prepareLab } from "../test/lab/lab.ts";
import { ensurePackages, setUpFor } from "./setup/ensure.ts";
import { packagesFor } from "./setup/packages.ts";
import { isProgram } from "./setup/program.ts";
import { CHILDREN, CHILDREN_VARIABLE, compiledIn } from "./suites/children.ts";
import { buildClient } from "./suites/client.ts";
import { compileSuites } from "./suites/compile.ts";
import { findSuites } from "./suites/find.ts";
import { laneCount, runInLanes } from "./suites/lanes.ts";
import { killMarked } from "./suites/marked.ts";
import { runFile } from "./suites/run-file.ts";
import { type Judged, settle, suitesToRepeat } from "./suites/second-try.ts";
import { choose, type Suite } from "./suites/suite.ts";
import { describe, summarize } from "./suites/summary.ts";
import { judge } from "./suites/verdict.ts";

const HELP = `npm test -- [--unit] [--lanes N] [--set-up] [TEXT ...]

Sets the machine up, checks types, lints, and runs every test/**/*.test.ts.

  --unit   leave out suites that need the lab or Nix
  --lanes  how many files run side by side; default two per core, at most 8
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

async function runSuite(suite: Suite, compiled: string): Promise<Judged> {
  const words = ["--enable-source-maps", compiled];
  const ending = await runFile({ words, timeLimit: suite.timeLimit, mark: `${MARK}-${suite.file}` });
  const verdict = judge(ending);
  console.log(describe(suite.file, verdict, ending.seconds));
  if (verdict.failed > 0) console.log([ending.output, ...verdict.problems].join("\n"));
  return { suite, verdict };
}

interface Asked {
  readonly unit: boolean;
  readonly setsUp: boolean;
  readonly lanes: number;
  readonly filters: readonly string[];
}

async function main({ unit, setsUp, lanes, filters }: Asked): Promise<boolean> {
  const found = findSuites(process.cwd(), filters);
  if (found.length === 0) throw new Error(`no test file matches ${filters.join(" ") || "test/**/*.test.ts"}`);
  const everything = filters.length === 0;
  if (everything || setsUp) setUp(unit);
  const usesLab = !unit && found.some(({ needs }) => needs.includes("lab"));
  const [labMissing, failedChecks, client, compiled] = await Promise.all([
    usesLab ? prepareLab() : [],
    everything ? runChecks() : [],
    buildClient(),
    compileSuites([...found.map(({ file }) => file), ...CHILDREN]),
  ]);
  const { run, leftOut } = choose(found, {
    unit,
    ci: process.env.CI === "true",
    labDeclined: process.env.PIKACI_TEST_LAB === "0",
    missing: {
      lab: labMissing,
      nix: isProgram("nix") ? [] : ["nix is not installed"],
      tmux: isProgram("tmux") ? [] : ["tmux is not installed"],
    },
  });
  process.env.PIKACI_TEST_CLI = client;
  process.env[CHILDREN_VARIABLE] = compiled;
  const runOne = (suite: Suite) => runSuite(suite, compiledIn(compiled, suite.file));
  const first = await runInLanes(lanes, run, runOne);
  const again = await runInLanes(1, suitesToRepeat(first, process.env.CI === "true"), runOne);
  const { verdicts, flaky } = settle(first, again);
  const { lines, ok } = summarize(verdicts, failedChecks, leftOut, flaky);
  console.log(["", ...lines].join("\n"));
  return ok;
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => {
    killMarked(MARK);
    process.exit(code);
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: "boolean", default: false },
    "set-up": { type: "boolean", default: false },
    lanes: { type: "string", default: String(laneCount(availableParallelism())) },
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) {
  console.log(HELP);
} else {
  const { unit, "set-up": setsUp } = values;
  const asked = { unit, setsUp, lanes: Number(values.lanes), filters: positionals };
  const ok = await main(asked).catch((error: unknown) => {
    console.log(error instanceof Error ? error.message : error);
    console.log("0 passed, 1 failed");
    return false;
  });
  process.exitCode = ok ? 0 : 1;
}
