import { chmodSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dispatch } from "../../src/commands/dispatch.ts";
import { UsageError } from "../../src/core/errors.ts";
import { parseContentHash } from "../../src/core/ids.ts";
import { openMemory } from "../../src/system/client-memory.ts";
import { hash } from "../../src/tree/hash.ts";
import { putManifest } from "../../src/tree/manifest/store.ts";
import { snapshot } from "../../src/tree/snapshot.ts";
import { git, makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("pikaci snapshot");
test.after(removeWorkspaces);

const ENV = { PATH: process.env.PATH, HOME: makeDirectory() };

async function command(cwd: string, ...args: string[]): Promise<{ out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const invocation = {
    cwd,
    env: ENV,
    signal: new AbortController().signal,
    out: (text: string | Uint8Array) => void out.push(String(text)),
    err: (text: string) => void err.push(text),
    outIsTerminal: false,
    outColumns: () => 100,
    takeErr: () => () => undefined,
    errIsTerminal: false,
    errSize: () => ({ columns: 80, rows: 24 }),
  };
  assert.is(await dispatch(["snapshot", ...args], invocation), 0);
  return { out: out.join(""), err: err.join("") };
}

test("without any configuration: hash, counts, and what each rule left out", async () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { ".gitignore": "*.o\nout/\n", "a\u001b": "12", "x.o": "", "y.o": "", "out/z": "" });
  const { out } = await command(root, "-C", root);
  const [hash, counts, left, ...rest] = out.trim().split("\n");
  assert.match(hash ?? "", /^[0-9a-f]{64}$/);
  assert.is(counts, "2 files, 11 B");
  assert.is(left, "left out: 3 paths, ignored by git (out/, x.o, y.o)");
  assert.equal(rest, []);
  const { out: json } = await command(root, "-C", root, "--json");
  const report = JSON.parse(json);
  assert.is(report.content_hash, hash);
  assert.equal(report.left_out, [{ rule: "ignored by git", count: 3, paths: ["out/", "x.o", "y.o"] }]);
});

test("a configuration that is wrong, or that Nix would have to evaluate, is a warning here", async () => {
  const root = makeDirectory();
  writeFiles(root, { a: "12" });
  const bare = (await command(root)).out;
  for (const [file, text, why] of [
    ["pikaci.config.json", "{", "could not be loaded"],
    ["pikaci.config.json", "{}", "is wrong:"],
    ["flake.nix", "{ outputs = _: { pikaci = throw 1; }; }", "was not evaluated"],
  ] as const) {
    const other = makeDirectory();
    writeFiles(other, { a: "12", [file]: text });
    const { out, err } = await command(other);
    assert.match(out, /^[0-9a-f]{64}\n2 files/);
    assert.match(err, "the configuration's snapshot filters are not applied: ");
    assert.match(err, why);
    const named = String(await rejection(command(other, "--config", file)));
    assert.match(named, file);
  }
  const named = makeDirectory();
  writeFiles(named, { a: "12", "flake.nix": "{ outputs = i: { packages.pikaci = throw 1; }; }" });
  assert.equal((await command(named)).err, "");
  assert.match(bare, "1 file");
});

test("a chmod changes the hash; a commit is named", async () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { a: "1" });
  git(root, "add", "a");
  git(root, "commit", "-qm", "first");
  const before = (await command(root, "-C", root)).out.split("\n");
  git(root, "update-index", "--chmod=+x", "a");
  git(root, "checkout", "-q", "--", "a");
  const after = (await command(root, "-C", root)).out.split("\n");
  assert.is.not(before[0], after[0]);
  assert.match(before[1] ?? "", /^1 file, 1 B, git main [0-9a-f]{12} "first"$/);
  assert.match(after[1] ?? "", /git main [0-9a-f]{12} "first" and uncommitted changes$/);
});

