import { readFileSync, statSync } from "node:fs";
import { isOutside } from "../../config/origin.ts";
import { TrustError, UsageError } from "../../core/errors.ts";

/** The absolute path of a file, and how the user named it: `--allowed-signers`. */
interface SignersFile {
  readonly file: string;
  readonly named: string;
}

/**
 * The text of an allowed-signers file (ssh-keygen(1)) whose lines without the namespace are made comments: a key that may sign
 * commits may not sign for CI unless its line says so. UsageError when it cannot be read; TrustError when it is of the tree,
 * whose author would then name the signers.
 */
export function readAllowedSigners(
  { file, named }: SignersFile,
  workspace: string,
  namespace: string,
): string {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageError(`${named}: ${file} is not a file`, {
      hint: `a line is: name namespaces="${namespace}" ssh-ed25519 AAAA…`,
    });
  if (!isOutside(workspace, file))
    throw new TrustError(`${file} is of the tree, whose author would say who may sign`, {
      hint: "name a file outside of the tree: of a work tree of the base branch, `git worktree add ../base origin/main`, say",
    });
  return withNamespace(readFileSync(file, "utf8"), namespace);
}

/** The lines stay where they were, so that their numbers are right. */
function withNamespace(text: string, namespace: string): string {
  return text
    .split("\n")
    .map((line) => (namespacesOf(line).includes(namespace) ? line : "#"))
    .join("\n");
}

function namespacesOf(line: string): string[] {
  const [, list = ""] = /^[^#]*?\bnamespaces="([^"]*)"/i.exec(line) ?? [];
  return list.split(",").map((one) => one.trim());
}
