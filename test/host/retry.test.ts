// needs: nix
// time-limit: 180
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JobResult } from "../../src/core/job-result.ts";
import { eventually } from "../lab/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { endGuards, type Guarded, type GuardOptions, runGuard, shell, startGuard } from "./guard-rig.ts";

const test = suite("a job that runs again, on this machine");
test.after(endGuards);
test.after(removeWorkspaces);

const SECRET = "only-the-guest-knows-1147";

interface Again extends GuardOptions {
  readonly retries: number;
}

function again(command: string, { retries, job, params, ...options }: Again): GuardOptions {
  return {
    ...options,
    job: { command: shell(command), retries, ...job },
    params: { ...params, retries: String(retries) },
  };
}

const statuses = ({ attempts = [] }: JobResult) => attempts.map(({ status }) => status);
const control = ({ jobDir }: Guarded) => readFileSync(join(jobDir, "control"), "utf8");

/** What an attempt finds, where the one before left traces everywhere. */
const FRESH = `
  [ "$(cat /workspace/kept 2>/dev/null)" = "" ] || echo the workspace is used
  [ -z "$(ls -A /artifacts)$(ls -A /tmp)" ] || echo something is left
  [ -z "$(ls -A /cache/c)" ] || echo the cache is used
  [ "$(printf %s "$TOKEN" | wc -c)" = ${SECRET.length} ] || echo the secret is lost
  echo mine >/workspace/kept; echo mine >/tmp/mine; echo mine >/artifacts/of-$PIKACI_ATTEMPT; echo mine >/cache/c/of-$PIKACI_ATTEMPT
  echo "attempt $PIKACI_ATTEMPT says $TOKEN"`;

/** What a published snapshot has, and caches are saved with. */
function describeSnapshot({ workDir }: Guarded): void {
  const snapshot = join(workDir, "snapshots", "a".repeat(64));
  writeFileSync(join(snapshot, "B3SUMS"), "");
  writeFileSync(join(snapshot, "pikaci-snapshot.json"), '{ "b3sums_left_out": 0, "x": 1 }');
}

test("one that fails and then passes is flaky: each attempt has a new guest, and the secrets", async () => {
  const guard = await startGuard(
    again(`${FRESH}\n[ "$PIKACI_ATTEMPT" = 3 ] || exit 4`, {
      retries: 4,
      secrets: { TOKEN: SECRET },
      job: { workspace: "private" },
      params: { caches: "c=p@c@sandbox" },
    }),
  );
  describeSnapshot(guard);
  await guard.until("end");
  guard.channel.end();
  await guard.channel.closed;
  const result = guard.result();
  assert.is(guard.log(), [1, 2, 3].map((attempt) => `attempt ${attempt} says ***\n`).join(""));
  assert.is(result.status, "flaky");
  assert.is(result.exit_code, 0);
  assert.is(result.message, "exit 0 at attempt 3 of 5; the attempt before: exit 4");
  assert.equal(statuses(result), ["failed", "failed", "passed"]);
  assert.equal(
    result.attempts?.map(({ exit_code, signal, message }) => ({ exit_code, signal, message })),
    [4, 4, 0].map((code) => ({ exit_code: code, signal: null, message: `exit ${code}` })),
  );
  for (const attempt of result.attempts ?? []) assert.type(attempt.duration_ms, "number");
  assert.match(guard.artifacts(), /of-3/);
  assert.not.match(guard.artifacts(), /of-[12]/);
  // The cache is that of the attempt that passed.
  const cache = join(guard.workDir, "cache/p@c@sandbox/current/tree");
  assert.equal(readdirSync(cache), ["of-3"]);
  assert.is(result.caches?.["c"]?.saved, "saved");
  // Where the log of each attempt begins.
  const begins = [...control(guard).matchAll(/^attempt (.*)$/gm)].map(([, rest]) => rest);
  assert.equal(begins, ["2 5 19 exit 4", "3 5 38 exit 4"]);
  for (const name of ["secrets", "private", "fresh", "log.pipe"])
    assert.not(existsSync(join(guard.jobDir, name)), name);
});

test("one that always fails has failed, with all its attempts; its cache stays as it was", async () => {
  const guard = await runGuard(
    again("echo x >/cache/c/x; echo $PIKACI_ATTEMPT >/artifacts/which; kill -SEGV $$", {
      retries: 2,
      params: { caches: "c=p@c@sandbox" },
    }),
  );
  const result = guard.result();
  assert.is(result.status, "failed");
  assert.is(result.signal, "SEGV");
  assert.is(result.message, "ended by signal SEGV (exit 139) (attempt 3 of 3)");
  assert.equal(statuses(result), ["failed", "failed", "failed"]);
  assert.is(result.caches?.["c"]?.saved, "kept");
  assert.not(existsSync(join(guard.workDir, "cache/p@c@sandbox/current")));
});

test("one that passes at once has passed, and nothing is said of attempts", async () => {
  const guard = await runGuard(again("echo $PIKACI_ATTEMPT", { retries: 3 }));
  assert.is(guard.log(), "1\n");
  assert.is(guard.result().status, "passed");
  assert.is(guard.result().attempts, undefined);
});

