import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseConfig } from "../../src/config/load.ts";
import { decide, selectJob, selectJobs } from "../../src/config/targets.ts";
import type { Context } from "../../src/core/context.ts";
import { UsageError } from "../../src/core/errors.ts";
import type { PikaciEvent } from "../../src/core/events.ts";
import { makeMemory } from "../workspace.ts";

const test = suite("targets");
const root = mkdtempSync(join(tmpdir(), "pikaci-targets-"));
test.after(() => rmSync(root, { recursive: true }));

const command = { command: "true" };
const project = parseConfig(
  {
    hosts: { builder: { url: "ssh://b" } },
    targets: {
      default: { jobs: ["unit", "lint"] },
      src: { jobs: ["unit"], filters: ["src/**", "sp ace\ndir"] },
    },
    jobs: { unit: command, lint: command, docs: command },
  },
  "/w",
  null,
);

function names(target: string | null, jobs: readonly string[]): string[] {
  return selectJobs(project, target, jobs).jobs.map((job) => job.name);
}

function refusal(action: () => unknown): UsageError {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("was accepted");
}

const matrix = parseConfig(
  { jobs: { unit: { ...command, matrix: { node: [20, 22], db: ["pg"] } }, lint: command } },
  "/w",
  null,
);

test("a job with instances is all of them; an instance is itself", () => {
  const selected = (...jobs: string[]) => selectJobs(matrix, null, jobs).jobs.map((job) => job.name);
  assert.equal(selected("unit"), ["unit (20, pg)", "unit (22, pg)"]);
  assert.equal(selected("unit (22, pg)", "unit"), ["unit (22, pg)", "unit (20, pg)"]);
  assert.equal(selected("lint"), ["lint"]);
  const typo = refusal(() => selected("unit (20, gp)"));
  assert.match(typo.message, 'unknown job "unit (20, gp)" (did you mean "unit (20, pg)"?)');
  assert.is(typo.hint, "the jobs are unit (20, pg), unit (22, pg)");
  assert.is(refusal(() => selected("unti")).hint, "the jobs are lint, unit");
});

test("only one job can be asked about or entered", () => {
  assert.is(selectJob(matrix, "unit (20, pg)").name, "unit (20, pg)");
  const { message, hint } = refusal(() => selectJob(matrix, "unit"));
  assert.is(message, '"unit" has 2 instances, and only one can be taken');
  assert.is(hint, "name one of them: 'unit (20, pg)', 'unit (22, pg)'");
});

test("jobs by target and by name", () => {
  assert.equal(names(null, []), ["unit", "lint"]);
  assert.equal(names("src", []), ["unit"]);
  assert.equal(names(null, ["docs", "docs"]), ["docs"]);
  assert.equal(names("default", ["lint"]), ["lint"]);
});

for (const [target, jobs, message, hint] of [
  ["scr", [], 'unknown target "scr" (did you mean "src"?)', "the targets are default, src"],
  ["docs", [], 'unknown target "docs"', "docs is a job: `pikaci run --job docs`"],
  ["constructor", [], 'unknown target "constructor"', "the targets are"],
  [null, ["unti"], 'unknown job "unti" (did you mean "unit"?)', "the jobs are docs, lint, unit"],
  ["src", ["docs"], 'job "docs" is not in the target "src"', "its jobs are unit"],
] as const) {
  test(`refused: ${target} ${jobs.join(" ")}`, () => {
    const error = refusal(() => selectJobs(project, target, jobs));
    assert.is(error.message, message);
    assert.match(error.hint ?? "", hint);
    assert.is(error.exitCode, 2);
  });
}

for (const [jobs, hint] of [
  [{}, "the flake's check NAME is the job check.NAME: `pikaci plan` shows them"],
  [{ a: command }, "the jobs are a; the flake's check NAME is the job check.NAME: `pikaci plan` shows them"],
] as const)
  test(`refused: a check by its name alone, beside ${Object.keys(jobs).length} jobs`, () => {
    const checked = parseConfig({ checks: true, jobs }, "/w", null);
    assert.is(refusal(() => selectJobs(checked, null, ["hello"])).hint, hint);
  });

function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...identity, ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  }).trim();
}

