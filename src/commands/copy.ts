import { resolve } from "node:path";
import { loadProjectOrBare } from "../config/bare.ts";
import { selectHost } from "../config/host.ts";
import { UsageError } from "../core/errors.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { copyPaths, pathsToCopy } from "../operations/copy.ts";
import { openRun } from "../runs/stored-runs.ts";
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
import { stderrReporter } from "./reporter.ts";

interface Args extends PlaceArgs {
  readonly paths: readonly string[] | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly run: string | undefined;
  readonly outLink: string | undefined;
  readonly substituteOnDestination: boolean;
  readonly checkSigs: boolean;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .positional("paths", { type: "string", array: true, describe: "Store paths, or links to them" })
        .option("from", { type: "string", requiresArg: true, describe: "Host to copy from" })
        .option("to", { type: "string", requiresArg: true, describe: "Host to copy to" })
        .option("run", { type: "string", requiresArg: true, describe: "Also what this run prepared" })
        .option("out-link", {
          alias: "o",
          type: "string",
          requiresArg: true,
          describe: "With --from: link here that keeps the path from collection, as Nix's",
        })
        .option("substitute-on-destination", {
          alias: "s",
          type: "boolean",
          default: false,
          describe: "As Nix's: the other store fetches what its substituters have",
        })
        .option("check-sigs", {
          type: "boolean",
          default: true,
          describe: "--no-check-sigs, as Nix's: take paths that no trusted key signed",
        })
        .example(
          "$0 copy --from builder --run latest -o result",
          "what the latest run prepared, to this machine",
        )
        .example("$0 copy --to builder ./result", "a build of this machine, with all it needs"),
    (args) => copy(args, invocation),
  );

async function copy(args: Args, invocation: Invocation): Promise<void> {
  const place = await openPlace(args, invocation);
  if (args.from === undefined && args.to === undefined)
    throw new UsageError("say where: --from HOST, --to HOST, or both", {
      hint: "`pikaci copy --help` has examples",
    });
  if (args.outLink !== undefined && args.from === undefined)
    throw new UsageError("--out-link keeps what comes to this machine, and nothing does", {
      hint: "name the host that has the paths: `--from HOST`",
    });
  const reporter = await stderrReporter(invocation, "normal", place);
  const context = contextOf(place, invocation, reporter.emit);
  const project = await loadProjectOrBare(place.workspace, configOf(args, invocation), context);
  const host = async (name: string | undefined) =>
    name === undefined ? null : await selectHost(project, name, context);
  const route = { from: await host(args.from), to: await host(args.to) };
  const run = args.run === undefined ? null : openRun(context.stateDir, args.run).record;
  const paths = pathsToCopy(args.paths ?? [], run, invocation.cwd);
  const outLink = args.outLink === undefined ? null : resolve(invocation.cwd, args.outLink);
  const options = { substitute: args.substituteOnDestination, checkSigs: args.checkSigs, outLink };
  try {
    await copyPaths(paths, route, options, context);
  } finally {
    await reporter.close();
  }
  if (args.json)
    printJson(invocation, {
      schema_version: SCHEMA_VERSION,
      from: route.from?.url ?? "local",
      to: route.to?.url ?? "local",
      store_paths: paths,
    });
  else invocation.out(paths.map((path) => `${path}\n`).join(""));
}
