import * as z from "zod";
import { TrustError } from "../core/errors.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";

/** What decides whether another store takes a path. */
export interface ClosurePath {
  readonly path: StorePath;
  /** Its name follows from its content: it needs no signature. */
  readonly contentAddressed: boolean;
  /** Names of the keys that signed it. */
  readonly signers: readonly string[];
}

/** Whose paths a store takes from an account. */
export interface StoreTrust {
  readonly account: "trusted" | "untrusted" | "unknown";
  readonly requireSigs: boolean;
  /** Names of keys. */
  readonly keys: readonly string[];
}

const info = z.object({
  path: z.string().optional(),
  ca: z.string().nullish(),
  signatures: z.array(z.string()).optional(),
});
const listed = z.array(info.extend({ path: z.string() }));
const keyed = z.record(z.string(), info.nullable());
const versioned = z.object({ info: keyed, version: z.number() });

/** Reads `nix path-info --json`: a list before Nix 2.19, then an object by path. Throws ZodError. */
export function parsePathInfos(text: string): ClosurePath[] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value)) return listed.parse(value).map((one) => closurePath(one.path, one));
  const outer = versioned.safeParse(value);
  const all = outer.success ? outer.data.info : keyed.parse(value);
  return Object.entries(all).flatMap(([path, one]) => (one === null ? [] : [closurePath(path, one)]));
}

function closurePath(path: string, { ca, signatures = [] }: z.infer<typeof info>): ClosurePath {
  return {
    path: parseStorePath(path.startsWith("/") ? path : `/nix/store/${path}`),
    contentAddressed: typeof ca === "string" && ca !== "",
    signers: signatures.map(keyName),
  };
}

/** Reads the body of a `trust` frame: settings as Nix writes them. */
export function parseTrust(body: string): StoreTrust {
  const settings = new Map(body.split("\n").map((line) => splitSetting(line)));
  const account = { yes: "trusted", no: "untrusted" } as const;
  const said = settings.get("trusted");
  return {
    account: said === "yes" || said === "no" ? account[said] : "unknown",
    requireSigs: settings.get("require-sigs") !== "false",
    keys: (settings.get("trusted-public-keys") ?? "").split(" ").filter(Boolean).map(keyName),
  };
}

/** The paths that the store will refuse; none when the account's standing is not known. */
export function refusedPaths(
  closure: readonly ClosurePath[],
  missing: ReadonlySet<string>,
  trust: StoreTrust,
): StorePath[] {
  if (trust.account !== "untrusted" || !trust.requireSigs) return [];
  return closure
    .filter(({ path, contentAddressed, signers }) => {
      return missing.has(path) && !contentAddressed && !signers.some((key) => trust.keys.includes(key));
    })
    .map(({ path }) => path);
}

/** Says it before anything is copied, with each way out. */
export function signatureError(refused: readonly StorePath[], host: string, trust: StoreTrust): TrustError {
  const { first, more, keys } = toldOf(refused, trust);
  return new TrustError(
    `${host} would refuse ${first}${more}: no key that it trusts signed it, and the account there is not trusted`,
    {
      hint: [
        `it trusts ${keys}; three ways:`,
        `  sign here with such a key: nix store sign --recursive --key-file KEY ${first}`,
        "  or let an administrator there add your key's public half to `trusted-public-keys` in /etc/nix/nix.conf",
        '  or build it there: leave out `from: "local"`',
      ].join("\n"),
    },
  );
}

/** The error for store paths that this machine would not take from a host; a trusted account here has to ask for them. */
export function incomingSignatureError(
  refused: readonly StorePath[],
  host: string,
  trust: StoreTrust,
): TrustError {
  const { first, more, keys } = toldOf(refused, trust);
  return new TrustError(
    `this machine would refuse ${first}${more} of ${host}: no key that it trusts signed it`,
    {
      hint: [
        `it trusts ${keys}; three ways:`,
        `  sign there with such a key: nix store sign --recursive --key-file KEY ${first}`,
        "  or add the public half of the host's key to `trusted-public-keys` in /etc/nix/nix.conf here",
        "  or take it as it is, where Nix trusts your account: `--no-check-sigs`",
      ].join("\n"),
    },
  );
}

function toldOf(refused: readonly string[], trust: StoreTrust) {
  const [first = "", ...others] = refused;
  return {
    first,
    more: others.length === 0 ? "" : ` (and ${others.length} more)`,
    keys: trust.keys.length === 0 ? "no key at all" : trust.keys.join(", "),
  };
}

/** `cache.example.org-1` of `cache.example.org-1:base64`. */
function keyName(key: string): string {
  return key.slice(0, key.indexOf(":") === -1 ? undefined : key.indexOf(":"));
}

function splitSetting(line: string): readonly [string, string] {
  const [name = "", ...rest] = line.split("=");
  return [name.trim(), rest.join("=").trim()];
}
