// needs: nix
// time-limit: 300
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig; runs: readonly string[] }>("what is refused makes no run");

const jobs = {
  unit: { command: "true" },
  tag: { command: "git log -1 --format=%s", git: true },
};

function configure(rig: Rig, more: object = {}): void {
  rig.configure({
    hosts: {
      local: { url: "local", workDir: join(rig.dir, ".pikaci/work") },
      builder: { url: "ssh://builder.invalid" },
    },
    jobs: { ...jobs, ...more },
    targets: {
      default: { jobs: Object.keys(jobs) },
      filtered: { jobs: ["unit"], filters: ["file"] },
    },
  });
}

function runsOf(rig: Rig): string[] {
  return readdirSync(join(rig.dir, ".pikaci/runs")).sort();
}

test.before(async (context) => {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  configure(rig);
  rig.write({ file: "1\n" });
  rig.shell(
    "git add file pikaci.config.json && git -c user.name=t -c user.email=t@example.org commit -qm first",
  );
  for (const _ of ["first", "cached"]) {
    const run = await rig.pikaci("run", "-q");
    assert.is(run.code, 0, run.stderr);
  }
  context.rig = rig;
  context.runs = runsOf(rig);
});
test.after(({ rig }) => rig.remove());

const NEAR = 'unknown host "bilder" (did you mean "builder"?)';

const words: readonly (readonly [words: readonly string[], message: string])[] = [
  [["run", "defualt"], 'unknown target "defualt"'],
  [["run", "--job", "uint"], 'unknown job "uint"'],
  [["run", "--on", "bilder"], NEAR],
  [["run", "--on", "ssh://a b"], "not a host"],
  [["run", "filtered", "--base", "nothing"], '--base: "nothing" is not a commit'],
  [["run", "--base", "nothing"], '--base: "nothing" is not a commit'],
  [["run", "--keep-failed", "soon"], '--keep-failed: cannot read "soon"'],
  [["run", "--failed"], "has no failed job"],
  [["run", "--shell-on-failure"], "--shell-on-failure needs a terminal"],
  [["run", "--events", "."], "--events: cannot write"],
  [["run", "--junit", "no/such/file"], "--junit: cannot write"],
  [["run", "--json", "--events", "-"], "both want stdout"],
  [["rerun", "nothing"], 'no run starts with "nothing"'],
  [["rerun", "--failed"], "has no failed job"],
  [["rerun", "--on", "bilder"], NEAR],
  [["rerun", "--untrusted"], "ran for a trusted tree"],
  [["rerun"], "job tag has `git: true`, and that run made no repository for it"],
  [["shell", "uint"], 'unknown job "uint"'],
  [["shell", "uint", "--run", "latest"], "has no snapshot and job"],
  [["shell", "tag", "--run", "latest"], "job tag has `git: true`, and that run made no repository for it"],
  [["shell", "unit", "--on", "bilder"], NEAR],
  [["shell", "unit", "--runner", "nothing"], "not a machine shape"],
  [["attach", "nothing"], 'no run starts with "nothing"'],
  [["attach", "nothing", "--on", "local"], 'not a run id: "nothing"'],
  [["attach", "--on", "bilder"], NEAR],
  [["cancel", "nothing"], 'no run starts with "nothing"'],
  [["cancel", "latest", "--job", "uint"], 'has no job "uint"'],
  [["pin", "nothing"], 'no run starts with "nothing"'],
  [["why", "uint"], 'unknown job "uint"'],
  [["gc", "--on", "bilder"], NEAR],
  [["gc", "--max-age", "soon"], '--max-age: cannot read "soon"'],
  [["doctor", "--on", "bilder"], NEAR],
  [["publish", "--on", "bilder"], NEAR],
];

for (const [args, message] of words)
  test(`pikaci ${args.join(" ")}`, async ({ rig, runs }) => {
    const { code, stderr } = await rig.pikaci(...args);
    assert.is(code, 2, stderr);
    assert.ok(stderr.includes(message), stderr);
    assert.equal(runsOf(rig), runs);
  });

test("attach to a run that the named host does not have is infra, and makes no record", async ({
  rig,
  runs,
}) => {
  const { code, stderr } = await rig.pikaci("attach", "20260101T000000Z-0123abcd", "--on", "local");
  assert.is(code, 3, stderr);
  assert.match(stderr, "is not on this host");
  assert.equal(runsOf(rig), runs);
});

/** What only the tree shows: the host is not asked for anything yet. */
const configurations: readonly (readonly [what: string, job: object, message: string])[] = [
  ["inputs that match nothing", { inputs: ["flie"] }, '"flie" matches no file of the snapshot'],
  [
    "a place that is taken",
    { prepare: { it: { path: "file", at: "file" } } },
    'jobs.odd.prepare.it.at: "file": the snapshot has the file "file"',
  ],
  [
    "modules without a flake",
    { runner: { backend: "microvm", modules: ["nixosModules.a"] } },
    "`modules` name parts of the project's flake, and it has no flake.nix",
  ],
];

for (const [what, job, message] of configurations)
  test(`a configuration with ${what}`, async ({ rig, runs }) => {
    configure(rig, { odd: { command: "true", ...job } });
    const { code, stderr } = await rig.pikaci("run", "--job", "odd", "--events", "events");
    configure(rig);
    assert.is(code, 2, stderr);
    assert.ok(stderr.includes(message), stderr);
    assert.equal(runsOf(rig), runs);
  });

test.run();
