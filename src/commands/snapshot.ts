import { loadProjectOrBare } from "../config/bare.ts";
import { formatSnapshot, reportSnapshot } from "../report/snapshot.ts";
import { hash } from "../stages/hash.ts";
import { snapshot } from "../stages/snapshot.ts";
import {
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
  workspaceOf,
} from "./invocation.ts";
import { stderrReporter } from "./reporter.ts";

export const register: Register = (yargs, invocation) =>
  yargs.command(
    "snapshot",
    "Hash the workspace as it is now",
    (options) =>
      jsonOption(placeOptions(options))
        .example("$0 snapshot", "the content hash, and what is left out by which rule")
        .example("$0 snapshot --json -C ../other", "the same of another directory, as data"),
    (args) => show(args, invocation),
  );

async function show(args: PlaceArgs & { readonly json: boolean }, invocation: Invocation): Promise<void> {
  const workspace = workspaceOf(args, invocation);
  const context = contextOf(workspace, invocation, stderrReporter(invocation, "quiet").emit);
  const project = await loadProjectOrBare(workspace, configOf(args, invocation));
  const taken = await snapshot({ workspace, filters: project.snapshot }, context);
  const report = reportSnapshot(await hash(taken, context));
  if (args.json) printJson(invocation, report);
  else invocation.out(`${formatSnapshot(report).join("\n")}\n`);
}
