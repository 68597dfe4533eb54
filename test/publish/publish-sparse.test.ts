// needs: nix
// time-limit: 180
// exhaustive: a file of more than 8 GiB
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, InfraError, SnapshotRefused } from "../../src/core/errors.ts";
import type { HostSpec } from "../../src/core/project.ts";
import { publish } from "../../src/publish/publish.ts";
import { exhaustively } from "../exhaustive.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree, hostSpec, publishOnce, withSession } from "./publish-rig.ts";

const test = suite("files with holes are published without them");
test.after(removeWorkspaces);

const [KIB, MIB, GIB] = [2 ** 10, 2 ** 20, 2 ** 30];
const newContext = () => makeContext({ HOME: process.env.HOME });
const host = (): HostSpec => hostSpec("local", join(makeDirectory(), "work"));

/** Makes a file of `size` bytes with a few bytes of data in its middle. */
function writeSparse(path: string | Buffer, size: number): void {
  writeFileSync(path, "");
  truncateSync(path.toString("latin1"), size);
  const fd = openSync(path, "r+");
  writeSync(fd, "middle", Math.floor(size / 2));
  closeSync(fd);
}

/** Two files with holes, one of them in a directory with a newline in its name, and one without. */
function makeTree(): string {
  const root = makeDirectory();
  writeFiles(root, { "new\nline/other": "", plain: "plain\n" });
  writeSparse(join(root, "disk.img"), 30 * MIB);
  writeSparse(join(root, "new\nline/new\nline"), 5 * MIB);
  return root;
}

/** Bytes that it takes on its disk. */
const room = (path: string) => lstatSync(path).blocks * 512;

function roomBelow(directory: string): number {
  return Number(execFileSync("du", ["-s", "-B1", directory], { encoding: "utf8" }).split("\t")[0]);
}

test("neither the way nor the host sees the holes, and the content hash is that of the zeros", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const hashed = await hashTree(tree, context);
  const { remoteDir, bytesSent } = await publishOnce(spec, hashed, context, { verify: true });
  assert.ok(bytesSent < 100 * KIB, `${bytesSent} bytes`);
  assert.is(lstatSync(`${remoteDir}/snapshot/disk.img`).size, 30 * MIB);
  assert.ok(roomBelow(remoteDir) < 300 * KIB, `${roomBelow(remoteDir)} bytes`);
  // A copy without holes has this hash, too.
  execFileSync("cp", ["--sparse=never", join(tree, "disk.img"), join(tree, "full")]);
  renameSync(join(tree, "full"), join(tree, "disk.img"));
  assert.ok(room(join(tree, "disk.img")) >= 30 * MIB);
  assert.is((await hashTree(tree, context)).contentHash, hashed.contentHash);
  await verifySnapshots(spec.workDir ?? "");
});

test("on a base: unchanged and renamed files keep their holes, a changed one is sent anew without them", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  renameSync(join(tree, "disk.img"), join(tree, "renamed.img"));
  writeFileSync(join(tree, "plain"), "changed\n");
  const second = await publishOnce(spec, await hashTree(tree, context), context, { verify: true });
  const inode = (path: string) => lstatSync(path).ino;
  assert.is(inode(`${second.remoteDir}/snapshot/renamed.img`), inode(`${first.remoteDir}/snapshot/disk.img`));
  writeSparse(join(tree, "renamed.img"), 40 * MIB);
  const third = await publishOnce(spec, await hashTree(tree, context), context, { verify: true });
  for (const { bytesSent, remoteDir } of [second, third]) {
    assert.ok(bytesSent < 50 * KIB, `${bytesSent} bytes`);
    assert.ok(roomBelow(remoteDir) < 300 * KIB);
  }
  assert.is(lstatSync(`${third.remoteDir}/snapshot/renamed.img`).size, 40 * MIB);
  await verifySnapshots(spec.workDir ?? "");
});

