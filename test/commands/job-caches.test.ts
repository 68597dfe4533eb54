// needs: nix
// time-limit: 420
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CacheUse } from "../../src/core/job-result.ts";
import { eventually, jobOf, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("caches of jobs on this machine");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

const configOf = (rig: Rig, jobs: object) => ({
  hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
  limits: { jobs: 4 },
  jobs,
});
const configure = (rig: Rig, jobs: object) => rig.configure(configOf(rig, jobs));

async function run(rig: Rig, job: string, code: number, ...args: string[]): Promise<string> {
  const ended = await rig.pikaci("run", "--job", job, ...args);
  assert.is(ended.code, code, ended.stderr);
  return rig.jobFile(job, "guest.log");
}

function use(rig: Rig, job: string, cache = "x"): CacheUse | undefined {
  return jobOf(rig.record(), job).result?.caches?.[cache];
}

function work(rig: Rig, ...path: string[]): string[] {
  const dir = join(rig.dir, ".pikaci/work", ...path);
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}

test("make builds what changed since the cache was saved, and nothing else: edit, run, revert, run", async ({
  rig,
}) => {
  const makefile = `all: /cache/x/a.out /cache/x/b.out
/cache/x/%.out: %.in rule.mk
\t@echo made $@; cat $< >$@
`;
  rig.write({ Makefile: makefile, "rule.mk": "\n", "a.in": "one\n", "b.in": "b\n" });
  configure(rig, { make: { command: "make && cat /cache/x/a.out", caches: ["x"] } });
  assert.is(await run(rig, "make", 0), "made /cache/x/a.out\nmade /cache/x/b.out\none\n");
  assert.equal(use(rig, "make"), { view: "empty", turn: "alone", saved: "saved" });
  assert.match(await run(rig, "make", 0), /Nothing to be done.*\none\n$/);
  assert.is(use(rig, "make")?.saved, "unchanged");
  rig.write({ "a.in": "two\n" });
  assert.is(await run(rig, "make", 0), "made /cache/x/a.out\ntwo\n");
  assert.is(use(rig, "make")?.saved, "saved");
  rig.write({ "a.in": "one\n" });
  assert.is(await run(rig, "make", 0), "made /cache/x/a.out\none\n");
  rmSync(join(rig.dir, "b.in"));
  rig.write({ "b.in": "b\n", "other name\n": "new\n" });
  assert.match(await run(rig, "make", 0), "Nothing to be done");
  assert.is(jobOf(rig.record(), "make").workspace, "overlay");
});

test("links, modes and odd names that changed get the present time, and nothing else", async ({ rig }) => {
  const rest = { same: "1", "raw\u{fffd}": "1", "back\\slash\nline": "1", "-dash": "1" };
  rig.write({ ...rest, exe: "#!/bin/sh\n" });
  const git = (command: string) => rig.shell(command);
  git("ln -s same link; printf 1 >\"$(printf 'n\\377')\"");
  configure(rig, {
    list: {
      command: "touch /cache/x/$PIKACI_RUN_ID; find . -newermt @315619200 -type f,l -printf '%f|'",
      caches: ["x"],
    },
  });
  assert.not.match(await run(rig, "list", 0), "same|");
  git("chmod +x exe; ln -sfn exe link; printf 2 >./-dash; printf 2 >\"$(printf 'back\\\\slash\\nline')\"");
  const seen = (await run(rig, "list", 0)).split("|").sort();
  for (const name of ["exe", "link", "-dash", "back\\slash\nline"]) assert.ok(seen.includes(name), name);
  assert.not.ok(seen.includes("same"));
});

test("only a pass is saved; what a job removed is gone, and what it was killed over is not", async ({
  rig,
}) => {
  rig.write({ file: "1" });
  configure(rig, {
    fill: {
      command: "cd /cache/x; mkdir -p d/e; echo one >d/e/f; echo keep >kept; ln -s /etc/passwd l",
      caches: ["x"],
    },
    wreck: {
      command: "cd /cache/x; echo bad >kept; rm -rf d; mkdir d; echo half >d/half; exit 1",
      caches: ["x"],
    },
    late: { command: "cd /cache/x; echo bad >kept; sleep 60", caches: ["x"], timeout: "1s" },
    change: {
      command: "cd /cache/x; rm -rf d l; mkdir d l; echo new >d/n; chmod 0 d; echo more >>kept",
      caches: ["x"],
    },
    look: { command: "cd /cache/x; find . | sort; cat kept", caches: ["x"] },
  });
  await run(rig, "fill", 0);
  const filled = ".\n./d\n./d/e\n./d/e/f\n./kept\n./l\nkeep\n";
  await run(rig, "wreck", 1);
  assert.equal(use(rig, "wreck"), { view: "overlay", turn: "alone", saved: "kept" });
  assert.is(await run(rig, "look", 0), filled);
  await run(rig, "late", 124);
  assert.is(use(rig, "late")?.saved, "kept");
  assert.is(await run(rig, "look", 0), filled);
  await run(rig, "change", 0);
  assert.is(await run(rig, "look", 0), ".\n./d\n./d/n\n./kept\n./l\nkeep\nmore\n");
  const scope = `${basename(rig.dir)}@x@sandbox`;
  assert.is(work(rig, "cache", scope).length, 2, "one generation and `current`");
  assert.equal(work(rig, "tmp"), []);
});

test("a second job has a view of its own, an untrusted run too, and neither is saved", async ({ rig }) => {
  rig.write({ file: "1" });
  const outside = openRig({});
  const jobs = {
    fill: { command: "echo saved >/cache/x/a", caches: ["x"] },
    slow: {
      command: "echo slow >/cache/x/a; echo began; until [ -e /cache/x/never ]; do sleep 1; done",
      caches: ["x"],
    },
    other: { command: "cat /cache/x/a; echo other >/cache/x/a", caches: ["x"] },
  };
  configure(rig, jobs);
  outside.configure({ ...configOf(rig, jobs), untrusted: { caches: ["x"], runners: ["sandbox"] } });
  await run(rig, "fill", 0);
  const slow = rig.start("run", "--job", "slow");
  await eventually("it runs", 60, () => (rig.jobFile("slow", "guest.log") === "began\n" ? true : null));
  assert.is(await run(rig, "other", 0), "saved\n");
  assert.equal(use(rig, "other"), { view: "overlay", turn: "shared", saved: "shared" });
  slow.child.kill("SIGINT");
  assert.is((await slow.ended).code, 130);
  const config = join(outside.dir, "pikaci.config.json");
  assert.is(await run(rig, "other", 0, "--untrusted", "--config", config), "saved\n");
  outside.remove();
  assert.equal(use(rig, "other"), { view: "overlay", turn: "unsaved", saved: "unsaved" });
  assert.is(await run(rig, "other", 0), "saved\n");
  assert.is(use(rig, "other")?.saved, "saved");
  assert.is(await run(rig, "other", 0), "other\n");
});

test("a clock that was set back does not keep make from building", async ({ rig }) => {
  rig.write({
    "a.in": "one\n",
    Makefile: "/cache/x/a: a.in\n\t@echo made; cp a.in /cache/x/a; touch -d 2100-01-01 /cache/x/a\n",
  });
  configure(rig, { make: { command: "make", caches: ["x"] } });
  assert.is(await run(rig, "make", 0), "made\n");
  rig.write({ "a.in": "two\n" });
  assert.match(await run(rig, "make", 0), /made\n/);
  assert.match(readFileSync(join(rig.dir, "a.in"), "utf8"), "two");
});

test.run();
