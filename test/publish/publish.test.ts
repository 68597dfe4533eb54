// needs: nix
// time-limit: 180
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { CancelledError, InfraError, MismatchError, SnapshotRefused } from "../../src/core/errors.ts";
import { publish } from "../../src/publish/publish.ts";
import { connect } from "../../src/remote/connect.ts";
import { verifySnapshots } from "../lab/verify.ts";
import {
  makeContext,
  makeDirectory,
  makeExecutable,
  rejection,
  removeWorkspaces,
  writeFiles,
} from "../workspace.ts";
import { hashTree, hostSpec, publishOnce, withSession } from "./publish-rig.ts";

const test = suite("publish on this machine");
test.after(removeWorkspaces);

const CLIENT = childWords("test/publish/publish-client.ts");
const context = () => makeContext({ HOME: process.env.HOME });
const workDirs: string[] = [];

function host() {
  const workDir = join(makeDirectory(), "work");
  workDirs.push(workDir);
  return hostSpec("local", workDir);
}

function makeTree(
  files: Readonly<Record<string, string>> = { "a/b/c": "deep", top: "x".repeat(700_000) },
): string {
  const root = makeDirectory();
  writeFiles(root, files);
  return root;
}

/** Nothing staged, nothing locked. */
function assertClean(workDir: string): void {
  assert.equal(readdirSync(join(workDir, "tmp")), []);
}

/** Nothing but what arrived whole of an upload that was cut. */
function assertOnlyPartial(workDir: string): void {
  assert.ok(readdirSync(join(workDir, "tmp")).every((name) => name.startsWith("partial-")));
}

test("a cold publication uploads, the next one sends nothing", async () => {
  const spec = host();
  const tree = makeTree();
  makeExecutable(tree, "a/b/c");
  const hashed = await hashTree(tree, context());
  const events = context();
  const cold = await publishOnce(spec, hashed, events);
  assert.is(cold.outcome, "uploaded");
  assert.ok(cold.bytesSent > 700_000 && cold.bytesSent < 720_000, `${cold.bytesSent}`);
  assert.is(cold.remoteDir, join(spec.workDir ?? "", "snapshots", hashed.contentHash));
  assert.ok(events.events.some(({ type }) => type === "upload-progress"));
  const warm = await publishOnce(spec, hashed, context());
  assert.equal([warm.outcome, warm.bytesSent], ["reused", 0]);
  assertClean(spec.workDir ?? "");
});

test("hostile names, links, empty directories and long paths arrive bit for bit", async () => {
  const spec = host();
  const long = `${"d".repeat(120)}/${"e".repeat(200)}/${"f".repeat(255)}`;
  const tree = makeTree({
    "new\nline": "1",
    " space ": "2",
    "-rf": "3",
    "$(touch pwned)`id`": "4",
    "quote'\"": "5",
    "non\xff\xfeutf8/\x80": "6",
    "back\\slash": "7",
    [long]: "8",
    "d/…": "9",
    "\x01": "",
  });
  mkdirSync(join(tree, "empty/inside"), { recursive: true });
  symlinkSync("nowhere", join(tree, "dangling"));
  symlinkSync("../../../etc/passwd", join(tree, "d", "out"));
  symlinkSync(`/${"l".repeat(300)}`, join(tree, "long link"));
  symlinkSync(Buffer.from("non\xff", "latin1"), join(tree, "bytes"));
  const hashed = await hashTree(tree, context());
  const { remoteDir } = await publishOnce(spec, hashed, context());
  assert.is((await publishOnce(spec, hashed, context())).outcome, "reused");
  assert.ok(existsSync(join(remoteDir, "snapshot/empty/inside")));
});

test("an empty tree is a snapshot", async () => {
  const hashed = await hashTree(makeTree({}), context());
  assert.is((await publishOnce(host(), hashed, context())).outcome, "uploaded");
});

test("umask and a setgid work dir change no mode", async () => {
  const spec = host();
  mkdirSync(spec.workDir ?? "", { mode: 0o2775 });
  const hashed = await hashTree(makeTree(), context());
  await publishOnce(spec, hashed, context());
});

test("eight clients at once: one uploads, seven reuse", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree({ big: "y".repeat(20_000_000) }), context());
  const all = await Promise.all(Array.from({ length: 8 }, () => publishOnce(spec, hashed, context())));
  assert.is(all.filter(({ outcome }) => outcome === "uploaded").length, 1);
  assert.is(all.filter(({ outcome }) => outcome === "reused").length, 7);
  assertClean(spec.workDir ?? "");
});