exhaustively(test)(
  "a file of more than 8 GiB, which the host waits for as long as its holes are read",
  async () => {
    const [spec, tree, context] = [host(), makeDirectory(), newContext()];
    writeSparse(join(tree, "vast"), 9 * GIB);
    const { remoteDir, bytesSent } = await publishOnce(spec, await hashTree(tree, context), context, {
      idleSeconds: 20,
    });
    assert.ok(bytesSent < 20 * KIB, `${bytesSent} bytes`);
    assert.is(lstatSync(`${remoteDir}/snapshot/vast`).size, 9 * GIB);
    assert.ok(room(`${remoteDir}/snapshot/vast`) < 100 * KIB);
  },
);

test("holes need no room on the host: what does not fit is refused with the numbers of its data", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const publishWith = async (freeBytes: number) => {
    const hashed = await hashTree(tree, context);
    return withSession(spec, hashed, context, (session) =>
      publish(
        hashed,
        { ...session, facts: { ...session.facts, freeBytes } },
        { projectId: "test", repair: false },
        context,
      ),
    );
  };
  assert.is((await publishWith(MIB)).outcome, "uploaded");
  writeFiles(tree, { "disk.img": "x".repeat(2 * MIB) });
  const error = await rejection(publishWith(MIB));
  if (!(error instanceof InfraError)) throw error;
  assert.match(error.message, /too full for the snapshot: it needs 2097\d{3} bytes, has 1048576/);
  // On top of nothing, where the holes of all files count.
  const other = { ...spec, workDir: join(makeDirectory(), "work") };
  writeSparse(join(tree, "disk.img"), 30 * MIB);
  const hashed = await hashTree(tree, context);
  const refused = await rejection(
    withSession(other, hashed, context, (session) =>
      publish(
        hashed,
        { ...session, facts: { ...session.facts, freeBytes: 1000 } },
        { projectId: "test", repair: false },
        context,
      ),
    ),
  );
  assert.match(String(refused), /it needs 163\d\d bytes, has 1000/);
});

test("an upload that was cut keeps files with holes that arrived whole, with their holes", async () => {
  const [spec, tree] = [host(), makeDirectory()];
  writeSparse(join(tree, "a"), 30 * MIB);
  for (let n = 0; n < 30; n++) writeFileSync(join(tree, `b${n}`), randomBytes(100_000));
  writeSparse(join(tree, "c"), 20 * MIB);
  const controller = new AbortController();
  let now = 0;
  const cutting = {
    ...makeContext({ HOME: process.env.HOME }, controller.signal),
    clock: () => {
      now += 1000;
      return new Date(now);
    },
    emit: (event: { type: string; bytes?: number; totalBytes?: number }) => {
      if (event.type !== "upload-progress") return;
      // Of the data: the holes are not on their way.
      assert.ok((event.totalBytes ?? 0) < 4 * MIB);
      if ((event.bytes ?? 0) > 1.5 * MIB) controller.abort(new CancelledError("SIGINT"));
    },
  };
  assert.instance(await rejection(publishOnce(spec, await hashTree(tree, cutting), cutting)), CancelledError);
  const [partial = ""] = readdirSync(join(spec.workDir ?? "", "tmp"));
  const staged = join(spec.workDir ?? "", "tmp", partial, "snapshot/a");
  assert.is(lstatSync(staged).size, 30 * MIB);
  assert.ok(room(staged) < 100 * KIB);
  const context = newContext();
  const rest = await publishOnce(spec, await hashTree(tree, context), context, { verify: true });
  assert.ok(rest.bytesSent < 2.5 * MIB, `${rest.bytesSent}`);
  assert.ok(roomBelow(rest.remoteDir) < 4 * MIB);
});

test("a file with holes that changes before it is sent is named, and the host keeps nothing", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const hashed = await hashTree(tree, context);
  const fd = openSync(join(tree, "disk.img"), "r+");
  writeSync(fd, "late", 20 * MIB);
  closeSync(fd);
  const error = await rejection(publishOnce(spec, hashed, context));
  assert.instance(error, SnapshotRefused);
  assert.match(String(error), /"disk.img" changed/);
  assert.equal(readdirSync(join(spec.workDir ?? "", "snapshots")), []);
});

test.run();
