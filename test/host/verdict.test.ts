import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost, SHELLS } from "./call.ts";

const test = suite("what the end of a guest means, on the host");
test.after(removeWorkspaces);

interface End {
  /** Of the process outside the guest. */
  readonly status: number;
  /** What that said. */
  readonly said?: string;
  /** What the runner told: a command's exit status, an error, a note. */
  readonly exit?: number;
  readonly error?: string;
  readonly note?: string;
  /** Why its command was not started. */
  readonly unready?: string;
  /** The kernel's count of processes that it ended for lack of memory, before and after; null where it has none. */
  readonly kills: readonly [number, number] | null;
}

const UNSHARE = "unshare: sigprocmask unblock failed: Invalid argument";

/** How each guest's end is told; what the kernel counts explains a verdict and never decides one. */
const ends: readonly (readonly [end: End, status: string, message: string])[] = [
  [{ status: 0, exit: 0, kills: [3, 4] }, "passed", "exit 0"],
  [{ status: 0, exit: 2, kills: [3, 3] }, "failed", "exit 2"],
  [
    { status: 0, exit: 2, kills: [3, 5] },
    "failed",
    "exit 2; memory? the host's kernel ended 2 processes for lack of it meanwhile",
  ],
  [{ status: 0, exit: 137, kills: null }, "failed", "ended by signal KILL (exit 137)"],
  [
    { status: 0, exit: 137, kills: [0, 1] },
    "failed",
    "ended by signal KILL (exit 137); memory? the host's kernel ended 1 process for lack of it meanwhile",
  ],
  [
    { status: 0, exit: 137, note: "out of memory: 64 MiB", kills: [0, 1] },
    "failed",
    "ended by signal KILL (exit 137); out of memory: 64 MiB",
  ],
  [
    { status: 0, unready: "service db was not ready within 30 s", kills: [0, 1] },
    "failed",
    "service db was not ready within 30 s",
  ],
  [
    { status: 0, unready: "service db was not ready", error: "bubblewrap was killed", kills: [0, 0] },
    "infra",
    "host: bubblewrap was killed",
  ],
  [
    { status: 1, said: UNSHARE, kills: [7, 8] },
    "infra",
    "host: the guest was killed; memory? the host's kernel ended 1 process for lack of it meanwhile",
  ],
  [
    { status: 1, said: UNSHARE, kills: [7, 7] },
    "infra",
    "host: the guest was killed from outside, and not for lack of memory",
  ],
  [
    { status: 137, kills: null },
    "infra",
    "host: the guest was killed; memory? the host's kernel does not say",
  ],
  [
    { status: 137, kills: [0, 2] },
    "infra",
    "host: the guest was killed; memory? the host's kernel ended 2 processes for lack of it meanwhile",
  ],
  [
    { status: 1, said: "unshare: unshare failed: Operation not permitted", kills: [0, 0] },
    "infra",
    "host: the runner ended without a result (status 1): unshare: unshare failed: Operation not permitted",
  ],
  [
    { status: 1, error: "bubblewrap was killed", kills: [0, 1] },
    "infra",
    "host: bubblewrap was killed; memory? the host's kernel ended 1 process for lack of it meanwhile",
  ],
  [{ status: 1, error: "bubblewrap was killed", kills: [1, 1] }, "infra", "host: bubblewrap was killed"],
];

for (const shell of SHELLS)
  for (const [end, status, message] of ends)
    test(`${shell}: ${JSON.stringify(end)}`, () => {
      const cwd = makeDirectory();
      writeFileSync(join(cwd, "unshare-errors"), end.said === undefined ? "" : `${end.said}\n`);
      const [before, after] = end.kills ?? ["", ""];
      const { stdout, stderr } = callHost(shell, ["result", "verdict"], ["tell"], {
        cwd,
        params: {
          ...{ run_id: "r", job: "j", content_hash: "h", boot_ms: "1", timeout_ms: "1", lease_ms: "1" },
          ...{ why: "", log_status: "0", guest_status: String(end.status), oom_kills: String(before) },
          ...{ runner_error: end.error ?? "", runner_note: end.note ?? "", unready: end.unready ?? "" },
          exit_status: end.exit === undefined ? "" : String(end.exit),
        },
        before: `count_oom_kills() { printf '%s' '${after}'; }
          tell() { decide && printf '%s|%s' "$status" "$message"; }`,
      });
      assert.is(stderr, "");
      assert.is(stdout, `${status}|${message}`);
    });

test("the kernel's count is read where it has one", () => {
  const cwd = makeDirectory();
  writeFileSync(join(cwd, "vmstat"), "nr_free_pages 5\noom_kill 12\noom_kill_other 9\n");
  writeFileSync(join(cwd, "old"), "nr_free_pages 5\n");
  const params = { content_hash: "h", boot_ms: "1", timeout_ms: "1", lease_ms: "1" };
  const count = (file: string) =>
    callHost("dash", ["verdict"], ["count_oom_kills", file], { cwd, params }).stdout;
  assert.equal(["vmstat", "old", "none"].map(count), ["12\n", "", ""]);
});

test.run();
