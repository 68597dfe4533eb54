import { join } from "node:path";
import { findConfigFile } from "../config/config-file.ts";
import { UsageError } from "../core/errors.ts";
import { filesOf } from "../operations/init/files.ts";
import { toolFinder } from "../operations/init/find-tool.ts";
import { flakeChecks, hostSystem, nixHere } from "../operations/init/flake-checks.ts";
import { type Proposal, propose } from "../operations/init/propose.ts";
import { readProject } from "../operations/init/read-project.ts";
import { configText } from "../operations/init/write.ts";
import { writeOnce } from "../system/client-files.ts";
import type { Handler } from "./call.ts";
import { type Invocation, printJson } from "./invocation.ts";
import { CONFIG_FILE, checkWorks, said } from "./proposed.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"init">> = async (args, call) => {
  const { invocation } = call;
  const workspace = args.workspace === null ? invocation.cwd : call.workspace;
  const made = await proposal(workspace, args, invocation);
  if (args.json) {
    printJson(invocation, made.config);
    return 0;
  }
  const known = findConfigFile(workspace);
  if (known !== null)
    throw new UsageError(`there is already a configuration: ${known}`, {
      hint: "`pikaci plan` shows what it runs; `pikaci init --json` prints what would be written",
    });
  writeOnce(join(workspace, CONFIG_FILE), configText(made, invocation.env.HOME ?? ""));
  invocation.out(`${CONFIG_FILE}\n`);
  invocation.err(said(made, "pikaci plan, then pikaci run"));
  return 0;
};

/** Nothing of the project is run, and its flake is evaluated only when that was asked for. */
async function proposal(
  workspace: string,
  { checks: evaluate }: Args<"init">,
  { env, signal }: Invocation,
): Promise<Proposal> {
  const files = filesOf(workspace);
  const checks = evaluate ? await flakeChecks(workspace, { env, signal }) : null;
  const project = {
    files,
    checks,
    ...(await readProject(files)),
    find: toolFinder(files, env),
    system: hostSystem(),
    nix: nixHere(env),
  };
  const made = propose(project, CONFIG_FILE);
  checkWorks(made, workspace);
  if (!evaluate || checks !== null || made.config.checks !== undefined) return made;
  return { ...made, leftOut: [...made.leftOut, "flake.nix: its checks, which Nix could not read here"] };
}
