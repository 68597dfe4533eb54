// needs: nix
// time-limit: 240
import { lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { publish } from "../../src/publish/publish.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { applyEdit, bytes, editArbitrary, pathsBelow } from "../tree/tree-edits.ts";
import { makeContext, makeDirectory, removeWorkspaces } from "../workspace.ts";
import { hashTree, hostSpec, withSession } from "./publish-rig.ts";

const test = suite("publish by difference, against a model");
test.after(removeWorkspaces);

/** How a client meets a host: what it remembers, and what becomes of the earlier snapshots after the probe. */
const meeting = fc.constantFrom("remembers", "remembers", "forgot", "bases go", "verifies");
const steps = fc.array(
  fc.record({ edits: fc.array(editArbitrary, { minLength: 1, maxLength: 12 }), meeting }),
  { minLength: 2, maxLength: 4 },
);

test("whatever is edited, what is published is the workspace, and earlier snapshots stay as they were", async () => {
  const numRuns = Number(process.env.PIKACI_MODEL_RUNS ?? 12);
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const [workspace, workDir] = [makeDirectory(), join(makeDirectory(), "work")];
      let context = newContext();
      for (const { edits, meeting } of sequence) {
        for (const edit of edits) applyEdit(workspace, edit);
        if (meeting === "forgot") context = newContext();
        await publishAndCompare(workspace, workDir, context, meeting);
      }
      assert.equal(readdirSync(join(workDir, "tmp")), []);
    }),
    // uvu shows no cause.
    { numRuns, includeErrorInReport: true },
  );
});

function newContext() {
  return makeContext({ HOME: process.env.HOME });
}

async function publishAndCompare(
  workspace: string,
  workDir: string,
  context: ReturnType<typeof makeContext>,
  meeting: string,
): Promise<void> {
  const hashed = await hashTree(workspace, context);
  const published = await withSession(hostSpec("local", workDir), hashed, context, (session) => {
    const snapshots = join(workDir, "snapshots");
    if (meeting === "bases go")
      for (const name of readdirSync(snapshots))
        if (name !== hashed.contentHash) rmSync(join(snapshots, name), { recursive: true });
    const options = { projectId: "test", repair: false, verify: meeting === "verifies" };
    return publish(hashed, session, options, context);
  });
  const warnings = context.events.filter(({ type }) => type === "warning");
  assert.equal(warnings, []);
  // Reads all that is published again: content, type, executable bit, link, mode and time.
  assert.ok((await verifySnapshots(workDir)) > 0);
  const tree = join(published.remoteDir, "snapshot");
  assert.equal(pathsBelow(tree), pathsBelow(workspace));
  const files = pathsBelow(tree).map((path) => lstatSync(bytes(tree, path)));
  const inodes = files.filter((stats) => !stats.isDirectory()).map(({ ino }) => ino);
  assert.is(new Set(inodes).size, hashed.fileCount, "two paths of a tree share a file");
}

test.run();