test("a file that changes before it is sent is named, and the host keeps nothing", async () => {
  const spec = host();
  const tree = makeTree();
  const hashed = await hashTree(tree, context());
  writeFileSync(join(tree, "top"), "z".repeat(700_000));
  const error = await rejection(publishOnce(spec, hashed, context()));
  assert.instance(error, SnapshotRefused);
  assert.match(String(error), /"top" changed/);
  assertClean(spec.workDir ?? "");
  assert.equal(readdirSync(join(spec.workDir ?? "", "snapshots")), []);
});

test("what is published and wrong is an error that names both hashes; repair replaces it", async () => {
  for (const [spoil, found] of [
    [(dir: string) => rmSync(join(dir, "pikaci-snapshot.json")), "no readable metadata"],
    [(dir: string) => writeFileSync(join(dir, "pikaci-snapshot.json"), "{"), "no readable metadata"],
    [
      (dir: string) => {
        const file = join(dir, "pikaci-snapshot.json");
        writeFileSync(file, readFileSync(file, "utf8").replace(/[0-9a-f]{64}/, "0".repeat(64)));
      },
      "0".repeat(64),
    ],
  ] as const) {
    const spec = host();
    const hashed = await hashTree(makeTree(), context());
    const { remoteDir } = await publishOnce(spec, hashed, context());
    spoil(remoteDir);
    const error = await rejection(publishOnce(spec, hashed, context()));
    if (!(error instanceof MismatchError)) throw error;
    assert.is(error.exitCode, 3);
    assert.ok(String(error).includes(hashed.contentHash) && String(error).includes(found), String(error));
    assert.match(error.hint ?? "", /--repair/);
    const repaired = await publishOnce(spec, hashed, context(), { repair: true });
    assert.is(repaired.outcome, "repaired");
    assert.is((await publishOnce(spec, hashed, context())).outcome, "reused");
    assert.match(readdirSync(join(spec.workDir ?? "", "tmp")).join(), /^aside-/);
  }
});

test("repair leaves what a running job sees, and says so", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), context());
  const { remoteDir } = await publishOnce(spec, hashed, context());
  writeFileSync(join(remoteDir, "snapshot/top"), "tampered");
  const lock = join(spec.workDir ?? "", `locks/use-${hashed.contentHash}`);
  const guard = spawn("flock", ["--shared", lock, "sh", "-c", "echo held; exec cat"]);
  await once(guard.stdout, "data");
  const error = await rejection(publishOnce(spec, hashed, context(), { repair: true }));
  assert.match(String(error), /a running job uses it/);
  assert.is(readFileSync(join(remoteDir, "snapshot/top"), "utf8"), "tampered");
  guard.stdin.end();
  await once(guard, "close");
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "repaired");
});

test("repair waits for a probe that looks at the snapshot just now", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), context());
  const { remoteDir } = await publishOnce(spec, hashed, context());
  writeFileSync(join(remoteDir, "snapshot/top"), "tampered");
  const lock = join(spec.workDir ?? "", `locks/use-${hashed.contentHash}`);
  const probe = spawn("flock", ["--shared", lock, "sh", "-c", "echo held; exec sleep 2"]);
  await once(probe.stdout, "data");
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "repaired");
});

test("a file that a sweep's flock leaves where the upload was is no failure", async () => {
  const bin = makeDirectory();
  const lastButOne = 'while [ "$#" -gt 2 ]; do shift; done';
  writeFiles(bin, { mv: `#!/bin/sh\n/bin/mv "$@" || exit\n${lastButOne}\n[ -e "$1" ] || : >"$1"\n` });
  makeExecutable(bin, "mv");
  const spec = host();
  const swept = makeContext({ HOME: process.env.HOME, PATH: `${bin}:${process.env.PATH}` });
  const hashed = await hashTree(makeTree(), swept);
  assert.is((await publishOnce(spec, hashed, swept)).outcome, "uploaded");
  assert.is((await publishOnce(spec, hashed, swept)).outcome, "reused");
  await verifySnapshots(spec.workDir ?? "");
});

