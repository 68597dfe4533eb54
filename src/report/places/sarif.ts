import type { Sarif } from "../../core/sarif.ts";
import { sanitise } from "../sanitise.ts";
import type { NamedFiles } from "./named-files.ts";
import type { Level, Place } from "./place.ts";

type Run = Sarif["runs"][number];
type Result = NonNullable<Run["results"]>[number];
type Rule = NonNullable<Run["tool"]["driver"]["rules"]>[number];
type Rules = ReadonlyMap<string | number, Rule>;
type Location = NonNullable<Run["originalUriBaseIds"]>[string];

const LEVELS: Readonly<Record<NonNullable<Result["level"]>, Level | null>> = {
  error: "error",
  warning: "warning",
  note: "notice",
  none: null,
};
/** Bases of bases; deeper ones are a circle. */
const DEEPEST = 8;
const LONGEST_MESSAGE = 1000;

/** The places of a SARIF document: of each result that is a finding and is not suppressed, its first location. */
export function sarifPlaces({ runs }: Sarif, files: NamedFiles, cwd: string): Place[] {
  return runs.flatMap((run) => {
    const rules = rulesOf(run);
    return (run.results ?? []).flatMap((result) => placeOf(result, { run, rules }, files, cwd));
  });
}

function placeOf(
  result: Result,
  { run, rules }: { readonly run: Run; readonly rules: Rules },
  files: NamedFiles,
  cwd: string,
): Place[] {
  const rule = rules.get(result.ruleIndex ?? -1) ?? rules.get(result.ruleId ?? "");
  const level = LEVELS[result.level ?? rule?.defaultConfiguration?.level ?? "warning"];
  const location = result.locations?.[0]?.physicalLocation;
  if (level === null || !isFinding(result) || location === undefined) return [];
  const file = fileOf(location.artifactLocation, run, files, cwd);
  if (file === null) return [];
  const line = Math.max(1, location.region?.startLine ?? 1);
  return [{ level, file, line, message: messageOf(result, rule) }];
}

/** Of kind `fail`, or one that a person is to look at; a suppression that is under review or rejected counts for nothing. */
function isFinding({ kind = "fail", suppressions = [] }: Result): boolean {
  const isSuppressed = suppressions.some(({ status = "accepted" }) => status === "accepted");
  return ["fail", "open", "review"].includes(kind) && !isSuppressed;
}

/** By index and by id. */
function rulesOf({ tool }: Run): Rules {
  const rules = tool.driver.rules ?? [];
  return new Map<string | number, Rule>([
    ...rules.map((rule) => [rule.id ?? "", rule] as const),
    ...rules.map((rule, index) => [index, rule] as const),
  ]);
}

/** Its text and its rule's id; a text that the rule has for all its results gets this one's arguments. */
function messageOf({ message, ruleId }: Result, rule: Rule | undefined): string {
  const { id = "", arguments: words = [] } = message;
  const text = message.text ?? rule?.messageStrings?.[id]?.text ?? "";
  const said = text.replace(/\{(\d+)\}/g, (all, index) => words[Number(index)] ?? all);
  const name = ruleId ?? rule?.id;
  return sanitise(`${said}${name === undefined ? "" : ` (${name})`}`.trim().slice(0, LONGEST_MESSAGE));
}

function fileOf(location: Location | undefined, run: Run, files: NamedFiles, cwd: string): string | null {
  const named = location?.uri === undefined ? run.artifacts?.[location?.index ?? -1]?.location : location;
  const uri = named === undefined ? null : resolvedUri(named, run);
  if (uri === null) return null;
  const path = uri.startsWith("file:") ? uri.replace(/^file:\/*/, "file:///") : `file://${uri}`;
  const near = named?.uriBaseId === undefined ? [cwd, "/workspace"] : ["/workspace", cwd];
  return files.find(sanitise(path), near);
}

/** With its base in front where the run says one; a base that it does not say is the workspace. */
function resolvedUri({ uri = "", uriBaseId }: Location, run: Run, depth = 0): string | null {
  if (depth > DEEPEST) return null;
  const base = uriBaseId === undefined ? undefined : run.originalUriBaseIds?.[uriBaseId];
  if (base === undefined || /^[a-z][a-z0-9+.-]*:/i.test(uri)) return uri;
  const before = resolvedUri(base, run, depth + 1);
  if (before === null) return null;
  return before === "" || before.endsWith("/") ? `${before}${uri}` : `${before}/${uri}`;
}
