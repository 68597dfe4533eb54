import { resolve } from "node:path";
import { findFilters } from "../config/bare.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { PikaciEvent } from "../core/events.ts";
import type { SnapshotFilters } from "../core/snapshot.ts";
import { formatSnapshot, reportSnapshot } from "../report/snapshot.ts";
import { hash } from "../tree/hash.ts";
import { snapshot } from "../tree/snapshot.ts";
import { type Call, type Handler, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import { plainReporter } from "./reporter.ts";
import type { Args } from "./table.ts";

interface Tree {
  readonly workspace: string;
  readonly filters: SnapshotFilters;
  readonly context: Context;
}

export const handle: Handler<Args<"snapshot">> = async (args, call) => {
  const { workspace, config, context: contextFor } = await openPlace(call);
  const context = contextFor(plainReporter(call.invocation, "quiet").emit);
  const { filters, missing } = await findFilters(workspace, config, context);
  if (missing !== null) context.emit(noFilters(missing));
  const place = { workspace, filters, context };
  if (args.explain !== null) await explainPath(args.explain, args, place, call);
  else if (args.diff.length > 0) await showDiff(args, place, call);
  else {
    const report = reportSnapshot(await take(place));
    print(args, report, () => formatSnapshot(report), call);
  }
  return 0;
};

function noFilters(missing: string): PikaciEvent {
  return {
    type: "warning",
    message: `the configuration's snapshot filters are not applied: ${missing}`,
    hint: "`--config FILE` reads the configuration, or fails",
  };
}

async function take({ workspace, filters, context }: Tree) {
  return hash(await snapshot({ workspace, filters }, context), context);
}

/** A path is taken from where the user is; with `-C`, from the workspace. */
async function explainPath(path: string, args: Args<"snapshot">, place: Tree, call: Call): Promise<void> {
  const [{ explain }, { formatExplanation, reportExplanation }] = await Promise.all([
    import("../tree/explain.ts"),
    import("../report/explanation.ts"),
  ]);
  const from = args.workspace === null ? call.invocation.cwd : place.workspace;
  const explanation = await explain(place, resolve(from, path), place.context);
  print(args, reportExplanation(explanation), () => [formatExplanation(explanation)], call);
}

async function showDiff(args: Args<"snapshot">, place: Tree, call: Call): Promise<void> {
  const [{ resolveSide }, { diffManifests }, { formatDiff, reportDiff }] = await Promise.all([
    import("../operations/snapshot-sides.ts"),
    import("../tree/manifest/diff.ts"),
    import("../report/snapshot-diff.ts"),
  ]);
  const [from, to = ".", ...more] = args.diff;
  if (from === undefined || more.length > 0)
    throw new UsageError(`--diff takes one or two trees, not ${args.diff.length}`, {
      hint: "`pikaci snapshot --diff latest` compares the latest run with the workspace",
    });
  const side = (wanted: string) => resolveSide(wanted, place.context, () => take(place));
  const before = await side(from);
  const after = await side(to);
  const report = reportDiff(before, after, diffManifests(before.entries, after.entries));
  print(args, report, () => formatDiff(report), call);
}

function print(
  { json }: Args<"snapshot">,
  report: object,
  format: () => readonly string[],
  { invocation }: Call,
): void {
  if (json) printJson(invocation, report);
  else printLines(invocation, format());
}
