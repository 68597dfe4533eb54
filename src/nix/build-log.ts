import { nixMessages } from "./log.ts";

/** What Nix's log says of builds that failed under `--keep-going`. */
export interface BuildLog {
  /** Derivations whose builder was started. */
  readonly started: ReadonlySet<string>;
  /** By a derivation, or by an output path: why Nix says that a builder, or what it made, is at fault. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Nix complains of builds alone: none was broken off by something else. */
  readonly onlyBuilds: boolean;
  /** By Nix's own look at the disk after a build failed. */
  readonly diskFull: boolean;
}

/**
 * What Nix 2.8, 2.26 and 2.34 say when a build fails; `subject` is a derivation or an output path, absent where the fault
 * is another's. 2.8 says it of the first wanted derivation alone, and of those that others wait for.
 */
const COMPLAINTS: readonly RegExp[] = [
  /^error: (?<reason>builder) for '(?<subject>[^']+\.drv)' (?<how>failed [^\n;]*?)(?: at ['"][^\n]*)?(?:;|\n|$)/,
  /^error: Cannot build '(?<subject>[^']+\.drv)'\.\n\s*Reason: (?<reason>builder [^\n]*?)\.?(?:\n|$)/,
  /^error: (?<reason>hash mismatch) in fixed-output derivation '(?<subject>[^']+\.drv)'(?<how>:[\s\S]*)$/,
  /^error: (?<reason>output) '(?<subject>[^']+)' (?<how>is not allowed to [\s\S]*)$/,
  /^error: \d+ dependencies of derivation '[^']+' failed to build$/,
  /^error: Cannot build '[^']+'\.\n\s*Reason: \d+ dependenc(?:y|ies) failed\.?(?:\n|$)/,
  /^error: build of '[\s\S]*' failed$/,
];

const DISK_FULL = /^note: build failure may have been caused by lack of free disk space/;

/** Reads lines of `--log-format internal-json`. */
export function readBuildLog(log: string): BuildLog {
  const { errors, started } = nixMessages(log);
  const complaints = errors.filter((message) => !DISK_FULL.test(message));
  const matches = complaints.map(matchOf);
  const reasons = matches.flatMap((match) => {
    const { subject, reason = "", how = "" } = match?.groups ?? {};
    return subject === undefined ? [] : [[subject, oneLine(`${reason} ${how}`)] as const];
  });
  return {
    started,
    reasons: new Map(reasons),
    onlyBuilds: matches.length > 0 && matches.every((match) => match !== null),
    diskFull: complaints.length < errors.length,
  };
}

function matchOf(message: string): RegExpExecArray | null {
  for (const pattern of COMPLAINTS) {
    const match = pattern.exec(message);
    if (match !== null) return match;
  }
  return null;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ").replace(/ :/, ":");
}
