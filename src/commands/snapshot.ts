import { resolve } from "node:path";
import { loadProjectOrBare } from "../config/bare.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { SnapshotFilters } from "../core/snapshot.ts";
import { formatSnapshot, reportSnapshot } from "../report/snapshot.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";
import {
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  openPlace,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
} from "./invocation.ts";
import { plainReporter } from "./reporter.ts";

interface Args extends PlaceArgs {
  readonly json: boolean;
  readonly explain: string | undefined;
  readonly diff: readonly string[] | undefined;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .option("explain", {
          type: "string",
          requiresArg: true,
          describe: "Say why this path is in the snapshot or not",
        })
        .option("diff", {
          type: "string",
          array: true,
          requiresArg: true,
          describe: "Show what changed from one tree to another; default for the second: the workspace",
        })
        .conflicts("explain", "diff")
        .example("$0 snapshot", "the content hash, and what is left out by which rule")
        .example("$0 snapshot --json -C ../other", "the same of another directory, as data")
        .example("$0 snapshot --explain dist/app.js", "which rule takes it in or leaves it out")
        .example("$0 snapshot --diff latest", "what changed since the latest run")
        .epilogue(
          "A tree of --diff is a content hash or run id, or the start of one, `latest`, or `.` for the workspace.",
        ),
    (args) => dispatch(args, invocation),
  );

interface Place {
  readonly workspace: string;
  readonly filters: SnapshotFilters;
  readonly context: Context;
}

async function dispatch(args: Args, invocation: Invocation): Promise<void> {
  const opened = await openPlace(args, invocation);
  const { workspace } = opened;
  const context = contextOf(opened, invocation, plainReporter(invocation, "quiet").emit);
  const { snapshot: filters } = await loadProjectOrBare(workspace, configOf(args, invocation), context);
  const place = { workspace, filters, context };
  if (args.explain !== undefined) return explainPath(args.explain, args, place, invocation);
  if (args.diff !== undefined) return showDiff(args.diff, args, place, invocation);
  const report = reportSnapshot(await take(place));
  print(args, report, () => formatSnapshot(report), invocation);
}

async function take({ workspace, filters, context }: Place) {
  return hash(await snapshot({ workspace, filters }, context), context);
}

/** A path is taken from where the user is; with `-C`, from the workspace. */
async function explainPath(path: string, args: Args, place: Place, invocation: Invocation): Promise<void> {
  const [{ explain }, { formatExplanation, reportExplanation }] = await Promise.all([
    import("../tree/explain.ts"),
    import("../report/explanation.ts"),
  ]);
  const from = args.workspace === undefined ? invocation.cwd : place.workspace;
  const explanation = await explain(place, resolve(from, path), place.context);
  print(args, reportExplanation(explanation), () => [formatExplanation(explanation)], invocation);
}

async function showDiff(
  sides: readonly string[],
  args: Args,
  place: Place,
  invocation: Invocation,
): Promise<void> {
  const [{ resolveSide }, { diffManifests }, { formatDiff, reportDiff }] = await Promise.all([
    import("../operations/snapshot-sides.ts"),
    import("../tree/manifest/diff.ts"),
    import("../report/snapshot-diff.ts"),
  ]);
  const [from, to = ".", ...more] = sides;
  if (from === undefined || more.length > 0)
    throw new UsageError(`--diff takes one or two trees, not ${sides.length}`, {
      hint: "`pikaci snapshot --diff latest` compares the latest run with the workspace",
    });
  const side = (wanted: string) => resolveSide(wanted, place.context.stateDir, () => take(place));
  const before = await side(from);
  const after = await side(to);
  const report = reportDiff(before, after, diffManifests(before.entries, after.entries));
  print(args, report, () => formatDiff(report), invocation);
}

function print(
  { json }: Args,
  report: object,
  format: () => readonly string[],
  invocation: Invocation,
): void {
  if (json) printJson(invocation, report);
  else invocation.out(`${format().join("\n")}\n`);
}
