import { isAbsolute, resolve } from "node:path";
import type { Author } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { NixOptions } from "../core/plan.ts";
import type { HostSpec } from "../core/project.ts";

/** Nix's flags as the command line has them; those with two values are flat lists of pairs. */
export interface NixFlags {
  readonly option?: readonly string[] | undefined;
  readonly overrideInput?: readonly string[] | undefined;
  readonly impure?: boolean | undefined;
  readonly acceptFlakeConfig?: boolean | undefined;
  readonly refresh?: boolean | undefined;
  readonly offline?: boolean | undefined;
  readonly keepGoing?: boolean | undefined;
  readonly showTrace?: boolean | undefined;
  readonly maxJobs?: string | null;
  readonly cores?: string | null;
  readonly builders?: string | null;
  readonly rest?: readonly string[] | undefined;
}

export const NO_NIX_OPTIONS: NixOptions = { evaluation: [], manner: [], rest: [], impure: false };

/**
 * Nix's settings for the flake of a stranger's tree, after all others, so that they are the ones that count: evaluation
 * sees nothing but its inputs and builds nothing, and builds are sandboxed.
 */
const STRANGERS: readonly string[] = [
  ...["--option", "pure-eval", "true", "--no-accept-flake-config"],
  ...["--option", "allow-import-from-derivation", "false"],
  ...["--option", "sandbox", "true", "--option", "sandbox-fallback", "false"],
];

/** What is passed on to Nix for a tree of that author. UsageError for `--impure` and what a stranger's flake says of Nix. */
export function nixFor(author: Author, options: NixOptions): NixOptions {
  if (author === "trusted") return options;
  const words = buildWords(options);
  const asked = ["--impure", "--accept-flake-config"].find((word) => words.includes(word));
  if (asked !== undefined)
    throw new UsageError(`${asked} is not for an untrusted tree`, {
      hint: "leave it out: with it the tree's flake would see more of the host than its inputs, or change Nix's settings",
    });
  return { ...options, rest: [...options.rest, ...STRANGERS] };
}

/** Nix's own words for the flags; directories of this machine become absolute. */
export function nixOptions(flags: NixFlags, cwd: string): NixOptions {
  const { rest = [], impure = false } = flags;
  const overrides = pairs(flags.overrideInput).map(([input, url]) => [input, absoluteReference(url, cwd)]);
  return {
    evaluation: [
      ...pairs(flags.option).flatMap((pair) => ["--option", ...pair]),
      ...overrides.flatMap((pair) => ["--override-input", ...pair]),
      ...flag("--impure", impure),
      ...flag("--accept-flake-config", flags.acceptFlakeConfig),
    ],
    manner: [
      ...flag("--refresh", flags.refresh),
      ...flag("--offline", flags.offline),
      ...flag("--keep-going", flags.keepGoing),
      ...flag("--show-trace", flags.showTrace),
      ...value("--max-jobs", flags.maxJobs),
      ...value("--cores", flags.cores),
      ...value("--builders", flags.builders),
    ],
    rest,
    impure: impure || rest.includes("--impure"),
  };
}

/** Words that decide what an output is, and so belong to its key. */
export function decidingWords({ evaluation, rest }: NixOptions): readonly string[] {
  return [...evaluation, ...rest];
}

/** Words for `nix build`. */
export function buildWords({ evaluation, manner, rest }: NixOptions): readonly string[] {
  return [...evaluation, ...manner, ...rest];
}

/** Words for `nix eval` of the configuration. */
export function evalWords({ evaluation, manner }: NixOptions): readonly string[] {
  return [...evaluation, ...manner];
}

/** Whether anything is passed on. */
export function isSaid(options: NixOptions): boolean {
  return buildWords(options).length > 0;
}

/** Throws UsageError for an input that is a directory of this machine, when Nix runs on another one. */
export function checkOverrides(options: NixOptions, host: Pick<HostSpec, "name" | "url">): void {
  if (host.url === "local") return;
  const words = buildWords(options);
  words.forEach((word, index) => {
    const url = words[index + 2] ?? "";
    if (word !== "--override-input" || !isClientPath(url)) return;
    throw new UsageError(
      `--override-input ${words[index + 1]}: ${url} is on this machine, and Nix runs on ${host.name}`,
      {
        hint: "name it by a URL that the host can fetch, or put it into the workspace and point the flake's input there",
      },
    );
  });
}

function isClientPath(url: string): boolean {
  return /^([./]|path:|file:|git\+file:)/.test(url);
}

function absoluteReference(url: string, cwd: string): string {
  const [, scheme = "", path = ""] = /^(path:)?(.*)$/s.exec(url) ?? [];
  const relative = scheme === "path:" ? !isAbsolute(path) : /^\.\.?(\/|$)/.test(path);
  return relative ? `${scheme}${resolve(cwd, path)}` : url;
}

function pairs(flat: readonly string[] = []): [string, string][] {
  const count = Math.ceil(flat.length / 2);
  return Array.from({ length: count }, (_, index) => [flat[index * 2] ?? "", flat[index * 2 + 1] ?? ""]);
}

function flag(name: string, set: boolean | undefined): string[] {
  return set === true ? [name] : [];
}

function value(name: string, text: string | null = null): string[] {
  return text === null ? [] : [name, text];
}
