import { suite } from "uvu";
import * as assert from "uvu/assert";
import yargs from "yargs";
import { register } from "../../src/commands/snapshot.ts";
import { git, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("pikaci snapshot");
test.after(removeWorkspaces);

async function command(cwd: string, ...args: string[]): Promise<{ out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const invocation = {
    cwd,
    env: { PATH: process.env.PATH, HOME: "/nonexistent" },
    signal: new AbortController().signal,
    out: (text: string | Uint8Array) => void out.push(String(text)),
    err: (text: string) => void err.push(text),
    outIsTerminal: false,
    errIsTerminal: false,
    setExitCode: () => {},
  };
  await register(yargs(["snapshot", ...args]), invocation)
    .fail(false)
    .parseAsync();
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
  assert.match(before[1] ?? "", /^1 file, 1 B, git [0-9a-f]{12}$/);
  assert.match(after[1] ?? "", /git [0-9a-f]{12} and changes$/);
});

test.run();
