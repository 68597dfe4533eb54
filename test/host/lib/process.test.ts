import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../../workspace.ts";
import { callHost, SHELLS } from "../call.ts";

const test = suite("host lib: process");
test.after(removeWorkspaces);

for (const shell of SHELLS) {
  const say = (text: string) =>
    callHost(shell, ["lib/process"], ["main"], { before: `main() { ${text}; }` }).stdout;

  test(`${shell}: a child lives until it has exited, waited for or not`, () => {
    const told = 'if ended "$child"; then echo ended; else echo lives; fi';
    assert.is(
      say(`sleep 9 & child=$!; ${told}; kill "$child"; sleep 0.2; ${told}; wait; ${told}`),
      "lives\nended\nended\n",
    );
  });

  test(`${shell}: who is no child, or not there, has ended`, () => {
    assert.is(say('ended 1 && ended 999999999 && echo "not ours"'), "not ours\n");
  });

  test(`${shell}: a process has a parent and a start time, also with blanks and brackets in its name`, () => {
    const text = 'ln -s "$(command -v sleep)" "a) (b c"; "./a) (b c" 9 & look_at "$!"; kill "$!"';
    assert.is(say(`${text}; [ "$parent" = "$$" ] && [ "$born" -gt 0 ] && echo right`), "right\n");
  });

  test(`${shell}: the mark is the work dir itself, however it is called`, () => {
    const dir = makeDirectory();
    mkdirSync(join(dir, "real"));
    const { dev, ino } = statSync(join(dir, "real"));
    const { stdout } = callHost(shell, ["lib/process"], ["main"], {
      before: 'main() { run_mark run; printf %s "$mark"; }',
      params: { work_dir: join(dir, "real", "..", "real") },
    });
    assert.is(stdout, `${dev}-${ino}:run`);
  });
}

test.run();
