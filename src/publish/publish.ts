import type { Context } from "../core/context.ts";
import { InfraError, MismatchError } from "../core/errors.ts";
import type { ContentHash } from "../core/ids.ts";
import type { HashedSnapshot, Published } from "../core/snapshot.ts";
import { isLargeTree } from "../remote/copy-ahead.ts";
import type { HostFacts } from "../remote/facts.ts";
import { converse } from "../remote/program.ts";
import type { ProgramChannel, ProgramParams } from "../remote/program-types.ts";
import type { HostSession } from "../remote/session.ts";
import { isDurable } from "../system/durable.ts";
import { getManifestBytes, putManifest } from "../tree/manifest/store.ts";
import { type Base, chooseBase } from "./base.ts";
import { isOnPath } from "./compress.ts";
import { worthCompressing } from "./compression.ts";
import { type Sent, sendSnapshot, type Upload } from "./conversation.ts";
import { ExpectedTree } from "./expected.ts";
import { checkSpace, neededFiles, type SpaceNeed, treeNeed } from "./space.ts";
import { SparseFiles } from "./sparse-files.ts";

export interface PublishOptions {
  readonly projectId: string;
  /** Replace what the host has under this hash when it is wrong. */
  readonly repair: boolean;
  /** Hash every published file on the host, also when the host already had the snapshot. */
  readonly verify?: boolean;
  /** Seconds of silence after which the host gives the upload up; default 30. */
  readonly idleSeconds?: number;
  /** What else has to fit on the host's disk. */
  readonly besides?: readonly SpaceNeed[];
}

/**
 * Puts a snapshot on the host, complete or not at all. Nothing is sent when the host has it, else only what the
 * project's closest snapshot lacks. Throws MismatchError when what it has is wrong, SnapshotRefused when a file
 * changed since it was hashed, InfraError("disk" | "network" | "host").
 */
export async function publish(
  hashed: HashedSnapshot,
  session: HostSession,
  options: PublishOptions,
  context: Context,
): Promise<Published> {
  const { contentHash } = hashed;
  const { outcome, bytesSent } = await publishTree(hashed, session, options, context);
  const { verify: verified = false } = options;
  context.emit({ type: "published", contentHash, outcome, bytesSent, verified });
  return { hashed, outcome, remoteDir: directoryOf(session.facts, contentHash), bytesSent };
}

/** Does what `publish` does, without an event, for any tree. */
export async function publishTree(
  hashed: HashedSnapshot,
  session: HostSession,
  options: PublishOptions,
  context: Context,
): Promise<Sent> {
  const { contentHash, manifest } = hashed;
  const sent =
    decide(session.facts, contentHash, options) === "reuse"
      ? ({ outcome: "reused", bytesSent: 0 } as const)
      : await upload(hashed, session, options, context);
  remember(contentHash, manifest, context);
  return sent;
}

/** Remembers a manifest. If that fails, only the next publication is slower. */
function remember(hash: ContentHash, manifest: Buffer, { memory, clock, emit }: Context): void {
  try {
    putManifest(memory, hash, manifest, clock());
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
    const message = `the published manifest is not remembered: ${error.message}`;
    emit({ type: "warning", message, hint: error.hint ?? null });
  }
}

function directoryOf(facts: HostFacts, hash: ContentHash): string {
  return `${facts.workDir}/snapshots/${hash}`;
}

/** What to do about a snapshot, given what the probe said; pure. */
function decide(
  facts: HostFacts,
  contentHash: ContentHash,
  { repair, verify = false }: Pick<PublishOptions, "repair" | "verify">,
): "reuse" | "upload" {
  const state = facts.snapshot ?? { state: "missing" };
  if (verify && !canHash(facts))
    throw new InfraError("host", "the host cannot verify a snapshot: `b3sum` is missing", {
      hint: `${installB3sum}, or leave \`--verify\` out`,
    });
  if (state.state === "broken" && !repair) throw mismatch(facts.workDir, contentHash, state.found);
  return state.state === "have" && !repair && !verify ? "reuse" : "upload";
}

const installB3sum =
  "install it there (Debian `apt-get install b3sum`, NixOS `environment.systemPackages = [ pkgs.b3sum ]`)";

function canHash({ missingTools }: HostFacts): boolean {
  return !missingTools.includes("b3sum");
}

/** Warns when a repair cannot check contents, but only names, types, modes, sizes and times. */
function warnUnhashed(facts: HostFacts, { emit }: Context): void {
  if (canHash(facts) || facts.snapshot?.state !== "have") return;
  const message = "the published files' contents were not hashed: `b3sum` is missing on the host";
  emit({ type: "warning", message, hint: installB3sum });
}

function mismatch(workDir: string, asked: ContentHash, found: string): MismatchError {
  return new MismatchError(
    `the published snapshot ${asked} is not what its name says: ${workDir}/snapshots/${asked} holds ${found}`,
    { hint: "run the command again with `--repair`: it moves the wrong one aside and publishes anew" },
  );
}

async function upload(
  hashed: HashedSnapshot,
  session: HostSession,
  options: PublishOptions,
  context: Context,
): Promise<Sent> {
  const { facts, connection } = session;
  if (options.repair) warnUnhashed(facts, context);
  const base = baseFor(hashed, facts, context);
  const sparse = new SparseFiles(hashed.snapshot);
  const needed = neededFiles(facts, hashed, base);
  await sparse.find(needed);
  const need = treeNeed(facts, hashed, base, sparse.holeBytes(needed));
  checkSpace(facts, [need, ...(options.besides ?? [])]);
  const request: Upload = {
    tree: new ExpectedTree(hashed),
    sparse,
    projectId: options.projectId,
    directory: directoryOf(facts, hashed.contentHash),
    base,
    compression: (plan) =>
      canCompress(session, context) && worthCompressing(plan, hashed) ? context.env : null,
  };
  const params = paramsOf(hashed, facts, base, options, context);
  return converse(connection, { program: "publish", params }, context, async (channel) => {
    try {
      return await sendSnapshot(channel, request, context);
    } catch (error) {
      await endUpload(channel);
      throw error;
    }
  });
}

function baseFor(hashed: HashedSnapshot, facts: HostFacts, { memory }: Context): Base | null {
  return chooseBase(facts.snapshots, (hash) => getManifestBytes(memory, hash), hashed);
}

function canCompress({ connection, facts }: HostSession, { env }: Context): boolean {
  return connection.host.url !== "local" && !facts.missingTools.includes("zstd") && isOnPath("zstd", env);
}

function paramsOf(
  { contentHash, fileCount }: HashedSnapshot,
  { workDir }: HostFacts,
  base: Base | null,
  { repair, verify = false, idleSeconds = 30 }: PublishOptions,
  context: Context,
): ProgramParams["publish"] {
  return {
    work_dir: workDir,
    content_hash: contentHash,
    repair,
    verify,
    base: base?.hash ?? null,
    fetch: base !== null && base.difference === null,
    large: isLargeTree(fileCount, context),
    idle_s: idleSeconds,
    durable: isDurable(context),
  };
}

/** Lets the host see the end and clean up; its answer is ignored. */
async function endUpload(channel: ProgramChannel<"publish">): Promise<void> {
  channel.end();
  const timer = setTimeout(() => channel.kill(), 5_000);
  try {
    for await (const _ of channel.frames());
    await channel.closed;
  } catch {
    channel.kill();
  } finally {
    clearTimeout(timer);
  }
}
