import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import { type Touched, touchedIn, touches, underFileTrace } from "./touched.ts";

const test = suite("touched");
test.after(removeWorkspaces);

const ROOT = "/a/work";
const seen = (line: string): Touched => touchedIn(`7 ${line}\n`, [ROOT]);

const [FILE, REST] = ["/a/work/runs/x/job.json", "runs/x/job.json"];
const TOUCHING: Readonly<Record<string, string>> = {
  "an absolute path": `stat("${FILE}", {st_mode=S_IFREG}) = 0`,
  "one that is not there": `access("${FILE}", F_OK) = -1 ENOENT (No such file or directory)`,
  "one of the working directory": `openat(AT_FDCWD</a/work/runs>, "x/job.json", O_RDONLY) = 3<${FILE}>`,
  "one of a descriptor": `unlinkat(5</a/work/runs/x>, "job.json", 0) = 0`,
  "one with dots": `openat(AT_FDCWD</a/work/tmp>, "../runs/./x/job.json", O_RDONLY) = -1 EACCES`,
  "one through a symlink": `openat(AT_FDCWD</>, "/elsewhere", O_RDONLY) = 3<${FILE}>`,
  "a call that another thread interrupted": `<... openat resumed>) = 3<${FILE}>`,
  "a relative path": `rename("job.json", "other") = 0`,
  "a descriptor by its name": `readlink("/proc/self/fd/9/job.json", "x", 4096) = 1`,
  "a directory that is mounted": `mount("/oldroot/a/work/runs/x", "/newroot/x", NULL, MS_BIND, NULL) = 0`,
  "a directory of an overlay": `mount("overlay", "/m", "overlay", 0, "lowerdir=/a/work/runs/x,upperdir=/u") = 0`,
  "a relative directory that is mounted": `mount("runs/x", "/newroot/x", NULL, MS_BIND, NULL) = 0`,
  "a directory that gets another name": `rename("/a/work/runs", "/a/work/old") = 0`,
  "the root that gets another name": `renameat2(AT_FDCWD</a>, "work", AT_FDCWD</a>, "b", 0) = 0`,
  "a program": `execve("${FILE}", ["x"], 0x7ff /* 9 vars */) = 0`,
};
for (const [what, line] of Object.entries(TOUCHING))
  test(`named: ${what}`, () => assert.ok(touches(seen(line), ROOT, REST, "file"), line));

const OTHER: Readonly<Record<string, string>> = {
  "another file of its directory": `openat(AT_FDCWD</>, "/a/work/runs/x/log", O_RDONLY) = 3</a/work/runs/x/log>`,
  "the directory around it": `stat("/a/work/runs/x", {st_mode=S_IFDIR}) = 0`,
  "a file with a longer name": `stat("${FILE}.old", {st_mode=S_IFREG}) = 0`,
  "a relative directory": `mkdir("x", 0777) = 0`,
  "a relative directory with the name of the root": `mount("work", "/newroot/x", NULL, MS_BIND, NULL) = 0`,
  "a relative path that ends otherwise": `access("y/job.json", F_OK) = -1 ENOENT (No such file or directory)`,
  "what a program is given": `execve("/bin/cat", ["cat", "${FILE}"], 0x7ff /* 9 vars */) = 0`,
};
for (const [what, line] of Object.entries(OTHER))
  test(`not named: ${what}`, () => assert.not(touches(seen(line), ROOT, REST, "file"), line));

test("the name of a descriptor is what that number stood for", () => {
  const trace = [
    `7 openat(AT_FDCWD</>, "/a/work/runs/x", O_RDONLY|O_DIRECTORY) = 9</a/work/runs/x>`,
    `8 rename("/proc/self/fd/9/new", "/proc/self/fd/9/job.json") = 0`,
  ].join("\n");
  const touched = touchedIn(trace, [ROOT]);
  assert.ok(touches(touched, ROOT, REST, "file"));
  assert.not(touches(touched, ROOT, "runs/y/job.json", "file"));
});

test("who lists a directory sees that a file became a directory, and not what a file says", () => {
  const list = seen(`getdents64(3</a/work/runs/x>, 0x55 /* 4 entries */, 32768) = 112`);
  assert.ok(touches(list, ROOT, REST, "directory"));
  assert.not(touches(list, ROOT, REST, "file"));
});

test("what programs of this machine name is found in strace's own words", () => {
  const dir = makeDirectory();
  writeFiles(dir, {
    "root/in/a": "a",
    "root/in/b": "b",
    "root/in/c": "c",
    "root/in/d": "d",
    "root/in/e": "e",
  });
  const root = join(dir, "root");
  mkdirSync(join(root, "to"));
  symlinkSync(join(root, "in"), join(dir, "link"));
  const program = `cat "$1/root/in/a"; cd "$1/root"; test -e in/b; cat ../link/c; mv in/e to; ls in`;
  const trace = join(dir, "trace");
  const [strace = "", ...args] = underFileTrace(trace);
  const { status, stderr } = spawnSync(strace, [...args, "sh", "-c", program, "sh", dir], {
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
  const touched = touchedIn(readFileSync(trace, "utf8"), [root]);
  const named = ["a", "b", "c", "d", "e"].filter((name) => touches(touched, root, `in/${name}`, "file"));
  assert.equal(named, ["a", "b", "c", "e"]);
  assert.ok(touches(touched, root, "in/d", "directory"));
});

test.run();
