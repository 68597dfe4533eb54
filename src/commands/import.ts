import { existsSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { findConfigFile } from "../config/config-file.ts";
import { ConfigError, UsageError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import { filesOf, LARGEST } from "../operations/init/files.ts";
import { toolFinder } from "../operations/init/find-tool.ts";
import { hostSystem, nixHere } from "../operations/init/flake-checks.ts";
import { type Proposal, proposeImport } from "../operations/init/propose.ts";
import { ciFiles, kindOf, readDocuments } from "../operations/init/read-project.ts";
import { configText } from "../operations/init/write.ts";
import { writeBytes } from "../system/client-files.ts";
import type { Handler } from "./call.ts";
import { type Invocation, printJson } from "./invocation.ts";
import { CONFIG_FILE, checkWorks, said } from "./proposed.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"import">> = async (args, call) => {
  const { invocation } = call;
  const workspace = args.workspace === null ? invocation.cwd : call.workspace;
  const made = await imported(workspace, args.files, invocation);
  if (args.json) {
    printJson(invocation, made.config);
    return 0;
  }
  const out = args.out === null ? join(workspace, CONFIG_FILE) : resolve(invocation.cwd, args.out);
  if (!args.force) refuseToReplace(out, args.out === null ? workspace : null);
  writeBytes(out, Buffer.from(configText(made, invocation.env.HOME ?? "", "import")));
  const shown = args.out ?? CONFIG_FILE;
  invocation.out(`${shown}\n`);
  const option = args.out === null ? "" : ` --config ${shown}`;
  invocation.err(said(made, `pikaci plan${option}, then pikaci run${option}`));
  return 0;
};

/** The jobs of the files that are named, or of those that the workspace has. Nothing of them is run. */
async function imported(
  workspace: string,
  named: readonly string[],
  { cwd, env }: Invocation,
): Promise<Proposal> {
  const files = filesOf(workspace);
  const paths = named.length === 0 ? ciFiles(files) : named.map((file) => pathOf(file, workspace, cwd));
  if (paths.length === 0)
    throw new UsageError(`${workspace} has neither .github/workflows nor .gitlab-ci.yml`, {
      hint: "name a file: `pikaci import FILE`; `pikaci init` makes jobs of what else a project has",
    });
  const read = await readDocuments(files, paths);
  for (const path of named.length === 0 ? [] : paths) checkKnown(path, read);
  const system = hostSystem();
  const project = { files, ...read, find: toolFinder(files, env), system, checks: null, nix: nixHere(env) };
  const made = proposeImport(project);
  if (Object.keys(made.config.jobs).length === 0)
    throw new ConfigError(["no job of these files can be taken:", ...made.leftOut].join("\n  "), {
      hint: "`pikaci init` makes jobs of what else the project has; docs/import.md says what can be taken",
    });
  checkWorks(made, workspace);
  return made;
}

/** A file that is named must be there, and small enough to have been written by people. */
function pathOf(file: string, workspace: string, cwd: string): string {
  const path = resolve(cwd, file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true)
    throw new UsageError(`${quoted(file)} is not a file`, { hint: "name a workflow or a GitLab file" });
  if (stat.size > LARGEST)
    throw new UsageError(`${quoted(file)} is larger than ${LARGEST} bytes`, {
      hint: "name a file that people wrote",
    });
  return relative(workspace, path);
}

/** Whoever names a file wants to know what is wrong with it. */
function checkKnown(path: string, { documents, unread }: Awaited<ReturnType<typeof readDocuments>>): void {
  const why = unread.get(path);
  if (why !== undefined)
    throw new ConfigError(`${path} is not YAML that can be read: ${why}`, { hint: "correct the file" });
  if (kindOf(path, documents.get(path)) !== null) return;
  throw new ConfigError(`${path} is neither a workflow of GitHub's nor a file of GitLab's`, {
    hint: "a workflow has `jobs`; a GitLab file has a mapping for each job",
  });
}

/** `workspace` is where no other configuration may be; null where only the file itself counts. */
function refuseToReplace(out: string, workspace: string | null): void {
  const known = workspace === null ? null : findConfigFile(workspace);
  if (known === null && !existsSync(out)) return;
  throw new UsageError(`there is already a configuration: ${known ?? out}`, {
    hint: `\`--out FILE\` writes another file, \`--force\` replaces ${basename(out)}, \`--json\` only prints`,
  });
}