test("a job without retries is not told of attempts", async () => {
  const guard = await runGuard({ job: { command: shell("echo ${PIKACI_ATTEMPT-none}") } });
  assert.is(guard.log(), "none\n");
});

test("what ran past its timeout runs again, with a timeout and a silence of its own", async () => {
  const command = `case $PIKACI_ATTEMPT in
    1) while :; do echo more; sleep 0.2; done ;;
    2) sleep 60 ;;
    3) sleep 0.5 ;;
  esac`;
  const guard = await runGuard(
    again(command, { retries: 2, params: { timeout_ms: "5000", silence_ms: "2000", grace_ms: "200" } }),
  );
  const result = guard.result();
  assert.is(result.status, "flaky", result.message);
  assert.equal(statuses(result), ["timeout", "timeout", "passed"]);
  assert.match(result.attempts?.[0]?.message ?? "", /^run: /);
  assert.match(result.attempts?.[1]?.message ?? "", /^silence: /);
});

for (const [what, runner, params, status] of [
  ["a runner's error", "echo start >>control; echo error broken >>control", {}, "infra"],
  ["a guest that was killed", "echo start >>control; kill -KILL $$", {}, "infra"],
  ["a guest that does not boot", "sleep 60", { boot_ms: "300", grace_ms: "100" }, "timeout"],
] as const)
  test(`${what} is not tried again`, async () => {
    const guard = await runGuard(again("true", { retries: 2, runner: `#!/bin/sh\n${runner}`, params }));
    assert.is(guard.result().status, status, guard.result().message);
    assert.is(guard.result().attempts, undefined);
    assert.not.match(control(guard), /^attempt/m);
  });

test("what a guest says of an earlier attempt decides nothing: the runner's words count from the attempt on", async () => {
  const runner = `#!/bin/sh
    echo boot >>control; echo start >>control
    if [ -e ../../seen ]; then echo 'error the host broke' >>control; else true >../../seen; echo 'note first' >>control; echo 'exit 7' >>control; fi`;
  const guard = await runGuard(again("true", { retries: 1, runner }));
  const result = guard.result();
  assert.equal([result.status, result.message], ["infra", "host: the host broke"]);
  assert.equal(statuses(result), ["failed", "infra"]);
  assert.is(result.attempts?.[0]?.message, "exit 7; first");
});

/** Fails, and at its second attempt waits to be ended. */
const WAITS = "[ $PIKACI_ATTEMPT = 2 ] || exit 1; echo waiting; sleep 600";

test("a job that is cancelled at its second attempt is cancelled, and does not begin again", async () => {
  const guard = await startGuard(again(WAITS, { retries: 5 }));
  await guard.until("log");
  await guard.channel.write("cancel\n");
  await guard.until("end");
  guard.channel.end();
  await guard.channel.closed;
  const result = guard.result();
  assert.equal([result.status, result.message], ["cancelled", "cancelled by the client"]);
  assert.equal(statuses(result), ["failed", "cancelled"]);
});

test("a client that goes away at the second attempt leaves a verdict and no process", async () => {
  const guard = await startGuard(again(WAITS, { retries: 5 }));
  await guard.until("log");
  guard.channel.end();
  const file = join(guard.jobDir, "result.json");
  const result = await eventually("the verdict", 10, () =>
    existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as JobResult) : null,
  );
  assert.equal([result.status, result.message], ["cancelled", "the client went away"]);
  assert.equal(statuses(result), ["failed", "cancelled"]);
  await guard.channel.closed.catch(() => {});
  assert.not(existsSync(join(guard.jobDir, "secrets")));
});

/** An environment in which the shell text comes before the program of that name. */
function instead(program: string, text: string): { readonly PATH: string } {
  const dir = makeDirectory();
  writeFileSync(join(dir, program), `#!/bin/sh\n${text}\nexec /usr/bin/${program} "$@"\n`, { mode: 0o755 });
  return { PATH: `${dir}:${process.env.PATH}` };
}

test("a job that is cancelled between two attempts does not begin again", async () => {
  const env = instead("mkdir", '[ "$*" != "fresh fresh/private fresh/artifacts" ] || true >cancel');
  const guard = await runGuard(again("exit 1", { retries: 2, env }));
  const result = guard.result();
  assert.equal([result.status, result.message], ["cancelled", "cancelled by the client"]);
  assert.equal(statuses(result), ["failed"]);
});

test("a disk that is full between two attempts is infra, with the attempt that there was", async () => {
  const env = instead("mkdir", '[ "$*" != "fresh fresh/private fresh/artifacts" ] || exit 1');
  const guard = await runGuard(again("echo said; true >/artifacts/left; exit 1", { retries: 2, env }));
  const result = guard.result();
  assert.is(result.status, "infra");
  assert.match(result.message, /^disk: attempt 2 of 3 could not be made ready: \S+ of \S+ used on /);
  assert.equal(statuses(result), ["failed"]);
  assert.is(result.started_at, null);
  assert.is(guard.log(), "said\n");
  assert.match(guard.artifacts(), /left/);
});

test.run();
