import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
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

test.run();
