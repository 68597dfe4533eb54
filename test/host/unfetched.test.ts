// needs: nix
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseRunId } from "../../src/core/ids.ts";
import { connect } from "../../src/remote/connect.ts";
import type { HostFacts } from "../../src/remote/facts.ts";
import { openSession } from "../../src/remote/session.ts";
import { hostSpec } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, removeWorkspaces } from "../workspace.ts";
import { holdLock } from "./hold-lock.ts";

const test = suite("what no client has fetched");
test.after(removeWorkspaces);

const runOf = (n: number) => `2026010${n}T000000Z-0123abcd`;

interface Left {
  readonly hours?: number;
  readonly project?: string;
  /** Names of files of the run, and of its job. */
  readonly run?: readonly string[];
  readonly job?: readonly string[];
}

function makeWorkDir(runs: Readonly<Record<number, Left>>): string {
  const workDir = makeDirectory();
  writeFileSync(join(workDir, "pikaci-work-dir"), "");
  mkdirSync(join(workDir, "locks"));
  for (const [n, { hours = 25, project = '"p"', run = [], job = [] }] of Object.entries(runs)) {
    const dir = join(workDir, "runs", runOf(Number(n)));
    mkdirSync(join(dir, "jobs/x/artifacts/store/deep"), { recursive: true, mode: 0o755 });
    writeFileSync(join(dir, "project"), `${project}\n`);
    for (const name of ["keep", ...run]) writeFileSync(join(dir, name), "");
    for (const name of job) writeFileSync(join(dir, "jobs/x", name), "");
    const then = new Date(Date.now() - hours * 3_600_000);
    utimesSync(join(dir, "keep"), then, then);
  }
  return workDir;
}

interface Asked {
  readonly projectId?: string;
  readonly unfetchedMs?: number;
  readonly observer?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function nextSession(workDir: string, { env = {}, projectId = "p", ...asked }: Asked = {}) {
  const context = makeContext({ HOME: process.env.HOME, ...env });
  const connection = await connect(hostSpec("local", workDir), context);
  const runId = parseRunId("20260110T000000Z-0123abcd");
  const questions = { runId, projectId, contentHash: null, runners: [], backends: [], ...asked };
  const { facts } = await openSession(connection, questions, context);
  await connection.close();
  const warnings = context.events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  return { facts, warnings, left: readdirSync(join(workDir, "runs")) };
}

const stays: Readonly<Record<string, Left>> = {
  "a young one": { hours: 23 },
  "one of another project": { project: '"other"' },
  "one of a project that is not known": { project: "" },
  "a detached one": { run: ["detached"] },
  "a pinned one": { run: ["pin"] },
  "one that was fetched": { job: ["collected"] },
};
for (const [name, left] of Object.entries(stays))
  test(`${name} stays, beside one that goes`, async () => {
    const workDir = makeWorkDir({ 1: {}, 2: left });
    assert.equal((await nextSession(workDir)).left, [runOf(2)]);
    assert.not.ok(existsSync(join(workDir, "locks", `run-${runOf(1)}`)));
  });

test("one that somebody attaches to stays, and goes when nobody does", async () => {
  const workDir = makeWorkDir({ 1: {} });
  const letGo = await holdLock(workDir, ["-s", `locks/run-${runOf(1)}`]);
  assert.equal((await nextSession(workDir)).left, [runOf(1)]);
  await letGo();
  assert.equal((await nextSession(workDir)).left, []);
});

test("the configuration says for how long; who has no project removes nothing", async () => {
  const workDir = makeWorkDir({ 1: { hours: 3 } });
  assert.equal((await nextSession(workDir, { projectId: "", unfetchedMs: 1000 })).left, [runOf(1)]);
  assert.equal((await nextSession(workDir, { unfetchedMs: 4 * 3_600_000 })).left, [runOf(1)]);
  assert.equal((await nextSession(workDir, { unfetchedMs: 2 * 3_600_000 })).left, []);
});

test("an observer is told of them and removes none", async () => {
  const workDir = makeWorkDir({
    1: {},
    2: { hours: 1, project: '"other one"' },
    3: { run: ["detached"] },
    4: {},
  });
  const letGo = await holdLock(workDir, ["-s", `locks/run-${runOf(4)}`]);
  const { facts, left } = await nextSession(workDir, { projectId: "", observer: true });
  await letGo();
  assert.is(left.length, 4);
  assert.equal(facts.unfetched.map(brief), [`${runOf(1)} 25 p`, `${runOf(2)} 1 other one`]);
});

function brief({ run, seconds, project }: HostFacts["unfetched"][number]): string {
  return `${run} ${Math.round(seconds / 3600)} ${project}`;
}

test("what cannot be removed is named", async () => {
  const workDir = makeWorkDir({ 1: {} });
  const bin = makeDirectory();
  const text = `#!/bin/sh\ncase "$*" in *"${runOf(1)}"*) exit 1 ;; esac; exec /bin/rm "$@"\n`;
  writeFileSync(join(bin, "rm"), text, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const { warnings, left } = await nextSession(workDir, { env });
  assert.equal(left, [runOf(1)]);
  assert.is(warnings.length, 1);
  assert.match(warnings[0] ?? "", `cannot be removed: ${workDir}/runs/${runOf(1)}`);
});

test.run();
