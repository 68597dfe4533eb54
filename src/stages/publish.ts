import { b3sums } from "../b3sums.ts";
import type { Context } from "../context.ts";
import { abortError, InfraError, MismatchError } from "../errors.ts";
import { type BytePath, bytePath, type ContentHash } from "../ids.ts";
import type { Channel, Frame } from "../io/connection.ts";
import type { HostFacts } from "../io/facts.ts";
import { readVerified } from "../io/files.ts";
import { sendTree } from "../io/send-tree.ts";
import type { HostSession } from "../io/session.ts";
import { type TarItem, tarDirectory, tarFile } from "../io/tar.ts";
import {
  type HashedEntry,
  type HashedSnapshot,
  type Published,
  SCHEMA_VERSION,
  type SnapshotMetadata,
} from "../model.ts";

export interface PublishOptions {
  readonly projectId: string;
  /** Replace what the host has under this hash when it is wrong. */
  readonly repair: boolean;
  /** Seconds of silence after which the host gives the upload up; default 30. */
  readonly idleSeconds?: number;
}

/**
 * Puts a snapshot on the host, complete or not at all; nothing is sent when the host has it. Throws MismatchError when
 * what it has is wrong, SnapshotRefused when a file changed since it was hashed, InfraError("disk" | "network").
 */
export async function publish(
  hashed: HashedSnapshot,
  session: HostSession,
  options: PublishOptions,
  context: Context,
): Promise<Published> {
  const { contentHash } = hashed;
  const decision = decide(session.facts, hashed, options.repair);
  const { outcome, bytesSent } =
    decision === "reuse"
      ? ({ outcome: "reused", bytesSent: 0 } as const)
      : await upload(hashed, session, options, context);
  context.emit({ type: "published", contentHash, outcome, bytesSent });
  return { hashed, outcome, remoteDir: `${session.facts.workDir}/snapshots/${contentHash}`, bytesSent };
}

/** What to do about a snapshot, given what the probe said; pure. */
export function decide(
  facts: HostFacts,
  { contentHash, byteCount, entries }: HashedSnapshot,
  repair: boolean,
): "reuse" | "upload" {
  const state = facts.snapshot ?? { state: "missing" };
  if (state.state === "have" && state.metadata.content_hash === contentHash && !repair) return "reuse";
  if (state.state === "broken" && !repair) throw mismatch(facts.workDir, contentHash, state.found);
  const room = facts.freeInodes === null || entries.length < facts.freeInodes;
  if (byteCount < facts.freeBytes && room) return "upload";
  const needs = room
    ? `${byteCount} bytes, has ${facts.freeBytes}`
    : `${entries.length} inodes, has ${facts.freeInodes}`;
  throw new InfraError(
    "disk",
    `the disk of ${facts.workDir} is too full for the snapshot: it needs ${needs}`,
    {
      hint: "free space on the host, or give it another `workDir` in the configuration",
    },
  );
}

function mismatch(workDir: string, asked: ContentHash, found: string): MismatchError {
  return new MismatchError(
    `the published snapshot ${asked} is not what its name says: ${workDir}/snapshots/${asked} holds ${found}`,
    { hint: "run the command again with `--repair`: it moves the wrong one aside and publishes anew" },
  );
}

type Sent = Pick<Published, "outcome" | "bytesSent">;

async function upload(
  hashed: HashedSnapshot,
  session: HostSession,
  { projectId, repair, idleSeconds = 30 }: PublishOptions,
  context: Context,
): Promise<Sent> {
  const channel = await session.connection.open("publish", {
    work_dir: session.facts.workDir,
    content_hash: hashed.contentHash,
    repair: repair ? "yes" : "no",
    idle_s: String(idleSeconds),
  });
  const onAbort = () => channel.kill();
  context.signal.addEventListener("abort", onAbort);
  try {
    if (context.signal.aborted) throw abortError(context.signal);
    return await converse(channel, hashed, projectId, context);
  } catch (error) {
    await endUpload(channel);
    throw context.signal.aborted ? abortError(context.signal) : error;
  } finally {
    context.signal.removeEventListener("abort", onAbort);
  }
}

