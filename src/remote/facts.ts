import { type Distribution, distributionOf } from "../core/distribution.ts";
import { InfraError } from "../core/errors.ts";
import { type SeenFacts, seenSchema } from "../core/host-view.ts";
import { type ContentHash, parseContentHash, parseStorePath, type StorePath } from "../core/ids.ts";
import { LAYOUT_VERSION } from "../core/layout.ts";
import { quoted } from "../core/quoted.ts";
import { type SnapshotMetadata, snapshotMetadataSchema } from "../core/snapshot.ts";
import { type MachineFacts, parseMachineFacts } from "./machine.ts";

/** Whether something works on the host; `said` is the failing command's own text. */
type Check = { readonly ok: true } | { readonly ok: false; readonly said: string };

/** What the host has under a snapshot's hash, in this layout; `found`: the hash that its metadata names, if any. */
type SnapshotState =
  | { readonly state: "missing" }
  | { readonly state: "have"; readonly metadata: SnapshotMetadata }
  | { readonly state: "broken"; readonly found: string };

/** A runner's record on the host; `record` is its JSON text, which the caller checks. */
export type RunnerState =
  | { readonly state: "missing" }
  | { readonly state: "broken"; readonly record: string }
  | { readonly state: "gone" | "ready"; readonly record: string; readonly storePath: StorePath };

/** Everything that the session's probe says about a host. */
export interface HostFacts {
  /** Nix platform, as `x86_64-linux`. */
  readonly system: string;
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  /** Absolute and resolved; exists and can be written. */
  readonly workDir: string;
  /** It was an older pikaci's and has been marked now. */
  readonly adopted: boolean;
  readonly freeBytes: number;
  /** Null on file systems that do not count inodes. */
  readonly freeInodes: number | null;
  /** The host's clock when it answered, milliseconds since 1970. */
  readonly clockMs: number;
  readonly nix: NixFacts;
  readonly distribution: Distribution;
  readonly missingTools: readonly string[];
  readonly gnuTar: boolean;
  /** `setpriv --pdeathsig` works. */
  readonly setpriv: boolean;
  /** PID and mount namespaces, as the guard needs them. */
  readonly namespaces: Check;
  readonly overlay: Check;
  /** Null when no job asked for the sandbox. */
  readonly bwrap: Check | null;
  /** Null when no job asked for a virtual machine. */
  readonly machine: MachineFacts | null;
  /** Null when no job asked for a guest that is shown the host's /usr. */
  readonly seen: SeenFacts | null;
  /** Digest of its static busybox; null when it has none, or no job asked for a guest that has it. */
  readonly busybox: string | null;
  /** Null when no snapshot was asked for. */
  readonly snapshot: SnapshotState | null;
  /** Published snapshots of the project, newest first, at most 24. */
  readonly snapshots: readonly ContentHash[];
  readonly runners: ReadonlyMap<ContentHash, RunnerState>;
  /** Old staging directories and runs that the session removed. */
  readonly swept: number;
  /** Absolute paths of what it could not remove. */
  readonly unremovable: readonly string[];
  /** For an observer: ended runs whose client was killed and whose results nobody has fetched. */
  readonly unfetched: readonly Unfetched[];
  /** What older runs had left and the session ended: `3 processes, 1 mounts`. */
  readonly reaped: readonly { readonly run: string; readonly what: string }[];
}

/** `seconds`: since it ended. `project`: null when it is not known. */
interface Unfetched {
  readonly run: string;
  readonly seconds: number;
  readonly project: string | null;
}

type NixFacts =
  | { readonly state: "absent" }
  /** Nix is there and could not evaluate or write to its store. */
  | { readonly state: "failing"; readonly said: string }
  | {
      readonly state: "works";
      readonly version: string;
      readonly storeDir: string;
      /** The store's real place is `storeDir`: what Nix writes is seen there. */
      readonly real: boolean;
    };

