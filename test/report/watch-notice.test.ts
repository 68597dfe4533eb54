import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytePath } from "../../src/core/byte-path.ts";
import { ConfigError, InfraError } from "../../src/core/errors.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { Notice } from "../../src/operations/watch/notice.ts";
import { painter } from "../../src/report/style.ts";
import { formatNotice } from "../../src/report/watch-notice.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";
import { jobSpec } from "../host/guard-rig.ts";

const paths = (...names: string[]) => names.map((name) => bytePath(Buffer.from(name)));
const [unit, lint, late] = ["unit", "lint", "late"].map(parseJobName);
const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("ssh://ci@builder");

function known(name: typeof unit, status: "passed" | "failed" | null, stale: boolean) {
  if (name === undefined) throw new Error("no name");
  const at = new Date(0);
  const { result } =
    status === null ? pendingJob(name) : closedJob(pendingJob(name), runId, { status, message: "", at });
  return [name, { spec: jobSpec({ name }), result, stale, skipped: false }] as const;
}

const ledger = new Map([known(unit, "passed", false), known(lint, "failed", true), known(late, null, true)]);

const CASES: readonly (readonly [Notice, readonly string[]])[] = [
  [{ type: "watching", directories: 1, limited: false }, ["watching 1 directory"]],
  [
    { type: "watching", directories: 900, limited: true },
    [
      "warning: the system has no inotify watch left after 900 directories: the tree is looked at every 2 s instead\nhint: raise the limit: `sysctl fs.inotify.max_user_watches=524288` (and `fs.inotify.max_user_instances=512`)",
    ],
  ],
  [{ type: "changed", paths: paths("a"), jobs: [] }, ["changed a: no job depends on it"]],
  [
    { type: "changed", paths: paths("a\n", "\x1b[2J", "c", "d", "e"), jobs: [...ledger.keys()] },
    ["changed a\\x0a, \\x1b[2J, c and 2 more files: unit, lint, late"],
  ],
  [
    { type: "unusable", error: new ConfigError("it is wrong", { hint: "mend it" }) },
    ["error: it is wrong\nhint: mend it", "waiting for a change that mends it"],
  ],
  [{ type: "outdated", runId }, [`the tree has changed: run ${runId} is cancelled`]],
  [
    { type: "unreachable", error: new InfraError("network", "no route"), pauseMs: 4_000 },
    [
      "error: no route\nhint: `pikaci doctor` looks for what would make a run fail, here and on hosts",
      "trying again in 4 s",
    ],
  ],
  [{ type: "lost", host }, ["the connection to ssh://ci@builder is lost"]],
  [{ type: "back", host }, ["connected to ssh://ci@builder again"]],
  [{ type: "idle", ledger }, ["unit ✔ passed · lint (✘ failed) · late … not run"]],
  [{ type: "idle", ledger: new Map() }, ["no job is to run"]],
];

for (const [notice, lines] of CASES)
  test(`${notice.type}: ${lines[0]}`, () => assert.equal(formatNotice(notice, painter(false)), lines));

test.run();
