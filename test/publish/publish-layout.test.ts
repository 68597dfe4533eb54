// needs: nix
// time-limit: 240
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { LAYOUT_VERSION, PUBLISHED_TIME } from "../../src/core/layout.ts";
import type { HostSpec } from "../../src/core/project.ts";
import { publish } from "../../src/publish/publish.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";
import { makeOlder, writeLayout } from "./older-layout.ts";
import { hashTree, hostSpec, publishOnce, withSession } from "./publish-rig.ts";

const test = suite("a snapshot of an older layout");
test.after(removeWorkspaces);

const newContext = () => makeContext({ HOME: process.env.HOME });

function host(): HostSpec & { readonly workDir: string } {
  const workDir = join(makeDirectory(), "work");
  return { ...hostSpec("local", workDir), workDir };
}

const SIZE = 300_000;

function makeTree(): string {
  const root = makeDirectory();
  writeFiles(root, { "a/one": "1".repeat(SIZE), "a/two": "2".repeat(SIZE), "b/c/three": "3".repeat(SIZE) });
  return root;
}

const TOTAL = 3 * SIZE;
const stat = (path: string) => lstatSync(path);

const withOlder = () => withOther(makeOlder);

/** A host with the tree as the first layout had it, or as another pikaci's does. */
async function withOther(change: (remoteDir: string) => void) {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const hashed = await hashTree(tree, context);
  const { remoteDir } = await publishOnce(spec, hashed, context);
  change(remoteDir);
  return { spec, tree, context, hashed, remoteDir };
}

test("everything published is from 1980-01-02, whatever the workspace's times are", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  utimesSync(join(tree, "a/one"), 1, 1);
  const { remoteDir } = await publishOnce(spec, await hashTree(tree, context), context);
  assert.is(stat(join(remoteDir, "snapshot/a/one")).mtime.toISOString(), "1980-01-02T00:00:00.000Z");
  await verifySnapshots(spec.workDir);
});

for (const options of [{}, { verify: true }, { repair: true }, { verify: true, repair: true }])
  test(`counts as absent with ${JSON.stringify(options)}`, async () => {
    const { spec, hashed, context, remoteDir } = await withOlder();
    await withSession(spec, hashed, context, async ({ facts }) =>
      assert.equal(facts.snapshot, { state: "missing" }),
    );
    const again = await publishOnce(spec, hashed, context, options);
    assert.is(again.outcome, "uploaded");
    assert.ok(again.bytesSent > TOTAL, `${again.bytesSent}`);
    assert.is(stat(join(remoteDir, "snapshot/a/one")).mtimeMs, PUBLISHED_TIME * 1000);
    assert.is((await publishOnce(spec, hashed, context, { verify: true })).outcome, "reused");
    await verifySnapshots(spec.workDir);
  });

test("what is wrong in it is no mismatch either", async () => {
  const { spec, hashed, context, remoteDir } = await withOlder();
  writeFileSync(join(remoteDir, "snapshot/a/one"), "tampered");
  const metadata = join(remoteDir, "pikaci-snapshot.json");
  writeFileSync(metadata, readFileSync(metadata, "utf8").replace(/[0-9a-f]{64}/, "0".repeat(64)));
  assert.is((await publishOnce(spec, hashed, context)).outcome, "uploaded");
  await verifySnapshots(spec.workDir);
});

test("one of a newer layout counts as absent, too", async () => {
  const { spec, tree, hashed, context, remoteDir } = await withOther((dir) =>
    writeLayout(dir, LAYOUT_VERSION + 1),
  );
  assert.is((await publishOnce(spec, hashed, context)).outcome, "uploaded");
  writeLayout(remoteDir, LAYOUT_VERSION + 1);
  writeFileSync(join(tree, "a/one"), "changed");
  const other = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(other.bytesSent > TOTAL - SIZE, `${other.bytesSent}`);
});

test("is no base: the host does not name it, and builds on it for no client that does", async () => {
  const { spec, tree, hashed, context, remoteDir } = await withOlder();
  writeFileSync(join(tree, "a/one"), "changed");
  const next = await hashTree(tree, context);
  const published = await withSession(spec, next, context, (session) => {
    assert.equal(session.facts.snapshots, []);
    const facts = { ...session.facts, snapshots: [hashed.contentHash] };
    return publish(next, { ...session, facts }, { projectId: "test", repair: false }, context);
  });
  assert.is(published.outcome, "uploaded");
  assert.ok(published.bytesSent > TOTAL - SIZE, `${published.bytesSent}`);
  assert.is(stat(join(remoteDir, "snapshot/a/two")).nlink, 1);
  assert.is(stat(join(remoteDir, "snapshot/a/two")).mtimeMs, 1000);
  assert.not.ok(context.events.some(({ type }) => type === "warning"));
});