test("--explain: a path as the user names it, in words and as data", async () => {
  const root = makeDirectory();
  git(root, "init", "-q");
  writeFiles(root, { ".gitignore": "*.o\n", "src/a\u001b[31m.ts": "1", "src/x.o": "" });
  writeFiles(root, { "pikaci.config.json": '{"jobs":{"a":{"command":"true"}}}' });
  const explain = async (...args: string[]) => (await command(join(root, "src"), ...args)).out.trim();
  assert.is(await explain("--explain", "x.o"), "out: src/x.o is ignored by git: `*.o` in .gitignore, line 1");
  assert.is(
    await explain("--explain", "a\u001b[31m.ts"),
    "in: src/a\\x1b[31m.ts is not tracked by git, and not ignored",
  );
  assert.is(
    await explain("-C", root, "--explain", ".gitignore"),
    "in: .gitignore is not tracked by git, and not ignored",
  );
  assert.equal(JSON.parse(await explain("--explain", "x.o", "--json")), {
    schema_version: 1,
    path: "src/x.o",
    verdict: "out",
    rule: "ignored",
    text: "is ignored by git: `*.o` in .gitignore, line 1",
    type: "file",
    size: 0,
  });
});

test("--diff: a remembered snapshot and the workspace, as lines and as data", async () => {
  const root = makeDirectory();
  writeFiles(root, { same: "1", gone: "22", changed: "333", tool: "4444", link: "5" });
  const first = await remember(root);
  rmSync(join(root, "gone"));
  rmSync(join(root, "link"));
  symlinkSync("same", join(root, "link"));
  chmodSync(join(root, "tool"), 0o755);
  writeFiles(root, { changed: "4444\n", "new\n\u001b[2J": "" });
  const { out } = await command(root, "-C", root, "--diff", first.slice(0, 8));
  const lines = out.trim().split("\n");
  assert.equal(lines.slice(0, -1), [
    "M changed  3 B → 5 B",
    "- gone  2 B",
    "T link  file → symlink, 1 B → 4 B",
    "+ new\\x0a\\x1b[2J  0 B",
    "x tool  file → executable, 4 B",
  ]);
  assert.match(
    lines.at(-1) ?? "",
    /^[0-9a-f]{12} → workspace \([0-9a-f]{12}\): 1 added \(0 B\), 1 removed \(2 B\), /,
  );
  const report = JSON.parse((await command(root, "-C", root, "--diff", ".", first, "--json")).out);
  assert.is(report.after.content_hash, first);
  assert.equal(report.totals.removed, { count: 1, bytes: 0 });
  assert.equal(report.totals.added, { count: 1, bytes: 2 });
  assert.equal(
    report.changes.map(({ kind }: { kind: string }) => kind),
    ["modified", "added", "type", "removed", "mode"],
  );
  const same = (await command(root, "-C", root, "--diff", first, first)).out;
  assert.is(same, `${first.slice(0, 12)} → ${first.slice(0, 12)}: no change\n`);
});

/** Hashes the workspace and remembers what is in it, as a publication does. */
async function remember(root: string): Promise<string> {
  const context = { ...makeContext(), stateDir: join(root, ".pikaci"), ...openMemory(root, ENV) };
  const filters = { include: [], exclude: [] };
  const { contentHash, manifest } = await hash(
    await snapshot({ workspace: root, filters }, context),
    context,
  );
  putManifest(context.memory, contentHash, manifest, new Date());
  return contentHash;
}

for (const [name, words, message, hint] of [
  [
    "an unknown hash",
    ["a".repeat(64)],
    /does not remember what was in the snapshot a{64}/,
    /remembered: none/,
  ],
  ["an unknown prefix", ["abcd"], /no run and no remembered snapshot starts with "abcd"/, /pikaci list/],
  ["no run", ["latest"], /there is no run in this workspace/, /`pikaci run`/],
  ["three trees", [".", ".", "."], /one or two trees, not 3/, /--diff latest/],
] as const)
  test(`--diff with ${name} is a usage error`, async () => {
    const root = makeDirectory();
    const error = await rejection(command(root, "-C", root, "--diff", ...words));
    assert.instance(error, UsageError);
    assert.match(String(error), message);
    assert.match(error instanceof UsageError ? (error.hint ?? "") : "", hint);
  });

test("--diff with a prefix of two remembered snapshots names them", async () => {
  const root = makeDirectory();
  const hashes = ["1", "2"].map((digit) => `abcd${digit.repeat(60)}`).map(parseContentHash);
  for (const hash of hashes) putManifest(openMemory(root, ENV).memory, hash, Buffer.from("x"), new Date());
  const error = await rejection(command(root, "-C", root, "--diff", "abcd"));
  assert.match(String(error), /2 snapshots start with "abcd"/);
});

test("--explain and --diff exclude each other", async () => {
  const root = makeDirectory();
  assert.ok(await rejection(command(root, "-C", root, "--explain", "a", "--diff", ".")));
});

test.run();
