// needs: nix
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("jobs that cannot start a program");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

test("say which, and where it was looked for; the guard's result is as it was", async ({ rig }) => {
  rig.write({ "run.sh": "#!/bin/sh\nexit 0\n", "wanted.sh": "sh -c no-such-tool\n" });
  rig.configure({
    jobs: {
      words: { command: ["no-such-program", "test"], env: { PATH: "/usr/bin:/bin" } },
      text: { command: "echo hello && no-such-word" },
      inner: { command: "sh wanted.sh" },
      plain: { command: "./run.sh" },
      other: { command: "exit 3" },
    },
  });
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 1, stderr);
  assert.match(stderr, "warning: words ended with exit code 127\nhint: `no-such-program`");
  assert.match(stderr, "PATH, /usr/bin:/bin; this machine does not have it either");
  const record = rig.record();
  const hintOf = (job: string) => jobOf(record, job).hint ?? "";
  assert.match(hintOf("words"), "`no-such-program` (named in the log)");
  assert.match(hintOf("text"), "`no-such-word` (named in the log)");
  assert.match(hintOf("inner"), "`no-such-tool` (named in the log)");
  assert.match(hintOf("plain"), "`./run.sh` (named in the log) is there but cannot be executed");
  assert.is(jobOf(record, "other").hint, undefined);
  const { result } = jobOf(record, "plain");
  assert.equal([result?.status, result?.exit_code, "hint" in (result ?? {})], ["failed", 126, false]);
  assert.match((await rig.pikaci("status")).stdout, "    hint: `./run.sh`");
});

test.run();
