// needs: nix
// time-limit: 240
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CancelledError, InfraError, MismatchError } from "../../src/core/errors.ts";
import { PUBLISHED_TIME } from "../../src/core/layout.ts";
import type { HostSpec } from "../../src/core/project.ts";
import { publish } from "../../src/publish/publish.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree, hostSpec, publishOnce, withSession } from "./publish-rig.ts";

const test = suite("publish by difference");
const workDirs: string[] = [];
test.after(removeWorkspaces);

const newContext = (signal?: AbortSignal) => makeContext({ HOME: process.env.HOME }, signal);

function host(): HostSpec {
  const workDir = join(makeDirectory(), "work");
  workDirs.push(workDir);
  return hostSpec("local", workDir);
}

const FILES = 50;
const FILE_SIZE = 100_000;

/** Fifty files of 100 kB that no one can compress, in five directories. */
function makeTree(): string {
  const root = makeDirectory();
  for (let n = 0; n < FILES; n += 1) {
    mkdirSync(join(root, `dir${n % 5}`), { recursive: true });
    writeFileSync(join(root, `dir${n % 5}/file${n}`), randomBytes(FILE_SIZE));
  }
  symlinkSync("dir0/file0", join(root, "link"));
  return root;
}

const inode = (path: string) => lstatSync(path).ino;

test("one changed file is all that is sent, and the others are the base's own", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  writeFileSync(join(tree, "dir1/file1"), "changed");
  const second = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(second.bytesSent < first.bytesSent / 100, `${second.bytesSent} of ${first.bytesSent}`);
  const [old, now] = [first, second].map(({ remoteDir }) => join(remoteDir, "snapshot"));
  assert.is(inode(`${old}/dir1/file6`), inode(`${now}/dir1/file6`));
  assert.is.not(inode(`${old}/dir1/file1`), inode(`${now}/dir1/file1`));
});

test("a client without memory fetches the newest manifest, and sends as little", async () => {
  const [spec, tree] = [host(), makeTree()];
  const first = await publishOnce(spec, await hashTree(tree, newContext()), newContext());
  writeFileSync(join(tree, "dir1/file1"), "changed");
  const fresh = newContext();
  const second = await publishOnce(spec, await hashTree(tree, fresh), fresh);
  assert.ok(second.bytesSent < first.bytesSent / 100, `${second.bytesSent} of ${first.bytesSent}`);
});

test("a directory that was renamed is not sent, and keeps its files", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  renameSync(join(tree, "dir2"), join(tree, "other"));
  const second = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(second.bytesSent < 60_000, `${second.bytesSent}`);
  assert.is(
    inode(`${first.remoteDir}/snapshot/dir2/file2`),
    inode(`${second.remoteDir}/snapshot/other/file2`),
  );
});

test("a file that is executable now is a new file", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  chmodSync(join(tree, "dir1/file1"), 0o755);
  const second = await publishOnce(spec, await hashTree(tree, context), context);
  assert.is(lstatSync(`${first.remoteDir}/snapshot/dir1/file1`).mode & 0o7777, 0o644);
  assert.is(lstatSync(`${second.remoteDir}/snapshot/dir1/file1`).mode & 0o7777, 0o755);
});

test("the base is chosen among the project's own snapshots", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  writeFileSync(join(tree, "dir1/file1"), "changed");
  const hashed = await hashTree(tree, context);
  const second = await withSession(spec, hashed, context, (session) => {
    assert.equal(session.facts.snapshots, [first.hashed.contentHash]);
    return publish(
      hashed,
      { ...session, facts: { ...session.facts, snapshots: [] } },
      { projectId: 'an"other', repair: false },
      context,
    );
  });
  assert.ok(second.bytesSent > FILES * FILE_SIZE * 0.9);
  writeFileSync(join(tree, "dir1/file1"), "changed again");
  const third = await hashTree(tree, context);
  await withSession(spec, third, context, async ({ facts }) => {
    assert.equal(facts.snapshots, [first.hashed.contentHash]);
  });
});

