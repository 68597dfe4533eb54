// needs: nix
// time-limit: 300
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";
import { flakeOf } from "../stage-rig.ts";

const test = suite<{ rig: Rig; tools: string }>("checks of the flake as jobs");

test.before.each((context) => {
  const tools = mkdtempSync(join(tmpdir(), "pikaci-nix-"));
  mkdirSync(join(tools, "bin"));
  // Nix as it is, until a file says that this machine's is broken.
  writeFileSync(
    join(tools, "bin/nix"),
    `#!/bin/sh\n[ ! -e ${tools}/broken ] || exit 9\nexec /usr/bin/nix "$@"\n`,
  );
  chmodSync(join(tools, "bin/nix"), 0o755);
  const rig = openRig({ PIKACI_NO_CACHE: "", PATH: `${tools}/bin:${process.env.PATH}` });
  Object.assign(context, { rig, tools });
  rig.shell("mkdir tools; cp /bin/busybox tools/");
  rig.write({ "a/in": "a", "b/in": "b", other: "1" });
});
test.after.each(({ rig, tools }) => {
  rig.remove();
  rmSync(tools, { recursive: true });
});

function write(rig: Rig, checks: string): void {
  const flake = flakeOf({ a: "a", b: "b" });
  rig.write({ "flake.nix": flake.replace("{ packages.", `{ checks.\${system} = { ${checks} }; packages.`) });
}

function configure(rig: Rig, more: object = {}): void {
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    flake: { files: ["flake.nix", "tools/**", "a/**"] },
    checks: true,
    jobs: {},
    ...more,
  });
}

async function statuses(rig: Rig, code: number, ...args: string[]): Promise<Record<string, string>> {
  const ended = await rig.pikaci(...args);
  assert.is(ended.code, code, ended.stderr);
  return Object.fromEntries(rig.record().jobs.map(({ job, result }) => [job, result?.status ?? ""]));
}

const good = `fmt = link "fmt" "\${self}/a"; "v1.0" = link "v1" "\${self}/a";`;
const bad = `unit = script "unit" "echo 'test 3 failed'; exit 1";`;

