import { prepareLab } from "../../test/lab/lab.ts";
import { isProgram } from "../setup/program.ts";
import { CHILDREN, CHILDREN_VARIABLE, compiledIn } from "./children.ts";
import { buildClient } from "./client.ts";
import { compileSuites } from "./compile.ts";
import { runInLanes } from "./lanes.ts";
import { countProcessorTime } from "./processor-time.ts";
import { runFile } from "./run-file.ts";
import { type Judged, settle, suitesToRepeat } from "./second-try.ts";
import { choose, type LeftOut, type Suite } from "./suite.ts";
import { describe } from "./summary.ts";
import { judge, type Verdict } from "./verdict.ts";
import { makeWarmWorkDir } from "./warm-work-dir.ts";

/** What runs here, compiled, and what is left out. */
export interface PreparedSuites {
  readonly run: readonly Suite[];
  readonly leftOut: readonly LeftOut[];
  /** The directory of the compiled files (children.ts). */
  readonly compiled: string;
}

/** Builds the client that tests run, compiles the files, and makes the lab where one of them needs it. */
export async function prepareSuites(found: readonly Suite[], files: "all" | "unit"): Promise<PreparedSuites> {
  const unit = files === "unit";
  const usesLab = !unit && found.some(({ needs }) => needs.includes("lab"));
  const [labMissing, client, compiled] = await Promise.all([
    usesLab ? prepareLab() : [],
    buildClient(),
    compileSuites([...found.map(({ file }) => file), ...CHILDREN]),
  ]);
  process.env.PIKACI_TEST_CLI = client;
  process.env[CHILDREN_VARIABLE] = compiled;
  const chosen = choose(found, {
    unit,
    ci: process.env.CI === "true",
    labDeclined: process.env.PIKACI_TEST_LAB === "0",
    missing: {
      lab: labMissing,
      nix: isProgram("nix") ? [] : ["nix is not installed"],
      tmux: isProgram("tmux") ? [] : ["tmux is not installed"],
    },
  });
  if (chosen.run.some(({ needs }) => needs.includes("nix"))) await makeWarm(client);
  return { ...chosen, compiled };
}

/** Without it the suites make all anew, and say better what is wrong here. */
async function makeWarm(client: string): Promise<void> {
  try {
    await makeWarmWorkDir(client);
  } catch (error) {
    console.log(`no warm work dir: ${error instanceof Error ? error.message : error}`);
  }
}

export interface Ran {
  readonly verdicts: readonly Verdict[];
  /** Files that failed first and then passed. */
  readonly flaky: readonly string[];
}

export interface HowToRun {
  readonly lanes: number;
  /** This run's own (run-file.ts). */
  readonly mark: string;
  /** Count each file's processor time, too. */
  readonly counts?: "processor time";
}

/** Prints a line for each file, and all that one printed that failed. */
export async function runSuites({ run, compiled }: PreparedSuites, how: HowToRun): Promise<Ran> {
  const runOne = (suite: Suite) => runSuite(suite, compiledIn(compiled, suite.file), how);
  const first = await runInLanes(how.lanes, run, runOne);
  const again = await runInLanes(1, suitesToRepeat(first, process.env.CI === "true"), runOne);
  return settle(first, again);
}

let tries = 0;

async function runSuite(suite: Suite, compiled: string, { mark, counts }: HowToRun): Promise<Judged> {
  const words = ["--enable-source-maps", compiled];
  tries += 1;
  const used = counts && countProcessorTime(`${tries}`);
  const ending = await runFile({
    words,
    timeLimit: suite.timeLimit,
    mark: `${mark}-${suite.file}`,
    onStart: used?.add,
  });
  const verdict = judge(ending);
  console.log(describe(suite.file, verdict, { passed: ending.seconds, used: used?.seconds() }));
  if (verdict.failed > 0) console.log([ending.output, ...verdict.problems].join("\n"));
  return { suite, verdict };
}
