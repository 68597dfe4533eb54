import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { callHost, GNU_TOOLS, SHELLS } from "./call.ts";

const test = suite("host: tree");
test.after(removeWorkspaces);

for (const shell of SHELLS)
  test(`${shell}: files that have too many links are copied with their holes`, () => {
    const cwd = makeDirectory();
    mkdirSync(join(cwd, "from/new\nline"), { recursive: true });
    mkdirSync(join(cwd, "to"));
    execFileSync("sh", ["-c", "cd from/new*; truncate -s 20M holes; printf end >>holes; chmod 755 holes"], {
      cwd,
    });
    const before = `${GNU_TOOLS}; cp() { echo "cp: cannot create hard link: Too many links"; return 1; }`;
    const libraries = ["lib/parts", "lib/layout", "tree"];
    const { status, stderr } = callHost(shell, libraries, ["copy_tree", "from", "to"], { cwd, before });
    assert.is(status, 0, stderr);
    const { size, blocks, mode } = lstatSync(join(cwd, "to/new\nline/holes"));
    assert.equal([size, mode & 0o777], [20 * 2 ** 20 + 3, 0o755]);
    assert.ok(blocks * 512 < 100_000);
    execFileSync("diff", ["-r", "from", "to"], { cwd });
  });

/** Names that a shell, `xargs` or `sort` could take for something else, at every depth. */
function makeOddTree(root: string): void {
  const names = [
    "top",
    "new\nline",
    "a/-n",
    "a/b/file",
    "a/b/\xff/x",
    "a/b /y",
    "a b/c/d/e/f",
    "-d/e/f",
    "c/d/x\ny",
    "$(id)/`id`/'",
  ];
  writeFiles(root, Object.fromEntries(names.map((name) => [name, name])));
  symlinkSync("nowhere", join(root, "a/b/link"));
  symlinkSync("nowhere", join(root, "link"));
  mkdirSync(join(root, "empty/empty/empty"), { recursive: true });
  execFileSync("find", [".", "-type", "f", "-exec", "chmod", "644", "{}", "+"], { cwd: root });
  execFileSync("find", [".", "-exec", "touch", "-h", "-d", "@315619200", "{}", "+"], { cwd: root });
  execFileSync("find", [".", "-type", "d", "-exec", "chmod", "755", "{}", "+"], { cwd: root });
}

for (const shell of SHELLS) {
  test(`${shell}: a large tree is listed as a small one, by several processes`, () => {
    const cwd = makeDirectory();
    mkdirSync(join(cwd, "snapshot"));
    makeOddTree(join(cwd, "snapshot"));
    const list = (words: readonly [string, ...string[]]) =>
      callHost(shell, ["tree"], words, { cwd, before: `${GNU_TOOLS}; sh() { /bin/sh "$@"; }` });
    const whole = list(["list_tree", "snapshot"]).output;
    const { output, stderr } = list(["list_large", "@0"]);
    assert.is(output.toString("latin1"), whole.toString("latin1"), stderr);
    const synced = readFileSync(join(cwd, ".list/sync"), "latin1").split("\0").slice(0, -1).sort();
    const found = execFileSync("find", ["snapshot", "!", "-type", "l", "-print0"], { cwd }).toString(
      "latin1",
    );
    assert.equal(synced, found.split("\0").slice(0, -1).sort());
  });

  test(`${shell}: of what shares its files, only directories that changed since are to be synced`, () => {
    const cwd = makeDirectory();
    mkdirSync(join(cwd, "from"));
    makeOddTree(join(cwd, "from"));
    execFileSync("cp", ["-al", "from", "snapshot"], { cwd });
    const since = Date.now() / 1000 + 0.1;
    execFileSync("sleep", ["0.3"]);
    writeFiles(cwd, { "snapshot/c/d/new": "" });
    callHost(shell, ["tree"], ["list_large", `@${since}`], {
      cwd,
      before: `${GNU_TOOLS}; sh() { /bin/sh "$@"; }`,
    });
    const synced = readFileSync(join(cwd, ".list/sync"), "latin1").split("\0").slice(0, -1).sort();
    assert.equal(synced, ["snapshot/c/d", "snapshot/c/d/new"]);
  });

  test(`${shell}: a large tree is copied as \`cp -al\` does, by several processes`, () => {
    const cwd = makeDirectory();
    mkdirSync(join(cwd, "from"));
    makeOddTree(join(cwd, "from"));
    const words = ["copy_tree", join(cwd, "from"), join(cwd, "to"), "yes"] as const;
    const { status, stderr } = callHost(shell, ["lib/parts", "lib/layout", "tree"], [...words], {
      cwd,
      before: GNU_TOOLS,
    });
    assert.is(status, 0, stderr);
    const told = (name: string) =>
      execFileSync("find", [name, "-printf", "%P %y %m %i %s %T@ %l\\0"], { cwd })
        .toString("latin1")
        .split("\0")
        .sort();
    const withoutInodes = (lines: readonly string[]) =>
      lines.map((line) => line.replace(/ d 755 \d+ /, " d 755 - "));
    assert.equal(withoutInodes(told("to")), withoutInodes(told("from")));
    assert.not(existsSync(join(cwd, "to.below")));
  });
}

test.run();
