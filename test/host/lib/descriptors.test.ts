import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: descriptors");
test.after(removeWorkspaces);

const HOST = new URL("../../../src/host/", import.meta.url);

/** What `sh` text may not have: a redirection or a duplicate of a descriptor from 3 on, by its number. */
const NUMBERED = /(^|[\s;({])[3-9](<|>)|[<>]&[3-9]|flock( -\w+( \d+)?)* [3-9]\b|\/dev\/fd\/[3-9]/;

test("no program names a descriptor by its number", () => {
  const files = readdirSync(HOST, { recursive: true, encoding: "utf8" });
  // What runs in the guest stands alone there.
  // One inner shell of the session's sweep has descriptors of its own.
  for (const file of files.filter(
    (name) => name.endsWith(".sh") && !["terminal.sh", "services.sh"].includes(name),
  ))
    for (const line of readFileSync(new URL(file, HOST), "utf8").split("\n"))
      if (!/exec 8<"\$1" && flock -n 8|exec 9>>"\$2\/locks\/use-/.test(line))
        assert.not.match(line, NUMBERED, `${file}: ${line}`);
});

const cases: Readonly<Record<string, readonly [text: string, said: string]>> = {
  "without closes for the command alone": [
    'eval "exec 7>file"; without 7 sh -c "echo x >&7" 2>/dev/null || echo closed; echo y >&7 && cat file',
    "closed\ny\n",
  ],
  "without runs a function of this shell": [
    'set_it() { it=$1; }; without "7 8" set_it "a  b"; echo "$it"',
    "a  b\n",
  ],
  "without gives the command's status": ['without 7 sh -c "exit 5"; echo "$?"', "5\n"],
  "unlocked in the background with exec is the process itself": [
    'unlocked exec sleep 9 & sleep 0.2; read -r name <"/proc/$!/comm"; echo "$name"; kill "$!"',
    "sleep\n",
  ],
  "beside hands this shell's stdin on": ['beside cat; wait "$!"; cat', "typed\n"],
};

for (const shell of SHELLS)
  for (const [what, [text, said]] of Object.entries(cases))
    test(`${shell}: ${what}`, () => {
      const { stdout } = callHost(shell, ["lib/locks"], ["main"], {
        input: "typed\n",
        before: `main() { ${text}; }`,
      });
      assert.is(stdout, said);
    });

test.run();