test("a snapshot of this layout beside it is the base", async () => {
  const { spec, tree, context } = await withOlder();
  writeFileSync(join(tree, "a/one"), "changed");
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  writeFileSync(join(tree, "a/one"), "changed again");
  const second = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(second.bytesSent < 20_000, `${second.bytesSent}`);
  assert.is(
    stat(join(first.remoteDir, "snapshot/a/two")).ino,
    stat(join(second.remoteDir, "snapshot/a/two")).ino,
  );
});

/** A published snapshot becomes an upload that was cut just now, when all had arrived. */
function cutShort({ workDir }: { readonly workDir: string }, hash: string): void {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  const partial = join(workDir, `tmp/partial-${hash}-${boot}`);
  renameSync(join(workDir, "snapshots", hash), partial);
  utimesSync(partial, new Date(), new Date());
}

test("an upload that was cut before is sent again whole, and nothing of it stays", async () => {
  const { spec, hashed, context, remoteDir } = await withOlder();
  // Open, so that the file system gives its inode number to no other file.
  const first = openSync(join(remoteDir, "snapshot/a/one"), "r");
  const inode = fstatSync(first).ino;
  cutShort(spec, hashed.contentHash);
  const again = await publishOnce(spec, hashed, context);
  closeSync(first);
  assert.is(again.outcome, "uploaded");
  assert.ok(again.bytesSent > TOTAL, `${again.bytesSent}`);
  assert.is.not(stat(join(remoteDir, "snapshot/a/one")).ino, inode);
  assert.equal(readdirSync(join(spec.workDir, "tmp")), []);
  await verifySnapshots(spec.workDir);
});

test("an upload of this layout that was cut is taken up", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const hashed = await hashTree(tree, context);
  await publishOnce(spec, hashed, context);
  cutShort(spec, hashed.contentHash);
  const again = await publishOnce(spec, hashed, context);
  assert.ok(again.bytesSent < 20_000, `${again.bytesSent}`);
});

test("stays where it is until the new one is whole", async () => {
  const { spec, hashed, context, remoteDir } = await withOlder();
  const error = await rejection(
    withSession(spec, hashed, context, async ({ facts, connection }) => {
      const channel = await connection.open("publish", {
        work_dir: facts.workDir,
        content_hash: hashed.contentHash,
        idle_s: "1",
      });
      await channel.write("all\n0\n100000\nonly this much");
      for await (const { type } of channel.frames()) assert.is(type, "send");
      throw new Error("no error");
    }),
  );
  assert.ok(error instanceof InfraError && error.where === "network", String(error));
  assert.is(stat(join(remoteDir, "snapshot/a/one")).mtimeMs, 1000);
  assert.is((await publishOnce(spec, hashed, context)).outcome, "uploaded");
});

test("is moved away from under no guest: what sees it keeps it until it ends", async () => {
  const { spec, hashed, context } = await withOlder();
  const tmp = join(spec.workDir, "tmp");
  const lock = join(spec.workDir, `locks/use-${hashed.contentHash}`);
  const guard = spawn("flock", ["--shared", lock, "sh", "-c", "echo held; exec cat"]);
  await once(guard.stdout, "data");
  assert.is((await publishOnce(spec, hashed, context)).outcome, "uploaded");
  const [aside = ""] = readdirSync(tmp);
  assert.match(aside, `aside-${hashed.contentHash}`);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  utimesSync(join(tmp, aside), anHourAgo, anHourAgo);
  await withSession(spec, hashed, context, async ({ facts }) => assert.is(facts.swept, 0));
  assert.is(stat(join(tmp, aside, "wrong/snapshot/a/one")).size, SIZE);
  guard.stdin.end();
  await once(guard, "close");
  // A helper of the session before may hold the lock a moment longer: one of the next sessions sweeps it.
  let swept = 0;
  for (let sessions = 0; swept === 0 && sessions < 20; sessions += 1)
    await withSession(spec, hashed, context, async ({ facts }) => {
      swept = facts.swept;
    });
  assert.is(swept, 1);
  assert.equal(readdirSync(tmp), []);
});

test("four clients at once: one replaces it, three reuse", async () => {
  const { spec, hashed } = await withOlder();
  const all = await Promise.all(Array.from({ length: 4 }, () => publishOnce(spec, hashed, newContext())));
  assert.equal(all.map(({ outcome }) => outcome).sort(), ["reused", "reused", "reused", "uploaded"]);
  await verifySnapshots(spec.workDir);
});

test("a directory without metadata is wrong, and not of an older layout", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), newContext());
  mkdirSync(join(spec.workDir, "snapshots", hashed.contentHash), { recursive: true });
  writeFileSync(join(spec.workDir, "pikaci-work-dir"), "");
  const error = await rejection(publishOnce(spec, hashed, newContext()));
  assert.match(String(error), "is not what its name says");
});

test.run();
