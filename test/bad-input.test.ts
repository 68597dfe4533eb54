// time-limit: 300
// exhaustive: each wrong configuration
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { everyNth } from "./exhaustive.ts";
import { openRig, type Rig } from "./lab/rig.ts";
import { git } from "./workspace.ts";

interface Case {
  /** The configuration: an object, or text as it lies in the file; null: there is none. */
  readonly config: object | string | null;
  readonly file?: "pikaci.config.json" | "pikaci.config.ts" | "pikaci.config.json/inner";
  readonly args?: readonly string[];
  readonly kind?: "config" | "usage";
  /** Each must be in the message. */
  readonly says: readonly string[];
  readonly hint: string;
}

const job = { command: "true" };
const jobs = { unit: job };
const fix = "`pikaci plan` shows what would run";
const load = "fix the file";

const cases: Readonly<Record<string, Case>> = {
  "no configuration": { config: null, says: ["no configuration in"], hint: "`pikaci init` writes one" },
  "an empty configuration": { config: "", says: ["could not be loaded", "JSON"], hint: load },
  "a configuration that is no JSON": { config: "{", says: ["could not be loaded"], hint: load },
  "a directory as configuration": {
    config: "",
    file: "pikaci.config.json/inner",
    says: ["could not be loaded: EISDIR"],
    hint: load,
  },
  "a list as configuration": { config: "[]", says: ["expected object, received array"], hint: fix },
  "a configuration that throws": {
    config: "throw new Error('boom')",
    file: "pikaci.config.ts",
    says: ["pikaci.config.ts could not be loaded: boom"],
    hint: load,
  },
  "a configuration that imports what is not there": {
    config: "import x from 'not-installed'; export default x",
    file: "pikaci.config.ts",
    says: ["Cannot find module 'not-installed'"],
    hint: load,
  },
  "a configuration without a default export": {
    config: "export const jobs = {}",
    file: "pikaci.config.ts",
    says: ["has no default export"],
    hint: "export default defineConfig",
  },
  "no jobs": { config: { jobs: {} }, says: ["jobs: a project needs at least one job"], hint: fix },
  "unknown keys": {
    config: { jbos: {}, jobs: { a: { ...job, timeot: "1s" } } },
    says: [
      'unknown key "jbos"; did you mean "jobs"?',
      'jobs.a: unknown key "timeot"; did you mean "timeout"?',
    ],
    hint: fix,
  },
  "four wrong commands, all named at once": {
    config: { jobs: { a: { command: 1 }, b: { command: [] }, c: { command: "" }, d: {} } },
    says: [
      "jobs.a.command: expected text for the shell",
      "jobs.b.command: expected",
      "jobs.c.command: must not be empty",
      "jobs.d.command: expected",
    ],
    hint: fix,
  },
  "bad durations, each named once": {
    config: {
      hosts: { h: { url: "local", lease: -1 } },
      jobs: {
        a: { ...job, timeout: "10 minutes" },
        b: { ...job, timeout: 0 },
        c: { ...job, timeout: "99d" },
      },
    },
    says: [
      'is wrong:\nhosts.h.lease: expected a duration: "90s", "10m", "1h30m", or milliseconds as a whole number above 0\njobs.a.timeout: expected a duration',
      "\njobs.b.timeout: expected a duration",
      "above 0\njobs.c.timeout: must be longer than 0 and at most 24 days",
    ],
    hint: fix,
  },
  "hostile names": {
    config: { jobs: { "a b": job, "../x": job, "-x": job, "$(id)": job, "a\nb": job } },
    says: ['jobs["a b"]: a name has', 'jobs["../x"]:', "jobs.-x:", 'jobs["$(id)"]:', 'jobs["a\\nb"]:'],
    hint: fix,
  },
  "names that differ by case only": {
    config: { jobs: { unit: job, Unit: job } },
    says: ['jobs.Unit: differs from "unit" by case only'],
    hint: fix,
  },
  "a bad environment": {
    config: { jobs: { a: { ...job, env: { "A-B": "x", C: 1, D: "a\0b" } } } },
    says: [
      "jobs.a.env.A-B: an environment variable's name",
      "env.C: expected text",
      "env.D: must not hold a NUL",
    ],
    hint: fix,
  },
  "installables that are not the workspace's": {
    config: { jobs: { a: { ...job, prepare: { url: "github:a/b#c", none: "tool", up: "../y#z" } } } },
    says: [
      "prepare.url: not an installable",
      "prepare.none: not an installable",
      "prepare.up: not an installable",
    ],
    hint: fix,
  },
  "a client path that leaves the workspace": {
    config: { jobs: { a: { ...job, prepare: { up: { path: "../up" } } } } },
    says: ["jobs.a.prepare.up.path: must lie inside the workspace"],
    hint: fix,
  },
  "an unknown runner": {
    config: { jobs: { a: { ...job, runner: "docker" } } },
    says: ["jobs.a.runner: unknown runner"],
    hint: fix,
  },
  "bad hosts": {
    config: { host: "nope", hosts: { web: { url: "http://x" } }, jobs },
    says: ["hosts.web.url: not a host", 'host: unknown host "nope"'],
    hint: fix,
  },
  "a target with an unknown job": {
    config: { jobs, targets: { t: { jobs: ["unti"] } } },
    says: ['targets.t.jobs[0]: unknown job "unti" (did you mean "unit"?)'],
    hint: fix,
  },
  "several targets and no default": {
    config: { jobs, targets: { t: { jobs: ["unit"] }, u: { jobs: ["unit"] } } },
    says: ["defaultTarget: is missing"],
    hint: fix,
  },
  "bad globs": {
    config: { jobs, snapshot: { exclude: ["../x", ""] } },
    says: ['snapshot.exclude[0]: not a glob: "../x"', "snapshot.exclude[1]: must not be empty"],
    hint: fix,
  },
  "an unknown target": {
    config: { jobs },
    args: ["defualt"],
    kind: "usage",
    says: ['unknown target "defualt" (did you mean "default"?)'],
    hint: "the targets are default",
  },
  "a job where a target goes": {
    config: { jobs },
    args: ["unit"],
    kind: "usage",
    says: ['unknown target "unit"'],
    hint: "`pikaci run --job unit`",
  },
  "a target that is made of escapes": {
    config: { jobs },
    args: ["x\n::error::y\x1b[31m"],
    kind: "usage",
    says: ['unknown target "x\\n::error::y\\u001b[31m"'],
    hint: "the targets are default",
  },
  "an unknown job": {
    config: { jobs },
    args: ["--job", "unti"],
    kind: "usage",
    says: ['unknown job "unti" (did you mean "unit"?)'],
    hint: "the jobs are unit",
  },
  "a job that every object has": {
    config: { jobs },
    args: ["--job", "__proto__"],
    kind: "usage",
    says: ['unknown job "__proto__"'],
    hint: "the jobs are unit",
  },
  "a job of another target": {
    config: { jobs: { unit: job, lint: job }, targets: { t: { jobs: ["unit"] } } },
    args: ["t", "--job", "lint"],
    kind: "usage",
    says: ['job "lint" is not in the target "t"'],
    hint: "`pikaci run --job lint` runs it without a target",
  },
  "an unknown host": {
    config: { jobs },
    args: ["--on", "lcoal"],
    kind: "usage",
    says: ['unknown host "lcoal" (did you mean "local"?)'],
    hint: "the configuration has local; `--on ssh://lcoal` means a host of that name",
  },
  "a host that is an option of ssh": {
    config: { jobs },
    args: ["--on", "ssh://-oProxyCommand=x"],
    kind: "usage",
    says: ['not a host: "ssh://-oProxyCommand=x"'],
    hint: "ssh://[user@]host[:port]",
  },
  "a base that is no commit": {
    config: { jobs, targets: { t: { jobs: ["unit"], filters: ["src/**"] } } },
    args: ["--base", "nowhere"],
    kind: "usage",
    says: ['--base: "nowhere" is not a commit of this repository'],
    hint: "git fetch",
  },
};

