import { relative, sep } from "node:path";
import { type CiService, ciService } from "../report/ci/service.ts";
import type { Verbosity } from "../report/narration.ts";
import { PlainReporter } from "../report/plain.ts";
import type { Reporter } from "../report/reporter.ts";
import { runDirectory } from "../runs/layout.ts";
import { repositoryAbove } from "../system/git.ts";
import { OutputFile } from "../system/output-file.ts";
import { errPaint, type Invocation, type Place } from "./invocation.ts";

/** Progress on this invocation's stderr; `place` is where earlier runs tell how long jobs take. */
export async function stderrReporter(
  invocation: Invocation,
  verbosity: Verbosity,
  place: Place,
): Promise<Reporter> {
  const service = ciService(invocation.env);
  if (service !== null) return ciReporter(service, invocation, verbosity, place);
  if (!isAnimated(invocation, verbosity)) return plainReporter(invocation, verbosity);
  const [{ LiveReporter }, { recentDurations }] = await Promise.all([
    import("../report/live.ts"),
    import("../runs/history.ts"),
  ]);
  const live = new LiveReporter({
    ...optionsOf(invocation, verbosity),
    write: invocation.takeErr((text) => live.say(text)),
    size: invocation.errSize,
    expected: recentDurations(place.stateDir),
    now: () => Date.now(),
  });
  const close = () => {
    invocation.takeErr(null);
    return live.close();
  };
  return { emit: live.emit, close };
}

/** The same line by line. */
export function plainReporter(invocation: Invocation, verbosity: Verbosity): PlainReporter {
  return new PlainReporter({ ...optionsOf(invocation, verbosity), write: invocation.err });
}

function optionsOf(invocation: Invocation, verbosity: Verbosity) {
  return { paint: errPaint(invocation), verbosity, cwd: invocation.cwd };
}

async function ciReporter(
  service: CiService,
  invocation: Invocation,
  verbosity: Verbosity,
  place: Place,
): Promise<Reporter> {
  const [{ CiReporter }, { storedCwd }] = await Promise.all([
    import("../report/ci/reporter.ts"),
    import("../runs/specs.ts"),
  ]);
  const page = invocation.env.GITHUB_STEP_SUMMARY ?? "";
  return new CiReporter({
    ...optionsOf(invocation, verbosity),
    service,
    prefix: belowRepository(place.workspace),
    cwdOf: (runId, job) => storedCwd(runDirectory(place.stateDir, runId), job),
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
function isAnimated({ env, errIsTerminal }: Invocation, verbosity: Verbosity): boolean {
  return errIsTerminal && verbosity !== "quiet" && env.TERM !== "dumb";
}
