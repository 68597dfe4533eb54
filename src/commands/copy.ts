import { resolve } from "node:path";
import { loadProjectOrBare } from "../config/bare.ts";
import { selectHost } from "../config/host.ts";
import { UsageError } from "../core/errors.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { copyPaths, pathsToCopy } from "../operations/copy.ts";
import { openOwnRun } from "../runs/own-run.ts";
import { type Handler, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import { withProgress } from "./reporter.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"copy">> = async (args, call) => {
  const place = await openPlace(call);
  checkRoute(args);
  const { invocation, workspace, config } = place;
  const { from, to, paths } = await withProgress(place, async (context) => {
    const project = await loadProjectOrBare(workspace, config, context);
    const host = async (name: string | null) =>
      name === null ? null : await selectHost(project, name, context);
    const route = { from: await host(args.from), to: await host(args.to) };
    const run = args.run === null ? null : openOwnRun(place, args.run).record;
    const wanted = pathsToCopy(args.paths, run, invocation.cwd);
    const outLink = args.outLink === null ? null : resolve(invocation.cwd, args.outLink);
    const options = { substitute: args.substituteOnDestination, checkSigs: args.checkSigs, outLink };
    await copyPaths(wanted, route, options, context);
    return { from: route.from?.url ?? "local", to: route.to?.url ?? "local", paths: wanted };
  });
  if (args.json) printJson(invocation, { schema_version: SCHEMA_VERSION, from, to, store_paths: paths });
  else printLines(invocation, paths);
  return 0;
};

function checkRoute({ from, to, outLink }: Args<"copy">): void {
  if (from === null && to === null)
    throw new UsageError("say where: --from HOST, --to HOST, or both", {
      hint: "`pikaci copy --help` has examples",
    });
  if (outLink !== null && from === null)
    throw new UsageError("--out-link keeps what is copied to this machine, and nothing is", {
      hint: "name the host that has the paths: `--from HOST`",
    });
}
