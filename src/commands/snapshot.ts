import { loadProjectOrBare } from "../config.ts";
import { displayPath } from "../ids.ts";
import { type HashedSnapshot, type LeftOut, SCHEMA_VERSION } from "../model.ts";
import { formatBytes, plural } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
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
  const hashed = await hash(await snapshot({ workspace, filters: project.snapshot }, context), context);
  if (args.json) printJson(invocation, asJson(hashed));
  else invocation.out(`${formatSnapshot(hashed).join("\n")}\n`);
}

export function asJson({ snapshot, contentHash, fileCount, byteCount }: HashedSnapshot): object {
  return {
    schema_version: SCHEMA_VERSION,
    content_hash: contentHash,
    file_count: fileCount,
    byte_count: byteCount,
    source: snapshot.source,
    left_out: byRule(snapshot.leftOut).map(([rule, paths]) => ({ rule, count: paths.length, paths })),
  };
}

function formatSnapshot({ snapshot, contentHash, fileCount, byteCount }: HashedSnapshot): string[] {
  const rules = byRule(snapshot.leftOut).map(([rule, [first = "", ...others]]) => {
    const example = others.length === 0 ? first : `${first} and ${others.length} more`;
    return `left out: ${plural(others.length + 1, "path")} (${rule}): ${example}`;
  });
  return [contentHash, `${plural(fileCount, "file")}, ${formatBytes(byteCount)}`, ...rules.map(sanitise)];
}

function byRule(leftOut: readonly LeftOut[]): [string, string[]][] {
  const rules = new Map<string, string[]>();
  for (const { path, rule } of leftOut) rules.set(rule, [...(rules.get(rule) ?? []), displayPath(path)]);
  return [...rules];
}