test("repair finds content that was altered under good metadata, and leaves what is right", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), context());
  const { remoteDir } = await publishOnce(spec, hashed, context());
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "reused");
  writeFileSync(join(remoteDir, "snapshot/top"), "tampered");
  assert.is((await publishOnce(spec, hashed, context(), { repair: true })).outcome, "repaired");
});

test("a snapshot that does not fit is refused before anything is sent", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), context());
  const error = await rejection(
    withSession(spec, hashed, context(), (session) =>
      publish(
        hashed,
        { ...session, facts: { ...session.facts, freeBytes: 1000 } },
        { projectId: "test", repair: false },
        context(),
      ),
    ),
  );
  assert.ok(error instanceof InfraError && error.where === "disk", String(error));
  assert.match(String(error), /needs 700004 bytes, has 1000/);
});

test("an abort ends the upload at once and leaves nothing", async () => {
  const spec = host();
  const controller = new AbortController();
  const hashed = await hashTree(makeTree({ big: "y".repeat(30_000_000) }), context());
  const stopping = makeContext({ HOME: process.env.HOME }, controller.signal);
  const emit = (event: { type: string }) => {
    if (event.type === "upload-progress") controller.abort(new CancelledError("SIGINT"));
  };
  const error = await rejection(publishOnce(spec, hashed, { ...stopping, emit }));
  assert.instance(error, CancelledError);
  assertOnlyPartial(spec.workDir ?? "");
  assert.equal(readdirSync(join(spec.workDir ?? "", "snapshots")), []);
});

test("a client that stops in the middle is given up, and the next one succeeds", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), context());
  const error = await rejection(
    withSession(spec, hashed, context(), async ({ facts, connection }) => {
      const channel = await connection.open("publish", {
        work_dir: facts.workDir,
        content_hash: hashed.contentHash,
        idle_s: "1",
      });
      await channel.write("all\n0\n100000\nonly this much");
      const seen: string[] = [];
      for await (const frame of channel.frames()) seen.push(frame.type);
      throw new Error(`no error after ${seen}`);
    }),
  );
  assert.ok(error instanceof InfraError && error.where === "network", String(error));
  assert.match(String(error), /sent nothing for 1 s/);
  assertClean(spec.workDir ?? "");
  assert.is((await publishOnce(spec, hashed, context())).outcome, "uploaded");
});

test("a client that is killed in the middle leaves nothing, and the next one succeeds", async () => {
  const [home, tree] = [makeDirectory(), makeTree({ big: "y".repeat(200_000_000) })];
  const workDir = join(home, ".local/state/pikaci");
  workDirs.push(workDir);
  const client = spawn(process.execPath, [...CLIENT, "local", tree], {
    env: { ...process.env, HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(client.stdout, "data");
  client.kill("SIGKILL");
  await once(client, "close");
  for (let tries = 0; readdirSync(join(workDir, "tmp")).length > 0 && tries < 50; tries += 1)
    await sleep(100);
  assertClean(workDir);
  assert.equal(readdirSync(join(workDir, "snapshots")), []);
  const hashed = await hashTree(tree, context());
  assert.is((await publishOnce(hostSpec("local", workDir), hashed, context())).outcome, "uploaded");
});

test("a client that goes while it waits for the lock ends its program at once", async () => {
  const spec = host();
  const hashed = await hashTree(makeTree(), context());
  await withSession(spec, hashed, context(), async ({ facts, connection }) => {
    const lock = join(facts.workDir, "locks", `snapshots-${hashed.contentHash}`);
    const holder = spawn("flock", [lock, "sleep", "60"]);
    while (spawnSync("flock", ["-n", lock, "true"]).status === 0) await sleep(20);
    const channel = await connection.open("publish", {
      work_dir: facts.workDir,
      content_hash: hashed.contentHash,
    });
    for await (const { type } of channel.frames()) {
      assert.is(type, "waiting");
      break;
    }
    channel.end();
    assert.is((await channel.closed).exitCode, 1);
    assert.is(holder.exitCode, null, "it waited for the lock");
    holder.kill();
  });
});

test("a connection is closed once, and leaves no child", async () => {
  const connection = await connect(host(), context());
  await connection.close();
  await connection.close();
});

test("every published snapshot is what its name says", async () => {
  let verified = 0;
  for (const dir of workDirs) if (existsSync(dir)) verified += await verifySnapshots(dir);
  assert.ok(verified >= 10, `${verified}`);
});

test.run();