for (const [what, spoil] of Object.entries<(snapshot: string) => void>({
  "was written to": (snapshot) => writeFileSync(`${snapshot}/dir3/file3`, "tampered"),
  "has another mode": (snapshot) => chmodSync(`${snapshot}/dir3/file3`, 0o600),
  "was touched": (snapshot) => utimesSync(`${snapshot}/dir3/file3`, 5, 5),
  "is gone": (snapshot) => rmSync(`${snapshot}/dir3/file3`),
  "is too many": (snapshot) => writeFileSync(`${snapshot}/dir3/file3.orig`, ""),
}))
  test(`a base in which a file ${what} is not built upon, and the user is told`, async () => {
    const [spec, tree, context] = [host(), makeTree(), newContext()];
    const first = await publishOnce(spec, await hashTree(tree, context), context);
    spoil(`${first.remoteDir}/snapshot`);
    writeFileSync(join(tree, "dir1/file1"), "changed");
    const second = await publishOnce(spec, await hashTree(tree, context), context);
    assert.is(second.outcome, "uploaded");
    const warning = context.events.find(({ type }) => type === "warning");
    assert.ok(warning?.type === "warning", "no warning");
    assert.match(warning.message, first.hashed.contentHash);
    assert.match(warning.message, /"snapshot\/dir3\/file3/);
    assert.match(warning.hint ?? "", "--repair");
    rmSync(first.remoteDir, { recursive: true });
  });

test("a base whose manifest is damaged is not built upon", async () => {
  for (const fresh of [false, true]) {
    const [spec, tree, context] = [host(), makeTree(), newContext()];
    const first = await publishOnce(spec, await hashTree(tree, context), context);
    writeFileSync(join(first.remoteDir, "manifest"), "not one");
    writeFileSync(join(tree, "dir1/file1"), "changed");
    const client = fresh ? newContext() : context;
    assert.is((await publishOnce(spec, await hashTree(tree, client), client)).outcome, "uploaded");
    rmSync(first.remoteDir, { recursive: true });
  }
});

test("a base that another repairs is not waited for", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  writeFileSync(join(tree, "dir1/file1"), "changed");
  const hashed = await hashTree(tree, context);
  const lock = join(spec.workDir ?? "", "locks", `snapshots-${first.hashed.contentHash}`);
  const second = await withSession(spec, hashed, context, async (session) => {
    execFileSync("flock", ["-n", lock, "true"]);
    const { spawn } = await import("node:child_process");
    const holder = spawn("flock", [lock, "sh", "-c", "echo locked; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((done) => holder.stdout.once("data", done));
    try {
      return await publish(hashed, session, { projectId: "test", repair: false }, context);
    } finally {
      holder.kill();
    }
  });
  assert.ok(second.bytesSent > FILES * FILE_SIZE * 0.9);
});

test("files that have as many links as the file system allows are copied", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  const [file, many] = [`${first.remoteDir}/snapshot/dir3/file3`, makeDirectory()];
  const limit = linkUntilRefused(file, many);
  writeFileSync(join(tree, "dir1/file1"), "changed");
  const second = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(second.bytesSent < first.bytesSent / 100);
  assert.equal(
    context.events.filter(({ type }) => type === "warning"),
    [],
  );
  const copied = inode(`${second.remoteDir}/snapshot/dir3/file3`) !== inode(file);
  assert.is(copied, limit);
  rmSync(many, { recursive: true });
});

/** Whether there is a limit below 70,000; ext4 has 65,000, tmpfs none. */
function linkUntilRefused(file: string, directory: string): boolean {
  try {
    for (let n = 0; n < 70_000; n += 1) linkSync(file, join(directory, String(n)));
    return false;
  } catch (error) {
    assert.match(String(error), "EMLINK");
    return true;
  }
}

/** Publishes until a share of the content is on its way, then goes away. */
async function cutAt(share: number, spec: HostSpec, tree: string, base = newContext()): Promise<void> {
  const controller = new AbortController();
  const context = { ...newContext(controller.signal), stateDir: base.stateDir, memory: base.memory };
  const emit = (event: { type: string; bytes?: number; totalBytes?: number }) => {
    if (event.type === "upload-progress" && (event.bytes ?? 0) > share * (event.totalBytes ?? 0))
      controller.abort(new CancelledError("SIGINT"));
  };
  // Each progress counts: events are limited to ten a second of this clock.
  let now = 0;
  const clock = () => {
    now += 1000;
    return new Date(now);
  };
  const hashed = await hashTree(tree, context);
  const cut = await rejection(publishOnce(spec, hashed, { ...context, emit, clock }));
  assert.instance(cut, CancelledError);
}

test("an upload that was cut at four fifths does not start from zero", async () => {
  const [spec, tree] = [host(), makeTree()];
  await cutAt(0.8, spec, tree);
  assert.match(readdirSync(join(spec.workDir ?? "", "tmp")).join(), /^partial-[^,]*$/);
  const context = newContext();
  const rest = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(rest.bytesSent < FILES * FILE_SIZE * 0.25, `${rest.bytesSent}`);
  assert.equal(readdirSync(join(spec.workDir ?? "", "tmp")), []);
});

test("a difference that was cut is resumed too, also when the tree was cut twice", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  await publishOnce(spec, await hashTree(tree, context), context);
  for (let n = 0; n < 20; n += 1) writeFileSync(join(tree, `dir0/new${n}`), randomBytes(FILE_SIZE));
  rmSync(join(tree, "dir1"), { recursive: true });
  await cutAt(0.4, spec, tree, context);
  await cutAt(0.5, spec, tree, context);
  const rest = await publishOnce(spec, await hashTree(tree, context), context);
  assert.ok(rest.bytesSent < 20 * FILE_SIZE * 0.6, `${rest.bytesSent}`);
});

