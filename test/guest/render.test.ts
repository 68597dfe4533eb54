// needs: nix
// time-limit: 240
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MismatchError } from "../../src/core/errors.ts";
import { PUBLISHED_TIME } from "../../src/core/layout.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { run } from "../../src/system/exec.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { failure, localHost, openRig, type Rig, renderOn, shape } from "../stage-rig.ts";

const { contentHash, files } = renderRunner(shape);
const test = suite<{ host: ReturnType<typeof localHost>; rig: Rig; workDir: string; record: string }>(
  "render on local",
);

test.before.each((context) => {
  context.host = localHost();
  context.rig = openRig(context.host);
  context.workDir = context.host.spec.workDir ?? "";
  context.record = join(context.workDir, "runners", contentHash, "pikaci-runner-flake.json");
});
test.after.each(({ host, rig }) => {
  rig.close();
  host.close();
});

test("published, built, rooted, recorded; then no remote command", async ({ rig, workDir, record }) => {
  const runner = await renderOn(rig);
  assert.is(runner.outcome, "built");
  assert.ok((statSync(join(runner.storePath, "bin/microvm-run")).mode & 0o100) !== 0);
  const flake = join(workDir, "runner-flakes", contentHash);
  for (const { path, content, executable } of files) {
    assert.ok(readFileSync(join(flake, path)).equals(content));
    const { mode, mtimeMs } = statSync(join(flake, path));
    assert.equal([mode & 0o7777, mtimeMs], [executable ? 0o755 : 0o644, PUBLISHED_TIME * 1000]);
  }
  await verifySnapshots(workDir);
  assert.equal(JSON.parse(readFileSync(record, "utf8")), {
    schema_version: 1,
    content_hash: contentHash,
    remote_store_path: runner.storePath,
  });
  const link = join(workDir, "runners", contentHash, "runner");
  assert.is(readlinkSync(link), runner.storePath);
  const roots = await run(["nix-store", "--query", "--roots", runner.storePath], { env: process.env });
  assert.match(roots.stdout.toString(), link);
  assert.equal(readdirSync(join(workDir, "tmp")), []);
  const again = await renderOn(rig, { programs: ["session"] });
  assert.equal([again.outcome, again.storePath], ["reused", runner.storePath]);
});

test("8 at once: one publication, one build", async ({ host }) => {
  const rigs = Array.from({ length: 8 }, () => openRig(host));
  try {
    const runners = await Promise.all(rigs.map((rig) => renderOn(rig)));
    const outcomes = runners.map(({ outcome }) => outcome).sort();
    assert.equal(outcomes, ["built", ...Array.from({ length: 7 }, () => "reused")]);
    assert.is(new Set(runners.map(({ storePath }) => storePath)).size, 1);
  } finally {
    for (const rig of rigs) rig.close();
  }
});

test("a record whose store path has no root any more is built anew", async ({ rig, workDir }) => {
  const { storePath } = await renderOn(rig);
  rmSync(join(workDir, "runners", contentHash, "runner"));
  const again = await renderOn(rig);
  assert.is(again.storePath, storePath);
  assert.is(readlinkSync(join(workDir, "runners", contentHash, "runner")), storePath);
});

const wrong = [
  ["cut", (text: string) => text.slice(0, -20), /names nothing that can be read/],
  ["empty", () => "", /names nothing that can be read/],
  [
    "another's",
    (text: string) => text.replace(contentHash, "b".repeat(64)),
    new RegExp(`${contentHash}.*b{64}`),
  ],
  ["of another version", (text: string) => text.replace(":1,", ":2,"), /names nothing that can be read/],
] as const;

for (const [name, change, message] of wrong)
  test(`a record that is ${name} is an error that --repair fixes`, async ({ rig, record }) => {
    const { storePath } = await renderOn(rig);
    const text = readFileSync(record, "utf8");
    writeFileSync(record, change(text));
    const error = await failure(renderOn(rig));
    assert.instance(error, MismatchError);
    assert.match(error.message, message);
    assert.match(error.hint ?? "", "--repair");
    assert.is(error.exitCode, 3);
    const repaired = await renderOn(rig, { repair: true });
    assert.equal([repaired.outcome, repaired.storePath], ["repaired", storePath]);
    assert.is(readFileSync(record, "utf8"), text);
    assert.is((await renderOn(rig)).outcome, "reused");
  });

test("a record that went wrong after the probe is found by the host itself", async ({ rig, record }) => {
  await renderOn(rig);
  const text = readFileSync(record, "utf8");
  const spoil = () => writeFileSync(record, text.slice(0, 40));
  const error = await failure(renderOn(rig, { unknown: true, before: spoil }));
  assert.instance(error, MismatchError);
  assert.match(error.message, contentHash);
});

test("a directory half made is completed", async ({ rig, workDir, record }) => {
  await renderOn(rig);
  rmSync(record);
  assert.is((await renderOn(rig)).outcome, "built");
  rmSync(join(workDir, "runner-flakes"), { recursive: true });
  rmSync(record);
  assert.is((await renderOn(rig)).outcome, "built");
  assert.ok(existsSync(join(workDir, "runner-flakes", contentHash, "flake.nix")));
});

test.run();
