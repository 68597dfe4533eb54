import { displayPath } from "../../core/byte-path.ts";
import { SnapshotRefused } from "../../core/errors.ts";
import { type Allowed, type Finding, guardRules, isWarning } from "../../core/guard-rules.ts";
import { globMatcher } from "../globs.ts";

/** How many findings a message names. */
const SHOWN = 10;

/** Throws SnapshotRefused that names each finding which the configuration does not allow. */
export function refuseFindings(
  findings: readonly Finding[],
  allowed: readonly Allowed[],
  what = "the snapshot's guards refuse what it holds:",
): void {
  const refused = notAllowed(findings, allowed).filter(({ rule }) => !isWarning(rule));
  const [first] = refused;
  if (first === undefined) return;
  const lines = refused.slice(0, SHOWN).map((finding) => `  ${describeFinding(finding)}`);
  const more = refused.length > SHOWN ? [`  and ${refused.length - SHOWN} more`] : [];
  throw new SnapshotRefused([what, ...lines, ...more].join("\n"), {
    hint: hintFor(first),
  });
}

/** `config/prod.env:3: github-token, a GitHub token`. */
function describeFinding({ path, rule, line }: Finding): string {
  return `${displayPath(path)}${line === null ? "" : `:${line}`}: ${rule}, ${guardRules[rule]}`;
}

/** A finding without its path: `github-token in line 3, a GitHub token`. */
export function describeRule({ rule, line }: Finding): string {
  return `${rule}${line === null ? "" : ` in line ${line}`}, ${guardRules[rule]}`;
}

/** The findings that no entry of `snapshot.allow` covers by rule and path. */
export function notAllowed(findings: readonly Finding[], allowed: readonly Allowed[]): readonly Finding[] {
  if (findings.length === 0) return findings;
  const matchers = allowed.map(({ rule, paths }) => ({ rule, matches: globMatcher(paths) }));
  return findings.filter(
    ({ rule, path }) => !matchers.some((allow) => allow.rule === rule && allow.matches(path) !== null),
  );
}

function hintFor({ rule, path }: Finding): string {
  const allow = `snapshot: { allow: [{ rule: ${JSON.stringify(rule)}, paths: [${JSON.stringify(displayPath(path))}] }] }`;
  const larger = rule === "large-file" ? ", or raise `snapshot.maxFileSize`" : "";
  return `leave it out by \`.gitignore\` (when git does not track it) or \`snapshot.exclude\`, or allow it in the configuration: ${allow}${larger}`;
}