test("what arrived and was altered since is not used", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  await cutAt(0.8, spec, tree);
  const [name = ""] = readdirSync(join(spec.workDir ?? "", "tmp"));
  const staged = join(spec.workDir ?? "", "tmp", name, "snapshot");
  writeFileSync(join(staged, "dir0/file0"), "altered");
  writeFileSync(join(staged, "dir0/more"), "added");
  mkdirSync(join(staged, "dir0/directory/below"), { recursive: true });
  await publishOnce(spec, await hashTree(tree, context), context, { verify: true });
});

test("verify names the file and both hashes, also where b3sum cannot print the name; repair replaces it", async () => {
  for (const name of ["plain", "new\nline", "\xff\xfe", "carriage\rreturn"]) {
    const [spec, tree, context] = [host(), makeDirectory(), newContext()];
    writeFiles(tree, { [name]: "right", other: "file" });
    const hashed = await hashTree(tree, context);
    const { remoteDir } = await publishOnce(spec, hashed, context, { verify: true });
    const file = Buffer.concat([Buffer.from(`${remoteDir}/snapshot/`), Buffer.from(name, "latin1")]);
    writeFileSync(file, "wrong");
    utimesSync(file, PUBLISHED_TIME, PUBLISHED_TIME);
    assert.is((await publishOnce(spec, hashed, context)).outcome, "reused");
    const error = await rejection(publishOnce(spec, hashed, context, { verify: true }));
    if (!(error instanceof MismatchError)) throw error;
    const right = hashed.entries.find(({ path }) => path === name)?.digest ?? "none";
    assert.ok(error.message.includes(right) && error.message.includes(hashed.contentHash), error.message);
    assert.match(error.message, /has the BLAKE3 [0-9a-f]{64} instead of/);
    assert.match(error.hint ?? "", "--repair");
    assert.is((await publishOnce(spec, hashed, context, { repair: true })).outcome, "repaired");
    assert.is((await publishOnce(spec, hashed, context, { verify: true })).outcome, "reused");
  }
});

test("verify without b3sum is refused before anything is done, and says what to install", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const hashed = await hashTree(tree, context);
  const error = await rejection(
    withSession(spec, hashed, context, (session) =>
      publish(
        hashed,
        { ...session, facts: { ...session.facts, missingTools: ["b3sum"] } },
        { projectId: "test", repair: false, verify: true },
        context,
      ),
    ),
  );
  assert.ok(error instanceof InfraError && error.where === "host" && error.exitCode === 3);
  assert.match(error.message, "`b3sum` is missing");
  assert.match(error.hint ?? "", "apt-get install b3sum");
});

test("a snapshot larger than what is free is published when only little of it is new", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  await publishOnce(spec, await hashTree(tree, context), context);
  writeFileSync(join(tree, "dir1/file1"), "changed");
  const hashed = await hashTree(tree, context);
  await withSession(spec, hashed, context, (session) =>
    publish(
      hashed,
      { ...session, facts: { ...session.facts, freeBytes: 10_000 } },
      { projectId: "test", repair: false },
      context,
    ),
  );
});

test("a client that cannot remember is told so, and publishes", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const hashed = await hashTree(tree, context);
  const file = join(makeDirectory(), "file");
  writeFileSync(file, "");
  const { outcome } = await publishOnce(spec, hashed, {
    ...context,
    memory: { ...context.memory, directory: file },
  });
  assert.is(outcome, "uploaded");
  const warning = context.events.find(({ type }) => type === "warning");
  assert.ok(warning?.type === "warning", "no warning");
  assert.match(warning.message, "is not remembered");
  assert.ok(warning.hint !== null);
});

test("what is published is remembered", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const { hashed } = await publishOnce(spec, await hashTree(tree, context), context);
  const remembered = join(context.memory.directory ?? "", "manifests", hashed.contentHash);
  assert.ok(readFileSync(remembered).equals(hashed.manifest));
});

test("every published snapshot is what its name says", async () => {
  let verified = 0;
  for (const dir of workDirs) verified += await verifySnapshots(dir);
  assert.ok(verified >= 30, `${verified}`);
});

test.run();
