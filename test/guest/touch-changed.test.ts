import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHELLS } from "../host/call.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const test = suite("times of files that differ from a cache's");
test.after(removeWorkspaces);

const jail = readFileSync(new URL("../../nix/runners/jail/tree/lib/jail", import.meta.url), "utf8");
const touchChanged = /^touch_changed\(\) \{\n[\s\S]*?\n\}$/m.exec(jail)?.[0] ?? "";

for (const shell of SHELLS)
  test(`${shell}: what changed gets the time; nothing outside does, also where a directory is a symlink now`, () => {
    const dir = makeDirectory();
    mkdirSync(join(dir, "private/merged/src"), { recursive: true });
    mkdirSync(join(dir, "outside"));
    const files = [
      "private/merged/src/changed",
      "private/merged/src/new\nline",
      "private/merged/same",
      "outside/file",
    ];
    for (const file of files) {
      writeFileSync(join(dir, file), "");
      utimesSync(join(dir, file), 1000, 1000);
    }
    symlinkSync(join(dir, "outside"), join(dir, "private/merged/link"));
    writeFileSync(
      join(dir, "touched"),
      ["gone", "link/file", "src/changed", "src/new\nline"].map((path) => `${path}\0`).join(""),
    );
    writeFileSync(join(dir, "touch-time"), "2000\n");
    const [program = "", ...applet] = shell.split(" ");
    const script = `fail() { echo "$*"; exit 1; }\n${touchChanged}\ntouch_changed`;
    const { status, stdout } = spawnSync(program, [...applet, "-c", script], { cwd: dir, encoding: "utf8" });
    assert.is(status, 0, stdout);
    assert.equal(
      files.map((file) => statSync(join(dir, file)).mtimeMs / 1000),
      [2000, 2000, 1000, 1000],
    );
  });

test.run();
