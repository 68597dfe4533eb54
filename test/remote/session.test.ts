// needs: nix
// time-limit: 150
import { spawnSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Context } from "../../src/core/context.ts";
import { CancelledError, InfraError } from "../../src/core/errors.ts";
import { parseContentHash, parseRunId } from "../../src/core/ids.ts";
import { LAYOUT_VERSION } from "../../src/core/layout.ts";
import { connect } from "../../src/remote/connect.ts";
import type { Channel } from "../../src/remote/connection.ts";
import { connectLocal } from "../../src/remote/local.ts";
import {
  type EarlySession,
  type HostSession,
  openEarlySession,
  openSession,
} from "../../src/remote/session.ts";
import { holdLock } from "../host/hold-lock.ts";
import { hostSpec } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, rejection, removeWorkspaces } from "../workspace.ts";

const test = suite("session on this machine");
test.after(removeWorkspaces);

const runId = parseRunId("20260101T000000Z-0123abcd");
const context = (env = {}) => makeContext({ HOME: process.env.HOME, ...env });

async function session<T>(
  workDir: string | null,
  use: (session: HostSession) => Promise<T>,
  within: Context = context(),
  silentMs?: number,
): Promise<T> {
  const connection = await connect(hostSpec("local", workDir), within);
  try {
    const hash = parseContentHash("a".repeat(64));
    const questions = { runId, projectId: "p", contentHash: hash, runners: [hash], backends: ["sandbox"] };
    return await use(await openSession(connection, questions, within, silentMs));
  } finally {
    await connection.close();
  }
}

/** A work dir that pikaci has made earlier. */
function makeWorkDir(): string {
  const workDir = makeDirectory();
  writeFileSync(join(workDir, "pikaci-work-dir"), "");
  return workDir;
}

const ended = (n: number) => `2025010${n}T000000Z-0123abcd`;
const STALE = "prepare.0123abcd";
const USED = "runner.0123abcd";
const YOUNG = "gone.0123abcd";

async function refused(promise: Promise<unknown>): Promise<InfraError> {
  const error = await rejection(promise);
  if (error instanceof InfraError) return error;
  throw error;
}

test("the probe answers everything, and the run is removed in the end", async () => {
  const workDir = join(makeDirectory(), "state", "it's a $dir");
  const within = context();
  await session(
    workDir,
    async ({ facts }) => {
      assert.is(facts.workDir, workDir);
      assert.is(facts.uid, process.getuid?.());
      assert.is(facts.nix.state, "works");
      assert.ok(Math.abs(facts.clockMs - Date.now()) < 5000);
      assert.ok(facts.freeBytes > 0);
      assert.equal(facts.snapshot, { state: "missing" });
      assert.equal([...facts.runners.values()], [{ state: "missing" }]);
      mkdirSync(join(workDir, "runs", runId));
      assert.ok(existsSync(join(workDir, "locks", `run-${runId}`)));
    },
    within,
  );
  assert.equal(
    within.events.map(({ type }) => type),
    ["connected"],
  );
  assert.equal(readdirSync(join(workDir, "runs")), []);
  // Marks of use stay for the collection.
  const held = readdirSync(join(workDir, "locks")).filter((name) => !name.startsWith("use-"));
  assert.equal(held, []);
});

test("a run that is kept stays", async () => {
  const workDir = makeDirectory();
  await session(workDir, async () => {
    mkdirSync(join(workDir, "runs", runId), { recursive: true });
    writeFileSync(join(workDir, "runs", runId, "keep"), "");
  });
  assert.equal(readdirSync(join(workDir, "runs")), [runId]);
});

test("the session waits for this run's guards before it removes the run", async () => {
  const workDir = makeDirectory();
  let letGo = async () => {};
  let held = () => {};
  const isHeld = new Promise<void>((done) => {
    held = done;
  });
  const ended = session(workDir, async () => {
    mkdirSync(join(workDir, "runs", runId));
    letGo = await holdLock(workDir, ["-s", `locks/run-${runId}`]);
    held();
  }).then(() => "ended");
  await Promise.race([isHeld, ended]);
  assert.is(await Promise.race([ended, sleep(1500).then(() => "waits")]), "waits");
  assert.equal(readdirSync(join(workDir, "runs")), [runId]);
  await letGo();
  assert.is(await ended, "ended");
  assert.equal(readdirSync(join(workDir, "runs")), []);
});

