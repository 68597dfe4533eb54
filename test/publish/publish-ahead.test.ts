// needs: nix
// time-limit: 240
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { HostSpec } from "../../src/core/project.ts";
import { connect } from "../../src/remote/connect.ts";
import { startProgram } from "../../src/remote/program.ts";
import { holdLock } from "../host/hold-lock.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { hashTree, hostSpec, publishOnce } from "./publish-rig.ts";

const test = suite("a copy that was made ahead");
const workDirs: string[] = [];
test.after(removeWorkspaces);

/** Programs in the place of those that give a process the lowest priority, with which it would wait for all other tests. */
const hasty = makeDirectory();
for (const name of ["renice", "ionice"]) writeFileSync(join(hasty, name), "#!/bin/sh\n", { mode: 0o755 });

/** Every tree counts as a large one. */
const newContext = (files = "1") =>
  makeContext({
    ...{ HOME: process.env.HOME, PATH: `${hasty}:${process.env.PATH}` },
    PIKACI_COPY_AHEAD: files,
  });

function host(): HostSpec & { readonly workDir: string } {
  const workDir = join(makeDirectory(), "work");
  workDirs.push(workDir);
  return { ...hostSpec("local", workDir), workDir };
}

function makeTree(): string {
  const root = makeDirectory();
  const names = ["top", "a/file", "a/b/new\nline", "a/b/c/\xff", "a/b.x/-dash", "d/ e/f/g/deep", "d/file"];
  writeFiles(root, Object.fromEntries(names.map((name) => [name, `content of ${name}`])));
  return root;
}

const inode = (path: string) => lstatSync(path).ino;
const copies = (workDir: string) => readdirSync(join(workDir, "ahead"));

/** Once who makes a copy has ended; what is awaited is checked by whoever asks. */
async function settled(workDir: string): Promise<void> {
  for (let look = 0; look < 400; look += 1) {
    await sleep(50);
    const [pid = ""] = existsSync(join(workDir, "locks/ahead"))
      ? readFileSync(join(workDir, "locks/ahead"), "utf8").split(" ")
      : [];
    if (pid.trim() !== "" && !existsSync(`/proc/${pid}`)) return;
  }
  throw new Error("no copy was made");
}

test("it is the snapshot's own files, and becomes the next snapshot, whose successor it has then", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const { workDir } = spec;
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  await settled(workDir);
  const [hash = ""] = copies(workDir);
  assert.is(hash, first.hashed.contentHash);
  const copy = join(workDir, "ahead", hash, "snapshot");
  assert.is(inode(`${copy}/a/file`), inode(`${first.remoteDir}/snapshot/a/file`));
  const directory = inode(copy);
  writeFileSync(join(tree, "a/file"), "changed");
  rmSync(join(tree, "d/file"));
  const second = await publishOnce(spec, await hashTree(tree, context), context);
  assert.is(inode(`${second.remoteDir}/snapshot`), directory);
  assert.equal(readdirSync(second.remoteDir).sort(), [
    "B3SUMS",
    "manifest",
    "pikaci-snapshot.json",
    "snapshot",
  ]);
  await settled(workDir);
  assert.equal(copies(workDir), [second.hashed.contentHash]);
  assert.equal(readdirSync(join(workDir, "tmp")), []);
});

test("one in which somebody changed something is not used", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const first = await publishOnce(spec, await hashTree(tree, context), context);
  await settled(spec.workDir);
  rmSync(join(spec.workDir, "ahead", first.hashed.contentHash, "snapshot/d/ e"), { recursive: true });
  writeFileSync(join(tree, "a/file"), "changed");
  await publishOnce(spec, await hashTree(tree, context), context);
  const warnings = context.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? "", /could not be built upon, everything is sent: "snapshot\/d\/ e/);
});

test("a second publication at once makes its own copy", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  await publishOnce(spec, await hashTree(tree, context), context);
  await settled(spec.workDir);
  const both = await Promise.all(
    ["one", "two"].map(async (content) => {
      const [other, own] = [makeTree(), newContext()];
      writeFileSync(join(other, "a/file"), content);
      return publishOnce(spec, await hashTree(other, own), own);
    }),
  );
  assert.equal(
    both.map(({ outcome }) => outcome),
    ["uploaded", "uploaded"],
  );
});

test("none is made of a tree that is not large, or where nobody wants it", async () => {
  const [spec, tree] = [host(), makeTree()];
  for (const files of ["8", "no"]) {
    const context = newContext(files);
    await publishOnce(spec, await hashTree(tree, context), context);
  }
  assert.equal([copies(spec.workDir), existsSync(join(spec.workDir, "locks/ahead"))], [[], false]);
});

test("a collection counts it with its snapshot, and removes both", async () => {
  const [spec, tree, context] = [host(), makeTree(), newContext()];
  const { workDir } = spec;
  const { hashed } = await publishOnce(spec, await hashTree(tree, context), context);
  await settled(workDir);
  const [name, extra] = [`snapshots/${hashed.contentHash}`, join(workDir, "ahead", hashed.contentHash)];
  const before = await sizeOf(spec, name);
  mkdirSync(join(extra, "snapshot/more"));
  writeFileSync(join(extra, "snapshot/more/file"), "x".repeat(100_000));
  assert.ok((await sizeOf(spec, name)) >= before + 96);
  const free = await holdLock(workDir, ["-s", `locks/snapshots-${hashed.contentHash}`]);
  assert.match(await collect(spec, `${name}\n`), /^kept .* held$/);
  await free();
  assert.is(await collect(spec, `${name}\n`), `removed ${name}`);
  assert.equal(copies(workDir), []);
});

/** KiB, as `gc` tells. */
async function sizeOf(spec: HostSpec & { readonly workDir: string }, name: string): Promise<number> {
  const line = (await collect(spec, null)).split("\n").find((text) => text.includes(`${name} `)) ?? "";
  return Number(line.replace(/^items /, "").split(" ")[1]);
}

/** What `gc` answers: the list of things, or what became of those that are to be removed. */
async function collect(spec: HostSpec & { readonly workDir: string }, list: string | null): Promise<string> {
  const context = newContext("no");
  const connection = await connect(spec, context);
  try {
    const params = { work_dir: spec.workDir, remove: list !== null, min_age_s: 0 };
    const channel = await startProgram(connection, { program: "gc", params });
    if (list !== null) await channel.write(`${list.length}\n${list}`);
    const said: string[] = [];
    for await (const { type, body } of channel.frames()) if (type !== "end") said.push(`${type} ${body}`);
    return said.join("\n");
  } finally {
    await connection.close();
  }
}

test("every tree that was published is what its name says", async () => {
  for (const workDir of workDirs) await verifySnapshots(workDir);
});

test.run();
