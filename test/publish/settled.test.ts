// needs: nix
// time-limit: 120
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../src/core/context.ts";
import { TreeChanged } from "../../src/core/errors.ts";
import type { PikaciEvent } from "../../src/core/events.ts";
import type { Published } from "../../src/core/snapshot.ts";
import { publishSettled } from "../../src/publish/settled.ts";
import { openStatCache } from "../../src/tree/hashing/stat-cache.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree, hostSpec, withSession } from "./publish-rig.ts";

const test = suite("publish a tree that changes");
test.after(removeWorkspaces);

const filters = { include: [], exclude: [] };
const changed = /"z" changed after it was hashed/;

interface Tree {
  readonly root: string;
  readonly workDir: string;
  readonly context: Context;
  readonly events: readonly PikaciEvent[];
  readonly publish: () => Promise<Published>;
}

/** A tree whose last file can be changed when an event says so. */
function makeTree(onEvent: (event: PikaciEvent, root: string) => void): Tree {
  const [root, workDir] = [makeDirectory(), join(makeDirectory(), "work")];
  writeFiles(root, { a: "x".repeat(24_000_000), z: "first" });
  const events: PikaciEvent[] = [];
  const emit = (event: PikaciEvent) => {
    events.push(event);
    onEvent(event, root);
  };
  const context: Context = { ...makeContext({ HOME: process.env.HOME }), emit };
  const publish = async () => {
    const hashed = await hashTree(root, { ...context, emit: () => {} });
    const options = { projectId: "test", repair: false, filters };
    return withSession(hostSpec("local", workDir), hashed, context, (session) =>
      publishSettled(hashed, session, options, context),
    );
  };
  return { root, workDir, context, events, publish };
}

test("a file that changes while the tree is sent, once: published as it is then, with a warning", async () => {
  let changes = 0;
  const tree = makeTree((event, root) => {
    if (event.type !== "upload-progress" || changes > 0) return;
    changes += 1;
    writeFileSync(join(root, "z"), "second");
  });
  const { hashed, outcome, remoteDir } = await tree.publish();
  assert.is(changes, 1);
  assert.is(outcome, "uploaded");
  assert.is(readFileSync(join(remoteDir, "snapshot/z"), "utf8"), "second");
  assert.is((await hashTree(tree.root, makeContext())).contentHash, hashed.contentHash);
  const warnings = tree.events.filter((event) => event.type === "warning");
  assert.is(warnings.length, 1);
  assert.match(JSON.stringify(warnings), /z.* changed after it was hashed: taking the tree as it is now/);
  await verifySnapshots(tree.workDir);
});

test("a file that changes for ever is refused by name after three attempts, exit code 5", async () => {
  let round = 0;
  const tree = makeTree((event, root) => {
    if (event.type !== "upload-progress") return;
    round += 1;
    writeFileSync(join(root, "z"), `round ${round}`);
  });
  const error = await rejection(tree.publish());
  assert.instance(error, TreeChanged);
  assert.ok(error instanceof TreeChanged && changed.test(error.message) && error.exitCode === 5);
  assert.match((error instanceof TreeChanged && error.hint) || "", /snapshot\.exclude/);
  assert.is(tree.events.filter((event) => event.type === "warning").length, 2);
});

test("a stat cache that is wrong corrects itself: what no stat shows is read again", async () => {
  const tree = makeTree(() => {});
  await sleep(100);
  const hashed = await hashTree(tree.root, tree.context);
  const wrong = hashed.entries.map((entry) => ({ ...entry, digest: "0".repeat(64) }));
  assert.is(openStatCache(tree.root, tree.context).save([], wrong), null);
  const lying = await hashTree(tree.root, tree.context);
  assert.is.not(lying.contentHash, hashed.contentHash);
  assert.is(lying.filesRead, 0);
  const published = await tree.publish();
  assert.is(published.hashed.contentHash, hashed.contentHash);
  assert.is((await hashTree(tree.root, tree.context)).filesRead, 0);
  await verifySnapshots(tree.workDir);
});

test.run();
