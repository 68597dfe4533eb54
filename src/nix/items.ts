import type { Author, Context } from "../core/context.ts";
import { installNix } from "../core/distribution.ts";
import { InfraError } from "../core/errors.ts";
import type { RunId, StorePath } from "../core/ids.ts";
import type { NixOptions } from "../core/plan.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import type { HostFacts } from "../remote/facts.ts";
import type { ProgramParams } from "../remote/program-types.ts";
import type { HostSession } from "../remote/session.ts";
import { blake3Hex } from "../system/blake3.ts";
import { posixCommand } from "../system/quote.ts";
import { type ClientPath, clientPath, inClientStore } from "./client-paths.ts";
import { type Installable, parseInstallable } from "./installable.ts";
import { realiseLocally } from "./local-outputs.ts";
import { buildWords, decidingWords } from "./options.ts";
import * as outputs from "./outputs.ts";
import { sendPath } from "./send-path.ts";

/** One output on its way: what decides it and where a client path's bytes are. */
export interface Item {
  readonly wanted: outputs.Wanted;
  readonly key: string;
  readonly line: string;
  readonly source: ItemSource | null;
}

/** A store path that this machine can supply. */
interface ItemSource {
  readonly storePath: StorePath;
  /** Built here, in this machine's store: goes over with all it refers to, and a substituter of the host may have it. */
  readonly built: boolean;
  /** Brings what is not built here to where the host's store takes it from. */
  supply(session: HostSession, context: Context): Promise<void>;
}

interface RealiseOptions {
  readonly runId: RunId;
  /** What a person passes on to Nix. */
  readonly nix: NixOptions;
  /** A stranger's flake is built in Nix's sandbox, or not at all. */
  readonly author: Author;
  /** The host waits for its disk before a record has its name. */
  readonly durable: boolean;
}

/** The published tree, and the files of it that flakes are evaluated from. */
interface Sources {
  readonly whole: HashedSnapshot;
  readonly selected: HashedSnapshot;
}

/** Hashes a client path, checks that a flake is there; throws what `prepare` throws. */
export async function identify(
  wanted: outputs.Wanted,
  sources: Sources,
  session: HostSession,
  asked: RealiseOptions,
  context: Context,
): Promise<Item> {
  const { spec } = wanted;
  const { whole, selected } = sources;
  const { runId, nix } = asked;
  if (spec.kind === "path") {
    const source = await clientPath(workspaceOf(whole.snapshot), spec, context);
    const { storePath, hashed } = source;
    const tree = `${hashed.kind}:${hashed.hashed.contentHash}`;
    return item(wanted, { kind: "path", storePath, tree }, pathSource(source), context);
  }
  const installable = parseInstallable(spec.installable);
  if (spec.kind === "local") return localItem({ wanted, installable }, sources, asked, context);
  outputs.checkFlakeFile(installable, whole, selected);
  const { system } = session.facts;
  const nixVersion = nixVersionOf(session.facts);
  const words = [...decidingWords(nix), ...(nix.impure ? [runId] : [])];
  const { contentHash: sourceHash } = selected;
  const identity = { kind: spec.kind, sourceHash, installable, system, nixVersion, words };
  return item(wanted, identity, null, context);
}

function pathSource(path: ClientPath): ItemSource {
  return {
    storePath: path.storePath,
    built: false,
    supply: (session, context) =>
      session.connection.host.url === "local"
        ? inClientStore(path, context)
        : sendPath(path, session, context),
  };
}

async function localItem(
  { wanted, installable }: { readonly wanted: outputs.Wanted; readonly installable: Installable },
  { whole, selected }: Sources,
  { runId, nix }: RealiseOptions,
  context: Context,
): Promise<Item> {
  outputs.checkFlakeFile(installable, whole, selected);
  const run = { runId, name: wanted.name, words: buildWords(nix) };
  const storePath = await realiseLocally(installable, selected, run, context);
  const source = { storePath, built: true, supply: async () => {} };
  return item(wanted, { kind: "path", storePath }, source, context);
}

function item(
  wanted: outputs.Wanted,
  identity: outputs.OutputIdentity,
  source: ItemSource | null,
  context: Context,
): Item {
  const key = blake3Hex(outputs.encodeFields(outputs.identityFields(identity)));
  return { wanted, key, line: outputs.wantedLine(key, identity, context.clock().toISOString()), source };
}

/** The parameters of src/host/prepare.sh. */
export function prepareParams(
  items: readonly Item[],
  { whole, selected }: Sources,
  { facts, connection }: HostSession,
  { runId, nix, author, durable }: RealiseOptions,
): ProgramParams["prepare"] {
  return {
    work_dir: facts.workDir,
    run_id: runId,
    content_hash: whole.contentHash,
    source_hash: selected.contentHash,
    subset: selected.contentHash === whole.contentHash ? "" : "yes",
    subdir: outputs.subdirStyle(nixVersionOf(facts)),
    send_inputs: connection.host.sendInputs === true ? "yes" : "",
    sandboxed: author === "stranger" ? "yes" : "",
    nix_words: posixCommand(buildWords(nix)),
    wanted: [...new Map(items.map(({ key, line }) => [key, `${line}\n`])).values()].join(""),
    lease_ms: connection.host.leaseMs,
    durable,
  };
}

function nixVersionOf({ nix, distribution }: HostFacts): string {
  if (nix.state === "works") return nix.version;
  throw new InfraError("host", "the host has no working Nix", {
    hint: `on the host: ${installNix(distribution)}`,
  });
}