function write(workspace: string, path: string, text: string): void {
  mkdirSync(join(workspace, path, ".."), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

/** A repository whose first commit holds `src/a` and `docs/a`. */
function repository(): string {
  const workspace = mkdtempSync(join(root, "repo-"));
  git(workspace, "init", "-q");
  write(workspace, "src/a", "1");
  write(workspace, "docs/a", "1");
  write(workspace, "sp ace\ndir/a", "1");
  git(workspace, "add", ".");
  git(workspace, "commit", "-qm", "first");
  return workspace;
}

function clone(from: string, ...options: string[]): string {
  const workspace = mkdtempSync(join(root, "clone-"));
  git(root, "clone", "-q", ...options, `file://${from}`, workspace);
  return workspace;
}

function commit(workspace: string, path: string): void {
  write(workspace, path, "2");
  git(workspace, "add", "-A");
  git(workspace, "commit", "-qm", path);
}

async function outcome(
  workspace: string,
  env: Record<string, string> = {},
  base: string | null = null,
  force = false,
) {
  const events: PikaciEvent[] = [];
  const context: Context = {
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
    clock: () => new Date(),
    author: "trusted",
    env: { PATH: process.env.PATH, HOME: root, ...env },
    workspace,
    stateDir: join(workspace, ".pikaci"),
    memory: makeMemory(join(root, "memory")),
  };
  const decision = await decide(selectJobs(project, "src", []), workspace, { force, base }, context);
  const warning = events.map((event) => (event.type === "warning" ? event.message : ""))[0] ?? null;
  return { runs: decision.jobs.length, reason: decision.skipped[0]?.reason ?? null, warning };
}

test("an uncommitted, a staged or an untracked file that matches", async () => {
  for (const change of ["edit", "stage", "new"]) {
    const workspace = repository();
    write(workspace, change === "new" ? "src/b" : "src/a", "2");
    if (change === "stage") git(workspace, "add", ".");
    assert.equal(await outcome(workspace), { runs: 1, reason: null, warning: null }, change);
  }
});

test("no changed file matches: skipped with the reason; --force runs it", async () => {
  const workspace = repository();
  write(workspace, "docs/a", "2");
  const { runs, reason } = await outcome(workspace);
  assert.is(runs, 0);
  assert.match(
    reason ?? "",
    /^no changed file matches src\/\*\*, .* \(1 file changed since HEAD \([0-9a-f]{12}\)\); --force/s,
  );
  assert.is((await outcome(workspace, {}, null, true)).runs, 1);
});

test("a filter that matches neither a file nor a change is named", async () => {
  const workspace = repository();
  rmSync(join(workspace, "src/a"));
  assert.is((await outcome(workspace)).warning, null, "a deletion is a change");
  commit(workspace, "docs/b");
  write(workspace, "docs/c", "1");
  const { warning } = await outcome(workspace);
  assert.is(warning, '`targets.src.filters`: "src/**" matches no file');
});

test("a deleted file and a hostile name count", async () => {
  const deleted = repository();
  rmSync(join(deleted, "src/a"));
  assert.is((await outcome(deleted)).runs, 1);
  const hostile = repository();
  write(hostile, "sp ace\ndir/-$(id)", "");
  assert.is((await outcome(hostile)).runs, 1);
});

test("commits since origin/HEAD count", async () => {
  const workspace = clone(repository());
  commit(workspace, "docs/b");
  assert.match((await outcome(workspace)).reason ?? "", "since origin/HEAD");
  commit(workspace, "src/b");
  assert.is((await outcome(workspace)).runs, 1);
});

test("a base that is given: its merge base counts, not its tip", async () => {
  const workspace = repository();
  git(workspace, "checkout", "-qb", "topic");
  commit(workspace, "docs/topic");
  git(workspace, "checkout", "-q", "main");
  commit(workspace, "src/main-only");
  git(workspace, "checkout", "-q", "topic");
  assert.match((await outcome(workspace, {}, "main")).reason ?? "", /1 file changed since --base main/);
  assert.is((await outcome(workspace, { GITHUB_BASE_REF: "main", CI: "true" })).runs, 0);
});

test("a base that is no commit is a usage error, also where the filters don't count", async () => {
  for (const force of [false, true]) {
    const error = await outcome(repository(), {}, "--output=/tmp/x", force).catch(
      (reason: unknown) => reason,
    );
    assert.instance(error, UsageError);
    assert.match(error instanceof UsageError ? error.message : "", "is not a commit of this repository");
  }
});

test("a clean checkout in CI is not silently skipped", async () => {
  const origin = repository();
  const full = await outcome(clone(origin), { CI: "true" });
  assert.is(full.runs, 1);
  assert.match(full.warning ?? "", "every job of src runs: HEAD is already part of origin/HEAD");
  commit(origin, "docs/b");
  const shallow = await outcome(clone(origin, "--depth=1", "--branch=main"), {
    CI: "true",
    GITHUB_BASE_REF: "release",
  });
  assert.is(shallow.runs, 1);
  assert.match(shallow.warning ?? "", "the base that $GITHUB_BASE_REF names is not in this clone");
});

test("what can't be told runs, with the reason", async () => {
  const plain = mkdtempSync(join(root, "plain-"));
  assert.match((await outcome(plain)).warning ?? "", "is not a git work tree");
  git(plain, "init", "-q");
  assert.match((await outcome(plain)).warning ?? "", "there is no commit yet");
  assert.match((await outcome(repository())).warning ?? "", "nothing is uncommitted");
});

test("a workspace below the top of the repository sees its own paths", async () => {
  const top = repository();
  commit(top, "sub/src/a");
  write(top, "src/outside", "x");
  write(top, "sub/docs", "x");
  assert.is((await outcome(join(top, "sub"))).runs, 0);
  write(top, "sub/src/a", "3");
  assert.is((await outcome(join(top, "sub"))).runs, 1);
});

test.run();