test("what dead programs left is swept, what is in use or young stays", async () => {
  const workDir = makeWorkDir();
  const hourAgo = new Date(Date.now() - 3_600_000);
  const make = (path: string, time = hourAgo) => {
    mkdirSync(join(workDir, path), { recursive: true });
    utimesSync(join(workDir, path), time, time);
  };
  for (const name of [`tmp/${STALE}`, `tmp/${USED}`, ...[1, 2, 3].map((n) => `runs/${ended(n)}`)]) make(name);
  writeFileSync(join(workDir, "runs", ended(2), "keep"), "");
  utimesSync(join(workDir, "runs", ended(2)), hourAgo, hourAgo);
  make(`tmp/${YOUNG}`, new Date());
  make(`runs/${ended(4)}`, new Date());
  mkdirSync(join(workDir, "locks"));
  const letGo = await holdLock(workDir, ["-s", `tmp/${USED}`], ["-s", `locks/run-${ended(3)}`]);
  await session(workDir, async ({ facts }) => assert.is(facts.swept, 2));
  assert.equal(readdirSync(join(workDir, "tmp")).sort(), [USED, YOUNG].sort());
  assert.equal(readdirSync(join(workDir, "runs")).sort(), [2, 3, 4].map(ended));
  await letGo();
});

test("what arrived of an upload that was cut stays for a day, and longer while it is in use", async () => {
  const workDir = makeWorkDir();
  const hours = (count: number) => new Date(Date.now() - count * 3_600_000);
  const partial = (digit: string) => `partial-${digit.repeat(64)}-0123abcd`;
  const [young, old, used] = ["1", "2", "3"].map(partial);
  for (const [name = "", age] of [
    [young, 20],
    [old, 30],
    [used, 30],
  ] as const) {
    mkdirSync(join(workDir, "tmp", name), { recursive: true });
    utimesSync(join(workDir, "tmp", name), hours(age), hours(age));
  }
  const letGo = await holdLock(workDir, [`tmp/${used}`]);
  await session(workDir, async ({ facts }) => assert.is(facts.swept, 1));
  assert.equal(readdirSync(join(workDir, "tmp")).sort(), [young, used]);
  await letGo();
});

/** Only root gives a directory away. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot("what another account left is not swept", async () => {
  const workDir = makeWorkDir();
  const stale = join(workDir, "tmp", STALE);
  mkdirSync(stale, { recursive: true });
  utimesSync(stale, 1, 1);
  chownSync(stale, 12345, 12345);
  await session(workDir, async ({ facts }) => assert.is(facts.swept, 0));
  assert.ok(existsSync(stale));
});

test("of many snapshots, the project's newest are named, newest first", async () => {
  const workDir = makeWorkDir();
  const hash = (n: number) => n.toString(16).padStart(64, "0");
  const publish = (n: number, project: string, layout: object = { layout_version: LAYOUT_VERSION }) => {
    const dir = join(workDir, "snapshots", hash(n));
    mkdirSync(dir, { recursive: true });
    const metadata = { ...layout, content_hash: hash(n), project_id: project, file_count: 1 };
    writeFileSync(join(dir, "pikaci-snapshot.json"), `${JSON.stringify(metadata, null, 2)}\n`);
    utimesSync(dir, 1, 1);
  };
  for (let n = 0; n < 990; n += 1) publish(n, n % 100 === 7 ? "p" : `other p ${n % 3}`);
  await sleep(20);
  publish(5000, "p");
  publish(5001, "p", {});
  publish(5002, "p", { layout_version: LAYOUT_VERSION - 1 });
  publish(5003, "p", { layout_version: LAYOUT_VERSION * 10 });
  mkdirSync(join(workDir, "snapshots/no snapshot"));
  await session(workDir, async ({ facts }) => {
    assert.is(facts.snapshots[0], hash(5000));
    const expected = [5000, ...Array.from({ length: 10 }, (_, n) => n * 100 + 7)].map(hash);
    assert.equal([...facts.snapshots].sort(), expected.sort());
  });
});

test("a work dir that cannot be made is a disk error with a hint", async () => {
  const file = join(makeDirectory(), "file");
  writeFileSync(file, "");
  for (const workDir of [join(file, "below"), "/proc/pikaci"]) {
    const error = await refused(session(workDir, async () => {}));
    assert.is(error.where, "disk");
    assert.match(error.message, `the work dir ${workDir} cannot be made: mkdir:`);
    assert.match(error.hint ?? "", "workDir");
  }
});

test("a find that is not GNU's is named as missing", async () => {
  const tools = makeDirectory();
  const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path));
  if (busybox === undefined) throw new Error("busybox-static is not installed");
  symlinkSync(busybox, join(tools, "find"));
  const within = context({ PATH: `${tools}:${process.env.PATH}` });
  const error = await refused(session(makeDirectory(), async () => {}, within));
  assert.match(error.message, "`find` is missing");
  assert.match(error.hint ?? "", "findutils");
});

/** A PATH on which a program runs this shell text instead; `$real` is the program itself. */
function replaced(program: string, text: string, path = process.env.PATH): ReturnType<typeof context> {
  const tools = makeDirectory();
  const real = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
  writeFileSync(join(tools, program), `#!/bin/sh\nreal=${real}\n${text}\n`, { mode: 0o755 });
  return context({ PATH: `${tools}:${path}` });
}