const test = suite<{ rig: Rig }>("bad input");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

for (const [what, { config, file, args = [], kind = "config", says, hint }] of everyNth(
  Object.entries(cases),
  3,
)) {
  test(`${what}: exit 2, a hint, and no run`, async ({ rig }) => {
    const text = typeof config === "object" ? JSON.stringify(config) : config;
    if (config !== null) rig.write({ [file ?? "pikaci.config.json"]: text });
    git(rig.dir, "commit", "--allow-empty", "-qm", "first");
    const { code, stdout, stderr } = await rig.pikaci("run", ...args, "--json");
    assert.equal([code, stdout], [2, ""], `${kind}: ${stderr}`);
    for (const part of says) assert.match(stderr, part);
    assert.match(stderr.slice(stderr.indexOf("\nhint: ")), hint);
    assert.not(existsSync(join(rig.dir, ".pikaci/runs")));
  });
}

const usage: readonly (readonly [readonly string[], string])[] = [
  [["defualt"], 'unknown target "defualt" (did you mean "default"?)'],
  [["--job", "unti"], 'unknown job "unti" (did you mean "unit"?)'],
  [["--on", "bilder"], 'unknown host "bilder" (did you mean "builder"?)'],
  [["--on", "bad host"], "not a host"],
  [["--keep-failed", "soon"], '--keep-failed: cannot read "soon"'],
  [["--no-such-option"], 'unknown option "--no-such-option"'],
  [["--junit", "nowhere/junit.xml"], "--junit"],
];