test("each passes when it builds, fails when its builder does, and takes no other down", async ({ rig }) => {
  write(rig, good + bad);
  configure(rig, { jobs: { plain: { command: "true" } } });
  const found = await statuses(rig, 1, "run");
  assert.equal(found, {
    plain: "passed",
    "check.fmt": "passed",
    "check.unit": "failed",
    "check.v1.0": "passed",
  });
  assert.match(
    jobOf(rig.record(), "check.unit").result?.message ?? "",
    /builder failed with exit code 1: test 3 failed$/,
  );
  assert.match(rig.jobFile("check.unit", "guest.log"), "test 3 failed\n");
  assert.match(jobOf(rig.record(), "check.fmt").result?.message ?? "", /^builds: \/nix\/store\/\S+-fmt$/);
  const list = await rig.pikaci("list");
  assert.match(list.stdout, "check.unit");

  assert.equal(await statuses(rig, 1, "run", "--failed"), { "check.unit": "failed" });
  write(rig, `${good} unit = link "unit" "\${self}/a";`);
  assert.equal(await statuses(rig, 0, "run", "--job", "check.unit"), { "check.unit": "passed" });
  assert.equal(await statuses(rig, 0, "rerun", "latest"), { "check.unit": "passed" });
  const why = await rig.pikaci("why", "check.unit");
  assert.is(why.code, 0, why.stderr);
  assert.match(why.stdout, /its verdict is that \.#checks\.x86_64-linux\.unit builds/);
  const shell = await rig.pikaci("shell", "check.fmt", "--", "cat", "/prepared/check/in");
  assert.equal([shell.code, shell.stdout.trim()], [0, "a"], shell.stderr);
});

test("an unchanged tree is not evaluated again, nor one that changed elsewhere", async ({ rig, tools }) => {
  write(rig, good);
  configure(rig);
  const passed = { "check.fmt": "passed", "check.v1.0": "passed" };
  assert.equal(await statuses(rig, 0, "run"), passed);
  writeFileSync(join(tools, "broken"), "");
  rig.write({ other: "2" });
  assert.equal(await statuses(rig, 0, "run"), { "check.fmt": "cached", "check.v1.0": "cached" });
  assert.equal(await statuses(rig, 0, "run", "--no-cache"), passed);
  const plan = await rig.pikaci("plan");
  assert.match(
    plan.stdout,
    'build check.v1.0 (no guest: it passes when it builds)\n    after prepare installable .#checks.x86_64-linux."v1.0"',
  );
  rig.write({ "a/in": "b" });
  assert.is((await rig.pikaci("plan")).code, 3);
});

test("they are jobs of a target that says so", async ({ rig }) => {
  write(rig, good + bad);
  const targets = {
    default: { jobs: ["plain"] },
    all: { jobs: ["plain"], checks: true },
    some: { jobs: ["check.fmt"] },
  };
  configure(rig, { jobs: { plain: { command: "true" } }, targets, checks: { exclude: ["unit"] } });
  const jobsOf = async (...args: string[]) =>
    [...(await rig.pikaci("plan", ...args)).stdout.matchAll(/^(?:build|execute) (\S+)/gm)].map(
      ([, name]) => name,
    );
  assert.equal(await jobsOf(), ["plain"]);
  assert.equal(await jobsOf("all"), ["plain", "check.fmt", "check.v1.0"]);
  assert.equal(await jobsOf("some"), ["check.fmt"]);
  const unknown = { ...targets, all: { jobs: ["check.formats"] } };
  configure(rig, { jobs: { plain: { command: "true" } }, targets: unknown, checks: { exclude: ["unit"] } });
  assert.equal(await jobsOf(), ["plain"]);
  const wrong = await rig.pikaci("plan", "all");
  assert.equal(
    [wrong.code, /targets\.all\.jobs: unknown job "check.formats"/.test(wrong.stderr)],
    [2, true],
    wrong.stderr,
  );
  configure(rig, { targets, jobs: { plain: { command: "true" } }, checks: { exclude: ["unit"] } });
  const excluded = await rig.pikaci("plan", "--job", "check.unit");
  assert.equal([excluded.code, /unknown job "check.unit"/.test(excluded.stderr)], [2, true], excluded.stderr);
});

test("odd names are named, and can be left out; a flake without checks is said to be one", async ({
  rig,
}) => {
  write(rig, `${good} "a b" = throw "x"; "x/y\${"\\n"}z" = throw "x"; FMT = throw "x";`);
  configure(rig);
  const refused = await rig.pikaci("plan");
  assert.is(refused.code, 2, refused.stderr);
  for (const name of ['"a b": a job', '"x/y\\nz": a job', '"FMT": it differs from "fmt"'])
    assert.ok(refused.stderr.includes(name), refused.stderr);
  configure(rig, { checks: { exclude: ["a b", "x/y\nz", "FMT"] } });
  assert.is((await rig.pikaci("plan")).code, 0);
  configure(rig, { checks: { exclude: ["a b", "x/y\nz", "FMT", "fnt"] } });
  assert.match((await rig.pikaci("plan")).stderr, 'checks.exclude[3]: the flake has no check "fnt"');
  rig.write({ "flake.nix": flakeOf({ a: "a" }) });
  configure(rig);
  const none = await rig.pikaci("plan");
  assert.equal(
    [none.code, /the flake has no checks for x86_64-linux/.test(none.stderr)],
    [2, true],
    none.stderr,
  );
});

test("a stranger's tree has none: its flake is not evaluated here", async ({ rig }) => {
  write(rig, good);
  configure(rig, { hosts: undefined, jobs: { plain: { command: "true" } } });
  const refused = await rig.pikaci("plan", "--untrusted");
  assert.is(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, "checks: this machine does not evaluate a stranger's flake");
  assert.is((await rig.pikaci("plan", "--untrusted", "--job", "plain")).code, 0);
});

test.run();