/** The body of a `probe` frame: `name=value` pairs, each ended by NUL; throws InfraError("host") when it lacks one. */
export function parseFacts(body: Buffer, asked: ContentHash | null): HostFacts {
  const pairs = body.toString("utf8").split("\0").slice(0, -1).map(splitPair);
  const values = new Map(pairs);
  const need = (name: string) => values.get(name) ?? missingFact(name);
  const [blocks = NaN, blockSize = NaN, inodes = NaN] = need("space").split(" ").map(Number);
  const bwrap = values.get("bwrap");
  return {
    system: parseSystem(need("system")),
    user: need("user"),
    uid: Number(need("uid")),
    home: need("home"),
    workDir: need("work_dir"),
    adopted: values.has("adopted"),
    freeBytes: blocks * blockSize,
    freeInodes: inodes > 0 ? inodes : null,
    clockMs: Number(need("clock_ms")),
    nix: parseNix(values),
    distribution: distributionOf(values.get("os_release") ?? ""),
    missingTools: need("missing_tools").split(" ").filter(Boolean),
    gnuTar: values.has("gnu_tar"),
    setpriv: values.has("setpriv"),
    namespaces: parseCheck(need("namespaces")),
    overlay: parseCheck(need("overlay")),
    bwrap: bwrap === undefined ? null : parseCheck(bwrap),
    machine: parseMachineFacts(pairs),
    seen: parseSeen(values.get("seen")),
    busybox: values.get("seen_busybox") ?? null,
    snapshot: asked === null ? null : parseSnapshot(need("snapshot"), asked),
    snapshots: (values.get("snapshots") ?? "").split(" ").filter(isContentHash),
    runners: new Map(pairs.filter(([name]) => name === "runner").map(([, text]) => parseRunner(text))),
    swept: Number(need("swept")),
    unremovable: pairs.filter(([name]) => name === "unremovable").map(([, path]) => path),
    unfetched: pairs.filter(([name]) => name === "unfetched").map(([, text]) => parseUnfetched(text)),
    reaped: pairs.filter(([name]) => name === "reaped").map(([, text]) => parseReaped(text)),
  };
}

function parseReaped(text: string): HostFacts["reaped"][number] {
  const [run = "", ...what] = text.split(" ");
  return { run, what: what.join(" ") };
}

/** `PACKAGES LOCAL ETC NAMES`; null when it was not asked for. */
function parseSeen(text: string | undefined): SeenFacts | null {
  if (text === undefined) return null;
  const [packages, local, etc, names] = text.split(" ");
  const seen = seenSchema.safeParse({ packages, local, etc, names });
  if (seen.success) return seen.data;
  throw new InfraError("host", `the host does not say what guests see of it: ${quoted(text)}`, {
    hint: "check that `find`, `sort` and `sha256sum` work there, and run the command again",
  });
}

function parseUnfetched(text: string): Unfetched {
  const [, run = "", seconds = "", id = ""] = /^(\S+) (\d+) (?:"(.*)")?$/.exec(text) ?? [];
  return { run, seconds: Number(seconds), project: id === "" ? null : id };
}

/** Ignores other names in `snapshots/`. */
function isContentHash(text: string): text is ContentHash {
  return /^[0-9a-f]{64}$/.test(text);
}

function splitPair(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function missingFact(name: string): never {
  throw new InfraError("host", `the host's answer lacks \`${name}\``, {
    hint: "check that `sh`, coreutils, findutils and util-linux are complete on the host, and run the command again",
  });
}

/** `uname -sm` as Nix names it. */
function parseSystem(uname: string): string {
  const [kernel = "", machine = ""] = uname.split(" ");
  const names: Readonly<Record<string, string>> = {
    arm64: "aarch64",
    amd64: "x86_64",
    i386: "i686",
    i586: "i686",
  };
  return `${names[machine] ?? machine}-${kernel.toLowerCase()}`;
}

function parseNix(values: ReadonlyMap<string, string>): NixFacts {
  const [version, storeDir] = values.get("nix")?.split(" ") ?? [];
  if (version !== undefined && storeDir !== undefined)
    return { state: "works", version, storeDir, real: values.has("store_here") };
  const said = values.get("nix_error");
  return said === undefined ? { state: "absent" } : { state: "failing", said };
}

function parseCheck(text: string): Check {
  return text === "ok" ? { ok: true } : { ok: false, said: text.replace(/^failed: ?/, "") };
}

export function parseSnapshot(text: string, asked: ContentHash): SnapshotState {
  if (text === "missing") return { state: "missing" };
  const metadata = text.startsWith("have ") ? parseMetadata(text.slice(5)) : null;
  if (metadata === null) return { state: "broken", found: "no readable metadata" };
  if (metadata.layout_version !== LAYOUT_VERSION) return { state: "missing" };
  return metadata.content_hash === asked
    ? { state: "have", metadata }
    : { state: "broken", found: metadata.content_hash };
}

/** `pikaci-snapshot.json`; null when it is not one. */
function parseMetadata(text: string): SnapshotMetadata | null {
  try {
    return snapshotMetadataSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function parseRunner(text: string): readonly [ContentHash, RunnerState] {
  const [hash = "", state = "", ...rest] = text.split(" ");
  const record = rest.join(" ");
  const key = parseContentHash(hash);
  if (state === "missing") return [key, { state }];
  const path = /"remote_store_path": *"([^"]*)"/.exec(record)?.[1];
  if ((state !== "ready" && state !== "gone") || path === undefined)
    return [key, { state: "broken", record }];
  return [key, { state, record, storePath: parseStorePath(path) }];
}
