import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { asOrdinary } from "../as-ordinary.ts";
import { SHELLS } from "../call.ts";

const test = suite("removing what guests have made");
test.after(removeWorkspaces);

const library = readFileSync(new URL("../../../src/host/lib/remove.sh", import.meta.url), "utf8");

/** As `cp -a` of a store path leaves it, beside what else a guest can make. */
function makeTree(dir: string): void {
  mkdirSync(join(dir, "tree/store/bin/new\nline"), { recursive: true });
  writeFileSync(join(dir, "tree/store/bin/program"), "");
  mkdirSync(join(dir, "tree/closed/inner"), { recursive: true });
  mkdirSync(join(dir, "outside"));
  writeFileSync(join(dir, "outside/file"), "");
  symlinkSync("../../outside", join(dir, "tree/store/link"));
  for (const name of ["tree/store/bin/new\nline", "tree/store/bin", "tree/store", "outside"])
    chmodSync(join(dir, name), 0o555);
  chmodSync(join(dir, "tree/closed/inner"), 0o000);
  chmodSync(join(dir, "tree/closed"), 0o000);
}

for (const ending of ["\\;", "+"])
  test(`find calls it for what it finds, and ends that with ${ending}`, () => {
    const dir = makeDirectory();
    makeTree(dir);
    const call = `find . -mindepth 1 -maxdepth 1 -name tree -exec sh -c "$remove_program" remove {} ${ending}`;
    const { status, stderr } = asOrdinary(dir, ["sh", "-c", `${library}\n${call}`]);
    assert.is(status, 0, stderr);
    assert.not.ok(existsSync(join(dir, "tree")), stderr);
  });

for (const shell of SHELLS)
  test(`${shell}: directories that nobody may write go on an ordinary account; no link is followed`, () => {
    const dir = makeDirectory();
    makeTree(dir);
    const mode = () => asOrdinary(dir, ["stat", "-c", "%a", "outside"]).stdout;
    const { status, stderr } = asOrdinary(dir, [
      ...shell.split(" "),
      "-c",
      `${library}\nremove_tree tree nothing`,
    ]);
    assert.is(status, 0, stderr);
    assert.not.ok(existsSync(join(dir, "tree")));
    assert.is(mode(), "555\n");
    assert.ok(existsSync(join(dir, "outside/file")));
  });

test.run();
