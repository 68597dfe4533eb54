import { execFileSync } from "node:child_process";
import { lstatSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { copyDirectory, copyFile } from "../../src/system/copy-file.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

test.after(removeWorkspaces);

const MIB = 2 ** 20;

function makeFiles(): string {
  const dir = makeDirectory();
  const script = `mkdir -p sub/deep; truncate -s 40M sub/holes; printf begin | dd of=sub/holes conv=notrunc status=none
    printf end >>sub/holes; chmod 755 sub/holes; truncate -s 3M "sub/deep/$(printf 'new\\nline')"; echo plain >sub/plain; : >sub/empty`;
  execFileSync("sh", ["-c", script], { cwd: dir });
  symlinkSync("../nowhere", join(dir, "sub/link"));
  return dir;
}

test("a directory is copied with its holes, modes and links", () => {
  const dir = makeFiles();
  copyDirectory(join(dir, "sub"), join(dir, "copy"));
  execFileSync("diff", ["-r", "--no-dereference", "sub", "copy"], { cwd: dir });
  const { size, blocks, mode } = lstatSync(join(dir, "copy/holes"));
  assert.equal([size, mode & 0o777], [40 * MIB + 3, 0o755]);
  assert.ok(blocks * 512 < MIB);
  assert.is(lstatSync(join(dir, "copy/deep/new\nline")).blocks, 0);
  assert.is(readlinkSync(join(dir, "copy/link")), "../nowhere");
});

test("a file is copied over what is there, with holes or without", () => {
  const dir = makeFiles();
  for (const name of ["holes", "plain", "empty"]) {
    const to = join(dir, `copy of ${name}`);
    writeFileSync(to, "x".repeat(100_000));
    copyFile(join(dir, "sub", name), to);
    assert.ok(readFileSync(to).equals(readFileSync(join(dir, "sub", name))), name);
    assert.is(lstatSync(to).mode & 0o111, lstatSync(join(dir, "sub", name)).mode & 0o111);
  }
  assert.ok(lstatSync(join(dir, "copy of holes")).blocks * 512 < MIB);
});

test.run();
