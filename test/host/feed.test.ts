import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unpackArtifacts } from "../../src/publish/unpack.ts";
import type { Frame } from "../../src/remote/connection.ts";
import { FrameDecoder } from "../../src/remote/frames.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost } from "./call.ts";

const test = suite("host: what a job leaves, sent");
test.after(removeWorkspaces);

const MIB = 2 ** 20;
const LIMIT = 4 * MIB;

interface Sent {
  readonly archive: Buffer;
  /** Why nothing was sent; empty when it was. */
  readonly refusal: string;
  readonly bytes: number;
}

/** What the sender says of a directory `artifacts` that a script has filled. */
function say(script: string, { cwd = makeDirectory(), path = process.env.PATH ?? "" } = {}): Buffer {
  execFileSync("sh", ["-c", `mkdir artifacts && cd artifacts && ${script}`], { cwd });
  const before = `sent() { PATH=$1; shift; sh -c "$sender" sender "$@"; }`;
  const call = ["sent", path, "{}", String(LIMIT), ""] as const;
  const { status, output, stderr } = callHost("dash", ["lib/parts", "feed"], call, { cwd, before });
  assert.is(status, 0, stderr);
  return output;
}

function send(...said: Parameters<typeof say>): Sent {
  const output = say(...said);
  const frames: Frame[] = [...new FrameDecoder().push(output)];
  assert.equal([frames[0]?.type, frames.at(-1)?.type], ["result", "end"]);
  const parts = frames.filter(({ type }) => type === "artifacts").map(({ body }) => body);
  return {
    archive: Buffer.concat(parts),
    refusal: frames.at(-1)?.body.toString() ?? "",
    bytes: output.length,
  };
}

async function unpacked({ archive }: Sent) {
  const root = join(makeDirectory(), "out");
  async function* bytes() {
    yield archive;
  }
  return { root, ...(await unpackArtifacts(bytes(), root, LIMIT)) };
}

test("holes are not sent, and what is sent is read here", async () => {
  const script = `truncate -s 30M holes; mkdir "$(printf 'new\\nline')"; truncate -s 1M "$(printf 'new\\nline/raw\\377')"
    printf end >>holes; echo plain >plain`;
  const sent = send(script);
  assert.is(sent.refusal, "");
  assert.ok(sent.bytes < 100_000, `${sent.bytes} bytes`);
  const { root, entries, leftOut } = await unpacked(sent);
  assert.equal(leftOut, []);
  assert.equal(entries.map(({ path, size }) => `${path} ${size}`).sort(), [
    `holes ${30 * MIB + 3}`,
    "new\\x0aline 0",
    `new\\x0aline/raw\\xff ${MIB}`,
    "plain 6",
  ]);
  assert.ok(lstatSync(join(root, "holes")).blocks * 512 < 100_000);
});

const WHOLE =
  "all of it: its sparse files are more than 33554432 bytes long, 8 times the limit of 4194304 (limits.artifacts)";

const limits: readonly (readonly [string, string, string])[] = [
  ["data up to the limit", "head -c 4000000 /dev/urandom >a", ""],
  [
    "more data than the limit",
    "head -c 5000000 /dev/urandom >a",
    "all of it: 5007360 bytes are more than the limit of 4194304 (limits.artifacts)",
  ],
  [
    "zeros that are written, more than the limit",
    "head -c 5000000 /dev/zero >a",
    "all of it: 5007360 bytes are more than the limit of 4194304 (limits.artifacts)",
  ],
  ["holes of eight times the limit", "truncate -s 32M a", ""],
  ["a byte more", "truncate -s 33554433 a", WHOLE],
  ["two files that are longer together", "truncate -s 20M a; truncate -s 20M b", WHOLE],
  ["one file with two names", "truncate -s 20M a; ln a b", ""],
  ["a file so long that its disk has few blocks a byte", "truncate -s 10T a", WHOLE],
  [
    "a file with data and holes that is too long",
    "truncate -s 40M a; head -c 3000000 /dev/urandom | dd of=a conv=notrunc status=none",
    WHOLE,
  ],
];

for (const [what, script, refusal] of limits)
  test(`the limit and ${what}`, async () => {
    const sent = send(script);
    assert.is(sent.refusal, refusal);
    assert.is(sent.archive.length > 0, refusal === "");
    if (refusal === "") assert.equal((await unpacked(sent)).leftOut, []);
  });

test("the longest files that there can be are refused at once, though no shell can add their lengths", () => {
  const cwd = mkdtempSync("/dev/shm/pikaci-test-");
  try {
    const script = "truncate -s 9223372036854775807 a; truncate -s 9223372036854775807 b";
    assert.is(send(script, { cwd }).refusal, WHOLE);
  } finally {
    rmSync(cwd, { recursive: true });
  }
});

/** A `tar` that counts a record more than it will write, as when the disk has more holes by then; or that fails. */
function otherTar(script: string): string {
  const bin = makeDirectory();
  writeFileSync(join(bin, "tar"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, "tar"), 0o755);
  return `${bin}:${process.env.PATH}`;
}

test("an archive that is shorter than was counted is filled up, and read as it is", async () => {
  const path = otherTar(`case "$*" in
    *--totals*) /usr/bin/tar "$@" 2>&1 | sed 's/10240/20480/; s/written: 3/written: 4/' >&2 ;;
    *) exec /usr/bin/tar "$@" ;; esac`);
  const sent = send("echo plain >plain", { path });
  assert.is(sent.archive.length, 20_480);
  const { root } = await unpacked(sent);
  assert.equal(readdirSync(root), ["plain"]);
});

test("an archive that a failed tar leaves short is not filled up", () => {
  const path = otherTar(`case "$*" in
    *--totals*) exec /usr/bin/tar "$@" ;;
    *) /usr/bin/tar "$@" | head -c 600; exit 2 ;; esac`);
  const decoder = new FrameDecoder();
  assert.equal(
    [...decoder.push(say("echo plain >plain", { path }))].map(({ type }) => type),
    ["result"],
  );
  assert.throws(() => decoder.end());
});

test.run();
