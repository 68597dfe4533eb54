import { join } from "node:path";
import { findConfigFile } from "../config/config-file.ts";
import { parseConfig } from "../config/load.ts";
import { ConfigError, PikaciError, UsageError } from "../core/errors.ts";
import { filesOf } from "../operations/init/files.ts";
import { toolFinder } from "../operations/init/find-tool.ts";
import { flakeChecks, hostSystem, nixHere } from "../operations/init/flake-checks.ts";
import { type Proposal, propose } from "../operations/init/propose.ts";
import { readDocuments } from "../operations/init/read-project.ts";
import { configText } from "../operations/init/write.ts";
import { sanitise } from "../report/sanitise.ts";
import { writeOnce } from "../system/client-files.ts";
import type { Handler } from "./call.ts";
import { type Invocation, printJson } from "./invocation.ts";
import type { Args } from "./table.ts";

const FILE = "pikaci.config.mjs";

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
  writeOnce(join(workspace, FILE), configText(made, invocation.env.HOME ?? ""));
  invocation.out(`${FILE}\n`);
  invocation.err(`${said(made).map(sanitise).join("\n")}\n`);
  return 0;
};

function said({ notes, leftOut, comments }: Proposal): string[] {
  const all = Object.entries(comments).flatMap(([job, lines]) => lines.map((line) => ({ job, line })));
  const jobs = [...new Set(all.map(({ line }) => line))].map((line) => {
    const of = all.filter((one) => one.line === line).map(({ job }) => job);
    return `  ${of.join(", ")}: ${line}`;
  });
  return [
    "assumed:",
    ...notes.map((text) => `  ${text}`),
    ...jobs,
    ...(leftOut.length === 0 ? [] : ["left out:", ...leftOut.map((text) => `  ${text}`)]),
    "next: pikaci plan, then pikaci run",
  ];
}

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
    documents: await readDocuments(files),
    find: toolFinder(files, env),
    system: hostSystem(),
    nix: nixHere(env),
  };
  const made = propose(project, FILE);
  checkWorks(made, workspace);
  if (!evaluate || checks !== null || made.config.checks !== undefined) return made;
  return { ...made, leftOut: [...made.leftOut, "flake.nix: its checks, which Nix could not read here"] };
}

/** What init writes is read as everybody's configuration is. */
function checkWorks({ config }: Proposal, workspace: string): void {
  try {
    parseConfig(config, workspace, FILE);
  } catch (error) {
    if (!(error instanceof PikaciError)) throw error;
    throw new ConfigError(`no configuration can be written for what is here: ${error.message}`, {
      hint: `write ${FILE} by hand; docs/configuration.md explains every key`,
      cause: error,
    });
  }
}
