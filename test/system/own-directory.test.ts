import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import {
  AppendFiles,
  makeDirectory,
  removeFile,
  removeTree,
  touch,
  writeBytes,
  writeJson,
  writeOnce,
} from "../../src/system/client-files.ts";
import { inDirectory } from "../../src/system/own-directory.ts";
import { asNobody } from "../nobody.ts";

const test = suite<{ root: string; outside: string }>("what lies below a .pikaci");
const here = process.platform;

test.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "pikaci-own-"));
  context.outside = join(context.root, "outside");
  mkdirSync(context.outside);
  writeFileSync(join(context.outside, "precious"), "mine");
});
test.after.each(({ root }) => {
  Object.defineProperty(process, "platform", { value: here });
  rmSync(root, { recursive: true });
});

function refusal(action: () => void): InfraError {
  try {
    action();
  } catch (error) {
    if (error instanceof InfraError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** Each way to write a file of pikaci's own. */
const writers: Readonly<Record<string, (path: string) => void>> = {
  writeJson: (path) => writeJson(path, { a: 1 }),
  writeBytes: (path) => writeBytes(path, Buffer.from("x")),
  writeOnce: (path) => writeOnce(path, "x"),
  append: (path) => new AppendFiles().append(path, "x"),
  makeDirectory: (path) => makeDirectory(join(path, "deeper")),
};

for (const platform of [here, "other"])
  for (const [name, write] of Object.entries(writers))
    for (const link of [".pikaci", ".pikaci/runs", ".pikaci/runs/x"])
      test(`${platform}: ${name} is not led away by ${link}`, ({ root, outside }) => {
        Object.defineProperty(process, "platform", { value: platform });
        mkdirSync(join(root, link, ".."), { recursive: true });
        symlinkSync(outside, join(root, link));
        const error = refusal(() => write(join(root, ".pikaci/runs/x/precious")));
        assert.match(error.message, /: (ENOTDIR|ENOENT)$/);
        assert.ok(error.hint);
        assert.equal(readdirSync(outside), ["precious"]);
        assert.is(readFileSync(join(outside, "precious"), "utf8"), "mine");
      });

for (const platform of [here, "other"])
  test(`${platform}: a link in the place of a file is replaced, or refused, and its target stays`, ({
    root,
    outside,
  }) => {
    Object.defineProperty(process, "platform", { value: platform });
    makeDirectory(join(root, ".pikaci/runs"));
    const target = join(outside, "precious");
    const path = (name: string) => join(root, ".pikaci/runs", name);
    for (const name of ["json", "bytes", "once", "log", "gone", "tree"]) symlinkSync(target, path(name));
    writeJson(path("json"), { a: 1 });
    assert.equal(JSON.parse(readFileSync(path("json"), "utf8")), { a: 1 });
    writeBytes(path("bytes"), Buffer.from("new"));
    assert.is(readFileSync(path("bytes"), "utf8"), "new");
    writeOnce(path("once"), "x");
    assert.match(refusal(() => new AppendFiles().append(path("log"), "x")).message, "ELOOP");
    touch(path("log"), new Date(0));
    removeFile(path("gone"));
    removeTree(path("tree"));
    assert.equal(readdirSync(join(root, ".pikaci/runs")).sort(), ["bytes", "json", "log", "once"]);
    assert.is(readFileSync(target, "utf8"), "mine");
  });

test("a directory that is exchanged while it is written to keeps what is written", ({ root, outside }) => {
  makeDirectory(join(root, ".pikaci/runs"));
  inDirectory(join(root, ".pikaci/runs"), (place) => {
    renameSync(join(root, ".pikaci/runs"), join(root, ".pikaci/moved"));
    symlinkSync(outside, join(root, ".pikaci/runs"));
    writeFileSync(join(place, "precious"), "new");
  });
  assert.is(readFileSync(join(root, ".pikaci/moved/precious"), "utf8"), "new");
  assert.is(readFileSync(join(outside, "precious"), "utf8"), "mine");
});

test("what cannot be written leaves no temporary file", ({ root }) => {
  makeDirectory(join(root, ".pikaci/runs/run.json"));
  assert.match(
    refusal(() => writeJson(join(root, ".pikaci/runs/run.json"), {})).message,
    /EISDIR|ENOTEMPTY|EEXIST/,
  );
  assert.equal(readdirSync(join(root, ".pikaci/runs")), ["run.json"]);
});

test("the workspace itself may be reached through a link", ({ root }) => {
  mkdirSync(join(root, "real"));
  symlinkSync("real", join(root, "link"));
  makeDirectory(join(root, "link/.pikaci/runs"));
  writeJson(join(root, "link/.pikaci/runs/a"), 1);
  assert.equal(readdirSync(join(root, "real/.pikaci/runs")), ["a"]);
});

test("a directory of another account is named as what to make writable", ({ root }) => {
  const said = asNobody(
    'import { writeOnce } from "./src/system/client-files.ts";',
    `try { writeOnce(${JSON.stringify(join(root, "pikaci.config.mjs"))}, "x"); } catch (error) { console.log(error.hint); }`,
  );
  assert.is(said, `make ${root} writable by this account\n`);
});

test.run();
