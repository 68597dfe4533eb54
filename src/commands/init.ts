import { join } from "node:path";
import { findConfigFile } from "../config/config-file.ts";
import { parseConfig } from "../config/load.ts";
import { ConfigError, PikaciError, UsageError } from "../core/errors.ts";
import { flakeChecks } from "../operations/init/checks.ts";
import { lookAtProject } from "../operations/init/look.ts";
import { type Proposal, propose } from "../operations/init/propose.ts";
import { writeOnce } from "../system/client-files.ts";
import type { Handler } from "./call.ts";
import { type Invocation, printJson } from "./invocation.ts";
import type { Args } from "./table.ts";

const FILE = "pikaci.config.json";

export const handle: Handler<Args<"init">> = async (args, call) => {
  const { invocation } = call;
  const workspace = args.workspace === null ? invocation.cwd : call.workspace;
  const { config, assumptions } = await proposal(workspace, invocation);
  if (args.json) {
    printJson(invocation, config);
    return 0;
  }
  const known = findConfigFile(workspace);
  if (known !== null)
    throw new UsageError(`there is a configuration already: ${known}`, {
      hint: "`pikaci plan` shows what it runs; `pikaci init --json` prints what would be written",
    });
  writeOnce(join(workspace, FILE), `${JSON.stringify(config, null, 2)}\n`);
  invocation.out(`${FILE}\n`);
  const assumed = ["assumed:", ...assumptions.map((text) => `  ${text}`)];
  invocation.err(`${[...assumed, "next: pikaci plan, then pikaci run"].join("\n")}\n`);
  return 0;
};

async function proposal(workspace: string, { env, signal }: Invocation): Promise<Proposal> {
  const facts = lookAtProject(workspace);
  const checks = facts.flake ? await flakeChecks(workspace, { env, signal }) : { names: [], system: "" };
  const made = propose({ ...facts, checks: checks.names, system: checks.system });
  checkWorks(made, workspace);
  return made;
}

/** What init writes is read as everybody's configuration is. */
function checkWorks({ config }: Proposal, workspace: string): void {
  try {
    parseConfig(config, workspace, FILE);
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    throw new ConfigError(`no configuration can be made of what is here: ${error.message}`, {
      hint: `write ${FILE} by hand; docs/configuration.md explains every key`,
      cause: error,
    });
  }
}
