import { execFileSync } from "node:child_process";
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import { InfraError } from "../../src/core/errors.ts";
import { dataBytes, type SparseMap } from "../../src/publish/sparse-map.ts";
import { tarChunks } from "../../src/publish/tar.ts";
import { writeNumber, writeSum } from "../../src/publish/tar-fields.ts";
import { ARTIFACT_ENTRIES, unpackArtifacts } from "../../src/publish/unpack.ts";
import { bytesSource } from "../../src/publish/verified.ts";
import { rejection } from "../workspace.ts";

const test = suite<{ dir: string }>("io/artifacts");
test.before.each((context) => {
  context.dir = mkdtempSync(join(tmpdir(), "pikaci-artifacts-"));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

async function* chunks(bytes: Buffer, size = 777): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** More than any archive here has. */
const LIMIT = 2 ** 30;

function tarOf(script: string, dir: string): Buffer {
  const source = join(dir, "source");
  execFileSync("sh", ["-c", `mkdir "$1" && cd "$1" && ${script}`, "sh", source]);
  return execFileSync("tar", ["-cf", "-", "-C", source, "."], { maxBuffer: 2 ** 26 });
}

test("what a job leaves is stored as it is: links as links, modes without setuid, names as bytes", async ({
  dir,
}) => {
  const script = `
    mkdir sub; echo in >sub/file; ln -s /etc/passwd link; ln sub/file hard
    printf x >"$(printf 'new\\nline')"; printf y >"$(printf 'raw\\377')"; printf z >exe; chmod 4755 exe; mkfifo pipe`;
  const root = join(dir, "out");
  const { entries, leftOut } = await unpackArtifacts(chunks(tarOf(script, dir)), root, LIMIT);

  assert.is(readlinkSync(join(root, "link")), "/etc/passwd");
  assert.is(readFileSync(join(root, "sub/file"), "utf8"), "in\n");
  assert.is(readFileSync(join(root, "hard"), "utf8"), "in\n");
  assert.is(readFileSync(join(root, "new\nline"), "utf8"), "x");
  assert.is(lstatSync(join(root, "exe")).mode & 0o7777, 0o755);
  assert.ok(
    readdirSync(Buffer.from(root), { encoding: "buffer" }).some((n) =>
      n.equals(Buffer.from("raw\xff", "latin1")),
    ),
  );
  assert.equal(leftOut, ["pipe: a fifo"]);
  assert.equal(entries.map((e) => e.path).sort(), [
    "exe",
    "hard",
    "link",
    "new\\x0aline",
    "raw\\xff",
    "sub",
    "sub/file",
  ]);
  assert.equal(
    entries.filter(({ path }) => ["hard", "sub/file"].includes(path)).map(({ size }) => size),
    [3, 3],
    "a hard link is as long as its file",
  );
});

async function archive(
  entries: { name: string; type?: "file" | "directory" | "symlink" | "link"; linkname?: string }[],
): Promise<Buffer> {
  const tar = pack();
  for (const entry of entries) {
    if (entry.type === undefined || entry.type === "file") tar.entry({ name: entry.name }, "evil");
    else tar.entry({ ...entry, size: 0 });
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const hostile: [string, Parameters<typeof archive>[0], string][] = [
  ["climbs out", [{ name: "../escaped" }], "../escaped: unsafe name"],
  ["climbs out below a directory", [{ name: "a/../../escaped" }], "a/../../escaped: unsafe name"],
  ["is absolute", [{ name: "/tmp/pikaci-escaped" }], "/tmp/pikaci-escaped: unsafe name"],
  [
    "writes through a link",
    [{ name: "link", type: "symlink", linkname: ".." }, { name: "link/escaped" }],
    "link/escaped: its directory is not one of the archive's",
  ],
  [
    "replaces a link",
    [{ name: "x", type: "symlink", linkname: "../escaped" }, { name: "x" }],
    "x: its name comes twice",
  ],
  [
    "hard-links what is outside",
    [{ name: "x", type: "link", linkname: "../outside" }],
    "x: a link to what is not in the archive",
  ],
];

for (const [what, entries, reason] of hostile) {
  test(`an archive that ${what} stores nothing outside and says so`, async ({ dir }) => {
    const root = join(dir, "out");
    const bytes = await archive(entries);
    const { leftOut } = await unpackArtifacts(chunks(bytes), root, LIMIT);
    assert.equal(leftOut, [reason]);
    assert.not(readdirSync(dir).includes("escaped"));
  });
}

test("holes of a sparse file stay holes, and every byte is in its place", async ({ dir }) => {
  const script = `
    truncate -s 40M holes; printf begin | dd of=holes conv=notrunc status=none
    printf middle | dd of=holes bs=1 seek=20000001 conv=notrunc status=none
    head -c 100000 /dev/zero >zeros; printf short >short; : >empty`;
  for (const size of [777, 65_536]) {
    const root = join(dir, `out-${size}`);
    await unpackArtifacts(chunks(tarOf(script, dir), size), root, LIMIT);
    for (const name of ["holes", "zeros", "short", "empty"])
      assert.ok(readFileSync(join(root, name)).equals(readFileSync(join(dir, "source", name))), name);
    const { size: length, blocks } = lstatSync(join(root, "holes"));
    assert.is(length, 40 * 1024 * 1024);
    assert.ok(blocks * 512 < 1024 * 1024, `${blocks} blocks`);
    rmSync(join(dir, "source"), { recursive: true });
  }
});

/** The archive that a host sends: its tar knows holes. */
function sparseTar(script: string, dir: string, ...format: string[]): Buffer {
  const source = join(dir, "source");
  execFileSync("sh", ["-c", `mkdir "$1" && cd "$1" && ${script}`, "sh", source]);
  return execFileSync("tar", ["--sparse", ...format, "-cf", "-", "-C", source, "."], { maxBuffer: 2 ** 26 });
}

const blocksOf = (file: string) => lstatSync(file).blocks * 512;

test("holes are not sent, and are holes here: odd names, modes, links and lengths as they were", async ({
  dir,
}) => {
  const script = `
    truncate -s 300M none; truncate -s 9G far; printf end >>far; mkdir "$(printf 'new\\nline')"
    (cd new*; truncate -s 5M "$(printf 'new\\nline')" "$(printf 'raw\\377')" "$(printf '%0200d' 1)"; printf x >>"$(printf 'new\\nline')")
    truncate -s 1M exe; chmod 4755 exe; ln exe hard; printf plain >plain; truncate -s 3M z; printf begin | dd of=z conv=notrunc status=none`;
  const bytes = sparseTar(script, dir, "--format=gnu");
  assert.ok(bytes.length < 100_000, `${bytes.length} bytes`);
  for (const size of [512, 777, 65_536]) {
    const root = join(dir, `out-${size}`);
    const { entries, leftOut } = await unpackArtifacts(chunks(bytes, size), root, 2 ** 31);
    assert.equal(leftOut, []);
    assert.is(blocksOf(join(root, "none")), 0);
    assert.is(lstatSync(join(root, "none")).size, 300 * 2 ** 20);
    assert.is(entries.find(({ path }) => path === "far")?.size, 9 * 2 ** 30 + 3);
    assert.ok(blocksOf(join(root, "far")) < 100_000);
    assert.is(readTail(join(root, "far"), 5), "\0\0end");
    for (const name of [
      "new\nline/new\nline",
      "exe",
      "hard",
      "z",
      "plain",
      `new\nline/${"1".padStart(200, "0")}`,
    ])
      assert.ok(readFileSync(join(root, name)).equals(readFileSync(join(dir, "source", name))), name);
    assert.is(lstatSync(join(root, "exe")).mode & 0o7777, 0o755);
    assert.is(lstatSync(join(root, "hard")).ino, lstatSync(join(root, "exe")).ino);
    assert.ok(entries.some(({ path }) => path === "new\\x0aline/raw\\xff"));
  }
});

function readTail(file: string, length: number): string {
  const fd = openSync(file, "r");
  const bytes = Buffer.alloc(length);
  readSync(fd, bytes, 0, length, lstatSync(file).size - length);
  closeSync(fd);
  return bytes.toString("latin1");
}

for (const version of ["0.0", "0.1", "1.0"])
  test(`a file with holes in the pax format ${version} is left out and named, what else there is is kept`, async ({
    dir,
  }) => {
    const script = "truncate -s 1M holes; printf end >>holes; printf after >z";
    const bytes = sparseTar(script, dir, "--format=posix", `--sparse-version=${version}`);
    const root = join(dir, "out");
    const { leftOut } = await unpackArtifacts(chunks(bytes), root, LIMIT);
    assert.is(leftOut.length, 1);
    assert.match(
      leftOut[0] ?? "",
      /holes: its holes are written in the pax format, which pikaci does not read$/,
    );
    assert.equal(readdirSync(root), ["z"]);
    assert.is(readFileSync(join(root, "z"), "utf8"), "after");
  });

/** An archive of one file whose map is what `map` says, right or not, and whose data is the letter `d`. */
function mapped(map: SparseMap, name = "x"): Buffer {
  const content = Buffer.alloc(dataBytes(map), "d");
  const path = bytePath(Buffer.from(name));
  const item = { path, type: "file", size: map.size, sparse: map, open: () => bytesSource(content) } as const;
  return Buffer.concat([...tarChunks([item], () => 32_768)]);
}

const piece = (offset: number, length: number) => ({ offset, length });

const lies: readonly (readonly [string, Buffer, RegExp])[] = [
  [
    "overlaps",
    mapped({ size: 4096, data: [piece(0, 1024), piece(512, 512)] }),
    /holes in x: its pieces overlap/,
  ],
  [
    "is in disorder",
    mapped({ size: 4096, data: [piece(1024, 512), piece(0, 512)] }),
    /in x: its pieces overlap/,
  ],
  [
    "leads beyond the end",
    mapped({ size: 4096, data: [piece(4000, 512)] }),
    /in x: a piece of it lies beyond/,
  ],
  [
    "has another size than its data",
    resized(mapped({ size: 4096, data: [piece(0, 512)] }), 1),
    /together, its data is 1$/,
  ],
  ["has more blocks than there are", endless(), /cannot be read: Error: Unexpected end of data/],
  ["is of no number", unnumbered(), /in x: a place in it is no number/],
  ["names a length of 2^62 bytes", enormous(), /in x: its length is no number/],
];

/** Its header says another size. */
function resized(archive: Buffer, size: number): Buffer {
  writeNumber(archive, 124, size);
  writeSum(archive.subarray(0, 512));
  return archive;
}

/** Block after block of a map that never ends. */
function endless(): Buffer {
  const archive = mapped({
    size: 2 ** 40,
    data: Array.from({ length: 25 }, (_, at) => piece(at * 1024, 512)),
  });
  const block = archive.subarray(512, 1024);
  block[504] = 1;
  return Buffer.concat([archive.subarray(0, 512), ...Array(50).fill(block)]);
}

function unnumbered(): Buffer {
  const archive = mapped({ size: 4096, data: [piece(0, 512)] });
  archive.write("hello", 386);
  return archive;
}

function enormous(): Buffer {
  const archive = mapped({ size: 4096, data: [piece(0, 512)] });
  archive.write("\x80\0\0\0\x40\0\0\0\0\0\0\0", 483, "latin1");
  return archive;
}

for (const [what, bytes, message] of lies)
  test(`a map of holes that ${what} is an error that names it`, async ({ dir }) => {
    const error = await rejection(unpackArtifacts(chunks(bytes), join(dir, "out"), LIMIT));
    if (!(error instanceof InfraError)) throw error;
    assert.match(error.message, message);
    assert.equal(readdirSync(join(dir, "out")), []);
  });

test("a size that a pax header gives an entry with holes is not believed", async ({ dir }) => {
  const tar = pack();
  tar.entry({ name: "x", pax: { size: "1024" } }, "evil");
  tar.finalize();
  const bytes = Buffer.concat([
    (await buffer(tar)).subarray(0, 1024),
    mapped({ size: 4096, data: [piece(0, 512)] }),
  ]);
  const error = await rejection(unpackArtifacts(chunks(bytes), join(dir, "out"), LIMIT));
  if (!(error instanceof InfraError)) throw error;
  assert.match(error.message, "no right map of the holes in x: its data is 1024 bytes long");
});

test("files with holes may be eight times as long as what may be sent, all together", async ({ dir }) => {
  const limit = 100_000;
  const whole = mapped({ size: 8 * limit, data: [] });
  await unpackArtifacts(chunks(whole), join(dir, "fits"), limit);
  assert.is(lstatSync(join(dir, "fits/x")).size, 8 * limit);
  const two = [mapped({ size: 4 * limit, data: [] }, "a"), mapped({ size: 4 * limit + 1, data: [] }, "b")];
  const bytes = Buffer.concat(two.map((one) => one.subarray(0, 512)));
  const error = await rejection(unpackArtifacts(chunks(bytes), join(dir, "out"), limit));
  if (!(error instanceof InfraError)) throw error;
  assert.match(error.message, "files with holes that are longer than 800000 bytes");
  assert.equal(readdirSync(join(dir, "out")), ["a"]);
});

test("a file with holes is stored under no unsafe name and through no link", async ({ dir }) => {
  const root = join(dir, "out");
  for (const name of ["../escaped", "/tmp/pikaci-escaped", "link/escaped"]) {
    const { leftOut } = await unpackArtifacts(chunks(mapped({ size: 9999, data: [] }, name)), root, LIMIT);
    assert.is(leftOut.length, 1, name);
  }
  assert.equal(readdirSync(dir), ["out"]);
});

test("a transfer that ends within a file with holes or its map is an error, not a short file", async ({
  dir,
}) => {
  const bytes = mapped({ size: 2 ** 30, data: [piece(0, 512), piece(2 ** 20, 100_352)] });
  for (const length of [100, 600, 1100, 50_000]) {
    const outcome = await unpackArtifacts(
      chunks(bytes.subarray(0, length)),
      join(dir, `out-${length}`),
      LIMIT,
    ).then(
      () => "stored",
      (error: unknown) => String(error),
    );
    assert.match(outcome, /unexpected end/i);
  }
});

test("an entry of a type that tar-stream does not know is left out and named", async ({ dir }) => {
  const bytes = await archive([{ name: "odd" }, { name: "plain" }]);
  // `9` is no type of POSIX or GNU tar; the sum is of the header's bytes, its own counted as spaces.
  bytes[156] = "9".charCodeAt(0);
  bytes.write("        ", 148, "latin1");
  const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  const { entries, leftOut } = await unpackArtifacts(chunks(bytes), join(dir, "out"), LIMIT);
  assert.equal(leftOut, ["odd: of a type that pikaci does not know"]);
  assert.equal(
    entries.map(({ path }) => path),
    ["plain"],
  );
});

test("a path that is too long here is left out and named, what else there is is kept", async ({ dir }) => {
  const depths = Array.from({ length: 20 }, (_, at) =>
    Array(at + 1)
      .fill("d".repeat(250))
      .join("/"),
  );
  const directories = depths.map((name) => ({ name, type: "directory" as const }));
  const deepest = depths.at(-1) ?? "";
  const more = [
    { name: `${deepest}/file` },
    { name: "n".repeat(256) },
    { name: "link", type: "symlink" as const, linkname: "t".repeat(5000) },
    { name: "last" },
  ];
  const root = join(dir, "out");
  const { entries, leftOut } = await unpackArtifacts(
    chunks(await archive([...directories, ...more])),
    root,
    LIMIT,
  );
  const kept = entries.filter(({ type }) => type === "directory");
  assert.ok(kept.length >= 14 && kept.length < 20, `${kept.length} directories`);
  assert.is(leftOut[0], `${depths[kept.length]}: this machine's disk cannot hold its name (ENAMETOOLONG)`);
  assert.equal(leftOut.slice(-3), [
    `${deepest}/file: its directory is not one of the archive's`,
    `${"n".repeat(256)}: this machine's disk cannot hold its name (ENAMETOOLONG)`,
    "link: this machine's disk cannot hold its name (ENAMETOOLONG)",
  ]);
  assert.is(leftOut.length, 20 - kept.length + 3);
  assert.is(readFileSync(join(root, "last"), "utf8"), "evil");
});

test("a cut stream is an error, not a short result", async ({ dir }) => {
  const bytes = tarOf("head -c 100000 /dev/zero >big", dir);
  const outcome = await unpackArtifacts(chunks(bytes.subarray(0, 50_000)), join(dir, "out"), LIMIT).then(
    () => "stored",
    (error: unknown) => String(error),
  );
  assert.match(outcome, /unexpected end/i);
});

test("no more is stored than was asked for", async ({ dir }) => {
  const bytes = tarOf("head -c 100000 /dev/zero >big", dir);
  const error = await rejection(unpackArtifacts(chunks(bytes), join(dir, "out"), 50_000));
  assert.ok(error instanceof InfraError);
  assert.match(error.message, "more artifacts than the 50000 bytes");
});

test("an archive of very many directories is refused", async ({ dir }) => {
  const count = ARTIFACT_ENTRIES + 1;
  const one = await archive([{ name: "same", type: "directory" }]);
  async function* many() {
    for (let n = 0; n < count; n += 100) yield Buffer.concat(Array(100).fill(one.subarray(0, 512)));
    yield one.subarray(512);
  }
  const error = await rejection(unpackArtifacts(many(), join(dir, "out"), LIMIT));
  assert.ok(error instanceof InfraError);
  assert.match(error.message, `more artifacts than ${ARTIFACT_ENTRIES}`);
});

test("a header that says it is very large is no fault of pikaci's", async ({ dir }) => {
  const bytes = await archive([{ name: "x" }]);
  const large = Buffer.from(bytes.subarray(0, 512));
  large.write("x", 156);
  large.write("10000000000 ", 124);
  large.write("        ", 148);
  large.write(
    `${large
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  const error = await rejection(
    unpackArtifacts(chunks(Buffer.concat([large, bytes])), join(dir, "out"), LIMIT),
  );
  assert.ok(error instanceof InfraError);
  assert.match(error.message, "cannot be read: Error: Header exceeds max size");
});

test.run();