/** docs/protocol.md: `waiting`*, then `have` or `send`, the tree, `published`. */
async function converse(
  channel: Channel,
  hashed: HashedSnapshot,
  projectId: string,
  context: Context,
): Promise<Sent> {
  const answer = await nextFrame(channel, context);
  if (answer.type === "have") return { outcome: "reused", bytesSent: 0 };
  let stopped = false;
  const reply = nextFrame(channel, context);
  reply.catch(() => {
    stopped = true;
  });
  const items = wholeTree(hashed, snapshotMetadata(hashed, projectId, context.clock()));
  const onProgress = progress(hashed.byteCount, context);
  const bytesSent = await sendTree(channel, items, { stopped: () => stopped, onProgress });
  const outcome = (await reply).body.toString("utf8") === "repaired" ? "repaired" : "uploaded";
  return { outcome, bytesSent };
}

async function nextFrame(channel: Channel, context: Context): Promise<Frame> {
  for await (const frame of channel.frames()) {
    if (frame.type !== "waiting") return frame;
    context.emit({ type: "waiting", what: "another client's upload of the same snapshot" });
  }
  throw new InfraError("host", "the host ended the upload without an answer", {
    hint: "run the command again; the host may be shutting down",
  });
}

/** Lets the host see the end and clean up; what it then says of it is not news. */
async function endUpload(channel: Channel): Promise<void> {
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

/** At most ten events a second. */
function progress(totalBytes: number, context: Context): (bytes: number) => void {
  let next = 0;
  return (bytes) => {
    const now = context.clock().getTime();
    if (now < next) return;
    next = now + 100;
    context.emit({ type: "upload-progress", bytes: Math.min(bytes, totalBytes), totalBytes });
  };
}

export function snapshotMetadata(
  { contentHash, fileCount, byteCount, snapshot, entries }: HashedSnapshot,
  projectId: string,
  now: Date,
): SnapshotMetadata {
  return {
    schema_version: SCHEMA_VERSION,
    content_hash: contentHash,
    project_id: projectId,
    file_count: fileCount,
    byte_count: byteCount,
    b3sums_left_out: b3sums(entries).leftOut,
    created_at: now.toISOString(),
    source: snapshot.source,
  };
}

/** Everything of `snapshots/<content_hash>`; a delta would be fewer of these items on top of a base. */
export function* wholeTree(hashed: HashedSnapshot, metadata: SnapshotMetadata): Generator<TarItem> {
  yield tarFile(text("pikaci-snapshot.json"), Buffer.from(`${JSON.stringify(metadata, null, 2)}\n`));
  yield tarFile(text("manifest"), hashed.manifest);
  yield tarFile(text("B3SUMS"), Buffer.from(b3sums(hashed.entries).text));
  yield tarDirectory(text("snapshot"));
  const made = new Set<string>();
  for (const entry of hashed.entries) {
    for (const parent of parents(entry.path)) {
      if (!made.has(parent)) yield tarDirectory(inTree(parent));
      made.add(parent);
    }
    yield treeItem(hashed.snapshot.workspace, entry);
  }
}

function treeItem(workspace: string, entry: HashedEntry): TarItem {
  const { type, size } = entry;
  return { path: inTree(entry.path), type, size, content: () => readVerified(workspace, entry) };
}

/** `a/b/c` → `a`, `a/b`. */
function parents(path: BytePath): BytePath[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => bytePath(Buffer.from(parts.slice(0, index + 1).join("/"), "latin1")));
}

function inTree(path: BytePath): BytePath {
  return bytePath(Buffer.from(`snapshot/${path}`, "latin1"));
}

function text(name: string): BytePath {
  return bytePath(Buffer.from(name));
}
