// needs: nix tmux
// time-limit: 300
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";
import { enterLine, openClient, type Pane } from "../report/tmux.ts";

const test = suite<{ rig: Rig }>("run --shell-on-failure on a terminal");

test.before((context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    limits: { jobs: 1 },
    jobs: {
      bad: { command: "echo changed >file; echo part >/artifacts/part; exit 3", workspace: "private" },
      endless: { command: "echo begun; while :; do sleep 1; done" },
      good: { command: "true" },
      late: { command: "sleep 600", timeout: "1s" },
      known: { command: "exit 3", cache: "all" },
      built: { command: "exit 3", runner: "derivation" },
    },
  });
  rig.write({ file: "first\n" });
});
test.after(({ rig }) => rig.remove());

/** Runs jobs on a terminal; the last thing on its screen is how pikaci ended. */
async function onTerminal(
  rig: Rig,
  jobs: readonly string[],
  [code, use]: readonly [code: number, use: (pane: Pane) => Promise<void>],
): Promise<string> {
  const words = jobs.map((job) => `--job ${job}`).join(" ");
  const pane = openClient(rig, `run --shell-on-failure ${words}`);
  try {
    await use(pane);
    await pane.shows(`code ${code}`);
    return await pane.shows("restored");
  } finally {
    pane.close();
  }
}

test("the shell is where the job failed; the run's exit code stands, not the shell's", async ({ rig }) => {
  const screen = await onTerminal(
    rig,
    ["good", "bad"],
    [
      1,
      async (pane) => {
        await pane.shows("bad as it was left on local; `exit` leaves");
        await pane.shows("bad:/workspace$");
        await enterLine(pane, "cat file /artifacts/part", "changed\npart");
        await enterLine(pane, "stty size", "24 90");
        await enterLine(pane, "echo asleep; sleep 600", "\nasleep");
        pane.press("C-c");
        await enterLine(pane, "echo awake $((6 * 7))", "awake 42");
        await enterLine(pane, "exit 9", "code");
      },
    ],
  );
  assert.not.match(screen, "error:");
  assert.equal(
    rig.record().jobs.map(({ job, result }) => [job, result?.status]),
    [
      ["good", "passed"],
      ["bad", "failed"],
    ],
  );
});

test("Ctrl-D leaves it; after a timeout the exit code is 124", async ({ rig }) => {
  await onTerminal(
    rig,
    ["late"],
    [
      124,
      async (pane) => {
        await pane.shows("late:/workspace$");
        pane.press("C-d");
      },
    ],
  );
});

test("Enter ~ . leaves it, and is no error", async ({ rig }) => {
  const screen = await onTerminal(
    rig,
    ["bad"],
    [
      1,
      async (pane) => {
        await pane.shows("bad:/workspace$");
        pane.press("Enter");
        pane.type("~.");
      },
    ],
  );
  assert.not.match(screen, "error:");
});

test("Ctrl-C of the run cancels it, and opens no shell in what had failed before", async ({ rig }) => {
  const screen = await onTerminal(
    rig,
    ["bad", "endless"],
    [
      130,
      async (pane) => {
        await pane.shows("begun");
        pane.press("C-c");
      },
    ],
  );
  assert.not.match(screen, "as it was left");
  assert.equal(
    rig.record().jobs.map(({ job, result }) => [job, result?.status]),
    [
      ["bad", "failed"],
      ["endless", "cancelled"],
    ],
  );
});

test("where nothing failed there is no shell", async ({ rig }) => {
  const screen = await onTerminal(rig, ["good"], [0, async () => {}]);
  assert.not.match(screen, "as it was left");
});

test("what has no terminal is told, and the exit code stands", async ({ rig }) => {
  const screen = await onTerminal(rig, ["built"], [1, async () => {}]);
  assert.match(screen, /job built is a build of Nix/);
});

test("a failure that is only remembered has left nothing to enter, and that is told", async ({ rig }) => {
  assert.is((await rig.pikaci("run", "-q", "--job", "known")).code, 1);
  const screen = await onTerminal(rig, ["known"], [1, async () => {}]);
  assert.match(screen, "no shell is opened: the host keeps nothing of known");
});

for (const [what, end] of [
  ["stdin", "</dev/null"],
  ["stdout", ">out"],
] as const)
  test(`without a terminal as ${what} it is refused before anything runs`, async ({ rig }) => {
    const before = rig.record().run_id;
    const pane = openClient(rig, `run --shell-on-failure ${end}`);
    try {
      await pane.shows("code 2");
      assert.match(pane.screen(), "--shell-on-failure needs a terminal");
    } finally {
      pane.close();
    }
    assert.is(rig.record().run_id, before);
  });

test.run();
