import { relative, sep } from "node:path";
import type { Context } from "../core/context.ts";
import { type CiService, ciService } from "../report/ci/service.ts";
import { formatError } from "../report/format.ts";
import type { Verbosity } from "../report/narration.ts";
import { PlainReporter } from "../report/plain.ts";
import type { Reporter } from "../report/reporter.ts";
import { runDirectory } from "../runs/layout.ts";
import { repositoryAbove } from "../system/git.ts";
import { OutputFile } from "../system/output-file.ts";
import type { Place } from "./call.ts";
import { errPaint, type Invocation } from "./invocation.ts";

/** Progress on the invocation's stderr; earlier runs of the workspace tell how long jobs take. */
export async function stderrReporter(place: Place, verbosity: Verbosity): Promise<Reporter> {
  const { invocation } = place;
  const service = ciService(invocation.env);
  if (service !== null) return ciReporter(service, place, verbosity);
  if (!isAnimated(invocation, verbosity)) return plainReporter(invocation, verbosity);
  const [{ LiveReporter }, { recentDurations }] = await Promise.all([
    import("../report/live.ts"),
    import("../runs/history.ts"),
  ]);
  const live = new LiveReporter({
    ...optionsOf(invocation, verbosity),
    write: invocation.takeErr((text) => live.say(text)),
    size: invocation.errSize,
    expected: recentDurations(place),
    now: () => Date.now(),
  });
  const close = () => {
    invocation.takeErr(null);
    return live.close();
  };
  return { emit: live.emit, close };
}

/** Does `work` with progress on stderr, which has ended when this returns; warns about what could not be written. */
export async function withProgress<T>(place: Place, work: (context: Context) => Promise<T>): Promise<T> {
  const { invocation } = place;
  const reporter = await stderrReporter(place, "normal");
  try {
    return await work(place.context(reporter.emit));
  } finally {
    for (const failure of reporter.close()) invocation.err(`${formatError(failure, errPaint(invocation))}\n`);
  }
}

/** Shows a run line by line on stderr, on a terminal too. */
export function plainReporter(invocation: Invocation, verbosity: Verbosity): PlainReporter {
  return new PlainReporter({ ...optionsOf(invocation, verbosity), write: invocation.err });
}

/** What every reporter for people is told. */
export function optionsOf(invocation: Invocation, verbosity: Verbosity) {
  return { paint: errPaint(invocation), verbosity, cwd: invocation.cwd };
}

async function ciReporter(
  service: CiService,
  { invocation, workspace, stateDir, memory }: Place,
  verbosity: Verbosity,
): Promise<Reporter> {
  const [{ CiReporter }, { readSarifFiles }, { storedCwd }, { rememberedPaths }] = await Promise.all([
    import("../report/ci/reporter.ts"),
    import("../report/places/sarif-files.ts"),
    import("../runs/specs.ts"),
    import("../tree/manifest/paths.ts"),
  ]);
  const page = invocation.env.GITHUB_STEP_SUMMARY ?? "";
  return new CiReporter({
    ...optionsOf(invocation, verbosity),
    service,
    prefix: belowRepository(workspace),
    cwdOf: (runId, job) => storedCwd(runDirectory(stateDir, runId), job),
    sarifOf: (runId, job) => readSarifFiles(runDirectory(stateDir, runId), job, invocation.env),
    filesOf: (contentHash) => rememberedPaths(memory, contentHash),
    write: invocation.err,
    summary: page === "" ? null : new OutputFile(page, "GITHUB_STEP_SUMMARY", "a"),
    now: () => Date.now(),
  });
}

/** The workspace's path from its repository's root, with a slash at its end; empty where they are one. */
function belowRepository(workspace: string): string {
  const path = relative(repositoryAbove(workspace) ?? workspace, workspace);
  return path === "" ? "" : `${path.split(sep).join("/")}/`;
}

/** Nothing moves on what is no terminal, on one that cannot move its cursor, or when only verdicts are wanted. */
export function isAnimated({ env, errIsTerminal }: Invocation, verbosity: Verbosity): boolean {
  return errIsTerminal && verbosity !== "quiet" && env.TERM !== "dumb";
}
