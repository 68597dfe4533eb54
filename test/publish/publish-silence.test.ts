// needs: nix
// time-limit: 120
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Channel } from "../../src/remote/connection.ts";
import { eventually } from "../lab/rig.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree, hostSpec, publishOnce, withSession } from "./publish-rig.ts";

const test = suite("publish to a client that says or reads nothing");
const IDLE = 2;
test.after(removeWorkspaces);

/** A host of its own, with `tree` published. */
async function published(tree: string) {
  const spec = hostSpec("local", makeDirectory());
  const context = makeContext({ HOME: process.env.HOME });
  const hashed = await hashTree(tree, context);
  const { remoteDir } = await publishOnce(spec, hashed, context);
  const open = (params: Record<string, string>, use: (channel: Channel) => Promise<void>) =>
    withSession(spec, hashed, context, async ({ connection, facts }) => {
      const own = { work_dir: facts.workDir, content_hash: hashed.contentHash, idle_s: String(IDLE) };
      await use(await connection.open("publish", { ...own, ...params }));
    });
  const isLocked = (hash: string) => {
    try {
      execFileSync("flock", ["-n", join(spec.workDir ?? "", "locks", `snapshots-${hash}`), "true"]);
      return false;
    } catch {
      return true;
    }
  };
  return { spec, hashed, context, remoteDir, open, isLocked };
}

async function nextType(channel: Channel): Promise<string> {
  for await (const { type } of channel.frames()) return type;
  throw new Error("no frame");
}

async function drained(channel: Channel): Promise<void> {
  for await (const _ of channel.frames());
}

test("a base's manifest that the client does not read ends after the idle time, and the lock is free", async () => {
  const tree = makeDirectory();
  mkdirSync(join(tree, "d"));
  for (let n = 0; n < 12_000; n++) writeFileSync(join(tree, "d", randomBytes(40).toString("hex")), "");
  const { hashed, open, isLocked } = await published(tree);
  const target = "b".repeat(64);
  await open({ content_hash: target, base: hashed.contentHash, fetch: "yes" }, async (channel) => {
    await eventually("the lock is taken", 10, () => isLocked(target) || null);
    await eventually("the lock is free", IDLE + 15, () => (isLocked(target) ? null : true));
    channel.kill();
  });
});

test("a client that goes when it is asked what the snapshot has to be leaves a right one alone", async () => {
  const tree = makeDirectory();
  writeFiles(tree, { file: "content" });
  const { open, remoteDir } = await published(tree);
  await open({ repair: "yes" }, async (channel) => {
    assert.is(await nextType(channel), "check");
    channel.end();
    assert.match(String(await rejection(drained(channel))), "went away before it said");
  });
  assert.ok(existsSync(join(remoteDir, "pikaci-snapshot.json")));
});

test("a client that is silent when it is asked does so too, after the idle time", async () => {
  const tree = makeDirectory();
  writeFiles(tree, { file: "content" });
  const { open, remoteDir, isLocked, hashed } = await published(tree);
  await open({ repair: "yes" }, async (channel) => {
    assert.is(await nextType(channel), "check");
    assert.match(String(await rejection(drained(channel))), "went away before it said");
    assert.not.ok(isLocked(hashed.contentHash));
  });
  assert.ok(existsSync(join(remoteDir, "pikaci-snapshot.json")));
});

test.run();
