import type { Context } from "../core/context.ts";
import { InfraError } from "../core/errors.ts";
import { quoted } from "../core/quoted.ts";
import type { Published } from "../core/snapshot.ts";
import type { Frame } from "../remote/connection.ts";
import type { FrameType, ProgramChannel } from "../remote/program-types.ts";
import { contentHashOf } from "../system/blake3.ts";
import type { Env } from "../system/exec.ts";
import { abridgedManifest } from "../tree/manifest/abridged.ts";
import type { Base } from "./base.ts";
import { differenceTo } from "./difference.ts";
import { Evidence, explainWrong, wrongTree } from "./evidence.ts";
import type { ExpectedTree } from "./expected.ts";
import { sendList, sendTree } from "./send-tree.ts";
import type { SparseFiles } from "./sparse-files.ts";
import { planAll, planOnBase, planOnStaged, snapshotMetadata, type UploadPlan } from "./tree.ts";
import { parseListing } from "./tree-listing.ts";

export interface Upload {
  readonly tree: ExpectedTree;
  readonly sparse: SparseFiles;
  readonly projectId: string;
  /** Where it goes on the host. */
  readonly directory: string;
  /** What the host was asked to start from. */
  readonly base: Base | null;
  /** Whether a plan's content is to be compressed, and with which environment. */
  readonly compression: (plan: UploadPlan) => Env | null;
}

type Answer = Frame<Exclude<FrameType<"publish">, "waiting">>;

export type Sent = Pick<Published, "outcome" | "bytesSent">;

/** Talks to the `publish` program until the snapshot is there; docs/protocol.md. */
export async function sendSnapshot(
  channel: ProgramChannel<"publish">,
  upload: Upload,
  context: Context,
): Promise<Sent | null> {
  const evidence = new Evidence();
  let bytesSent = 0;
  let reply = nextFrame(channel, context);
  for (;;) {
    const frame = await reply;
    if (frame === null) return null;
    reply = nextFrame(channel, context);
    const stopped = watched(reply);
    switch (frame.type) {
      case "have":
        return { outcome: "reused", bytesSent };
      case "published":
        return { outcome: publishedOutcome(frame.body.toString("utf8")), bytesSent };
      case "listing":
      case "digests":
      case "base-manifest":
      case "base-files":
      case "base-others":
        evidence.add(frame);
        break;
      case "check":
        await channel.write(`${upload.tree.sums()}\n`);
        break;
      case "wrong": {
        const what = explainWrong(frame.body.toString("utf8"), evidence, upload.tree);
        throw wrongTree(upload.tree.hashed.contentHash, upload.directory, what);
      }
      case "again":
        warnAgain(frame, evidence, upload, context);
        bytesSent += await send(channel, planAll(upload.tree), { ...upload, stopped }, context);
        break;
      case "send": {
        const plan = planFor(frame.body.toString("utf8"), evidence, upload);
        bytesSent += await send(channel, plan, { ...upload, stopped }, context);
        break;
      }
    }
  }
}

/** Returns a function that says whether the promise was rejected; whoever awaits it handles the rejection. */
function watched(reply: Promise<Answer | null>): () => boolean {
  let failed = false;
  reply.catch(() => {
    failed = true;
  });
  return () => failed;
}

/** Null at the end. */
async function nextFrame(channel: ProgramChannel<"publish">, context: Context): Promise<Answer | null> {
  for await (const { type, body } of channel.frames()) {
    if (type !== "waiting") return { type, body };
    context.emit({ type: "waiting", what: "another client's upload of the same snapshot" });
  }
  return null;
}

/** What to send, given what the host says it has. */
function planFor(origin: string, evidence: Evidence, { tree, base }: Upload): UploadPlan {
  if (origin === "all") return planAll(tree);
  if (origin === "staged") return planOnStaged(tree, parseListing(evidence.take("listing")));
  if (origin !== "base" || base === null) throw unknownWord("what it has of the tree", origin);
  if (base.difference !== null) return planOnBase(tree, base.difference);
  const manifest = evidence.take("base-manifest");
  if (manifest.length === 0) {
    const abridged = abridgedManifest(evidence.take("base-files"), evidence.take("base-others"), tree.hashed);
    return planOnBase(tree, differenceTo(abridged, tree.hashed));
  }
  return contentHashOf(manifest) === base.hash
    ? planOnBase(tree, differenceTo(manifest, tree.hashed))
    : planAll(tree);
}

/** Warns that what the host started from was wrong, and that nothing of it is used. */
function warnAgain(frame: Frame, evidence: Evidence, { tree, base }: Upload, context: Context): void {
  const what = explainWrong(frame.body.toString("utf8"), evidence, tree);
  const from = base === null ? "an upload that was cut" : `the snapshot ${base.hash}`;
  context.emit({
    type: "warning",
    message: `${from} on the host could not be built upon, everything is sent: ${what}`,
    hint: "`pikaci publish --verify` checks what is published, `--repair` replaces what is wrong",
  });
}

async function send(
  channel: ProgramChannel<"publish">,
  plan: UploadPlan,
  { tree, sparse, projectId, compression, stopped }: Upload & { readonly stopped: () => boolean },
  context: Context,
): Promise<number> {
  await sparse.find(plan.content);
  const start = `${plan.start}\n`;
  await channel.write(start);
  const listed = await sendList(channel, plan.drop);
  const metadata = snapshotMetadata(tree, projectId, context.clock());
  const sent = await sendTree(channel, plan.items(metadata, sparse), {
    stopped,
    onProgress: progress(plan.bytes - sparse.holeBytes(plan.content), context),
    compress: compression(plan),
    commit: () => tree.sums(),
  });
  return start.length + listed + sent;
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

/** Throws InfraError("host") for any other word. */
function publishedOutcome(word: string): "uploaded" | "repaired" {
  if (word === "uploaded" || word === "repaired") return word;
  throw unknownWord("how it published the tree", word);
}

function unknownWord(what: string, word: string): InfraError {
  return new InfraError("host", `the host does not say ${what}: ${quoted(word)}`, {
    hint: "run the command again; if it stays, report it with this message",
  });
}