test("a slow host that says that it is still looking is not given up", async () => {
  const within = replaced("nix-instantiate", 'sleep 8; exec "$real" "$@"');
  const facts = await session(makeDirectory(), async (opened) => opened.facts, within, 5000);
  assert.is(facts.nix.state, "works");
});

test("a host that says nothing is given up, after a word to the user", async () => {
  const dumb = replaced("setpriv", "exit 1");
  const within = replaced("nix-instantiate", "sleep 8", dumb.env.PATH);
  const error = await refused(session(makeDirectory(), async () => {}, within, 2000));
  assert.is(error.where, "network");
  assert.match(error.message, "did not answer within 2 s");
  assert.match(JSON.stringify(within.events), "has not answered for 0.5 s: waiting");
});

const TAKEN = `said=$("$real" "$@") || exit
printf '%s\\n' "$said"
case $* in *--eval*) path=\${said##* }; nix-store --delete "\${path%?}" >/dev/null 2>&1; [ ! -e "\${path%?}" ] ;; esac`;

test("a collection that takes the probe's file at once says nothing of where the store is", async () => {
  const within = replaced("nix-instantiate", TAKEN);
  const { nix } = await session(makeDirectory(), async ({ facts }) => facts, within);
  assert.equal([nix.state, nix.state === "works" && nix.real], ["works", true]);
});

test("a store that is elsewhere is told from one whose file was taken, and from one that gives no answer", async () => {
  const elsewhere = `case $* in
    *--eval*) echo '"2.8.0 /nix/store /nix/store/none-pikaci-probe"' ;;
    *) ln -s /nix/store/none-pikaci-probe.drv "$2" ;;
  esac`;
  const wrong = await refused(
    session(makeDirectory(), async () => {}, replaced("nix-instantiate", elsewhere)),
  );
  assert.match(wrong.message, "its Nix store is not really at /nix/store");
  const silent = elsewhere.replace(/ln -s.*/, "echo error: the daemon is away >&2; exit 1 ;;");
  const busy = await refused(session(makeDirectory(), async () => {}, replaced("nix-instantiate", silent)));
  assert.match(busy.message, "Nix cannot use its store: error: the daemon is away");
});

test("an abort is answered at once", async () => {
  const controller = new AbortController();
  controller.abort(new CancelledError("SIGTERM"));
  const error = await rejection(session(makeDirectory(), async () => {}, makeContext({}, controller.signal)));
  assert.ok(error instanceof CancelledError && error.exitCode === 143);
});

const later = parseContentHash("b".repeat(64));

/** A session that does not know its snapshot yet. */
async function early(workDir: string, use: (session: EarlySession) => Promise<void>): Promise<void> {
  const connection = await connect(hostSpec("local", workDir), context());
  try {
    const questions = { runId, projectId: "p", runners: [], backends: [] };
    await use(await openEarlySession(connection, questions, context()));
  } finally {
    await connection.close();
  }
}

const runLock = (workDir: string) => join(workDir, "locks", `run-${runId}`);

test("a snapshot that is asked for later is looked for, and kept for the run from then on", async () => {
  const workDir = makeWorkDir();
  await early(workDir, async (asked) => {
    assert.is(readFileSync(runLock(workDir), "utf8"), "");
    const { facts } = await asked.askSnapshot(later);
    assert.equal(facts.snapshot, { state: "missing" });
    assert.is(readFileSync(runLock(workDir), "utf8"), `snapshots/${later}\n`);
    assert.ok(existsSync(join(workDir, "locks", `use-${later}`)));
  });
  assert.not.ok(existsSync(runLock(workDir)));
});

test("a client that goes before it asks for its snapshot leaves nothing", async () => {
  const workDir = makeWorkDir();
  await early(workDir, async () => {
    mkdirSync(join(workDir, "runs", runId), { recursive: true });
  });
  assert.equal(readdirSync(join(workDir, "runs")), []);
  assert.not.ok(existsSync(runLock(workDir)));
});

for (const [what, text, frame] of [
  ["what is no hash", "snapshot ../../etc", "host\nthe parameter `content_hash` is `../../etc`, not a hash"],
  ["nothing, and is not heard any more", "", "network\nnothing was heard of the client for 1 s"],
] as const)
  test(`a client that asks for ${what}: the session says so and ends`, async () => {
    const workDir = makeWorkDir();
    const connection = connectLocal({ ...hostSpec("local", workDir), leaseMs: 1000 }, process.env);
    const params = { run_id: runId, work_dir: workDir, lease_ms: "1000", later: "yes" };
    const channel = await connection.open("session", params);
    if (text !== "") await channel.write(`\n\n${text}\n`);
    const error = await refused(readAll(channel));
    assert.match(`${error.where}\n${error.message}`, frame);
    await connection.close();
  });

async function readAll(channel: Channel): Promise<void> {
  for await (const _ of channel.frames());
}

test.run();