test("a usage error leaves the latest run as it is", async ({ rig }) => {
  const local = { url: "local", workDir: join(rig.dir, ".pikaci/work") };
  rig.configure({ jobs, hosts: { local, builder: { url: "ssh://b" } } });
  const first = await rig.pikaci("run");
  assert.is(first.code, 0, first.stderr);
  const { run_id } = rig.record();
  for (const [args, message] of usage) {
    const { code, stdout, stderr } = await rig.pikaci("run", ...args);
    assert.equal([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, message);
  }
  assert.equal(readdirSync(join(rig.dir, ".pikaci/runs")), [run_id]);
  assert.match((await rig.pikaci("status", "latest")).stdout, `run       ${run_id}\nverdict   ✔ passed`);
});

test("a host that nothing resembles is tried: infra, on record", async ({ rig }) => {
  rig.configure({ jobs });
  const { code, stderr } = await rig.pikaci("run", "--on", "nowhere.invalid");
  assert.is(code, 3, stderr);
  const { host, status, error } = rig.record();
  assert.equal([host, status, error?.kind], ["ssh://nowhere.invalid", "infra", "infra"]);
  assert.match(stderr, "ssh://nowhere.invalid does not resolve");
});

test("a file in the place of `.pikaci` is refused, as what came with a tree is: exit 5", async ({ rig }) => {
  rig.configure({ jobs });
  rig.write({ ".pikaci": "a file" });
  const { code, stdout, stderr } = await rig.pikaci("run", "--json");
  assert.equal([code, stdout], [5, ""]);
  assert.match(
    stderr,
    /^error: .*\/\.pikaci is no directory, where pikaci keeps a directory of its own\nhint: look at/,
  );
});

test("a plan of a bad configuration is exit 2 and no run", async ({ rig }) => {
  rig.configure({ jobs: {} });
  const { code, stdout, stderr } = await rig.pikaci("plan");
  assert.equal([code, stdout], [2, ""]);
  assert.match(stderr, "jobs: a project needs at least one job");
  assert.not(existsSync(join(rig.dir, ".pikaci/runs")));
});

test.run();
