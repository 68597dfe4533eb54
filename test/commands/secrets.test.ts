// needs: nix
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { codeOf } from "../../src/system/error-code.ts";
import { eventually, openRig } from "../lab/rig.ts";

const test = suite("secrets in logs");
const SECRET = "hunter22-\u00e4-&<'\"";
const KEY = "-----BEGIN-----\nAAAABBBBCCCC\nDDDDEEEEFFFF\n-----END-----";

/** Prints the first secret in two pieces, a second apart; the other one's lines; and both into a test's message. */
const COMMAND = `
half=$(printf %s "$TOKEN" | head -c 7); rest=$(printf %s "$TOKEN" | tail -c +8)
printf 'token %s' "$half"; sleep 1; printf '%s end\\n' "$rest"
printf '%s\\n' "$KEY"
printf '1..1\\nnot ok 1 - %s\\n' "$TOKEN" > /artifacts/a.tap
exit 3`;

/** Names of files below that hold a text; those that a job made itself are its own affair. */
function holding(directory: string, text: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => {
    const file = join(directory, name);
    return statSync(file).isFile() && !name.includes("artifacts/") && readFileSync(file).includes(text);
  });
}

function filesBelow(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Files below a directory in which the guard is at work: none where one went meanwhile, so look again. */
function nowBelow(directory: string): string[] {
  try {
    return filesBelow(directory);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

for (const [name, env] of [
  ["plain", {}],
  ["GitHub", { GITHUB_ACTIONS: "true", CI: "true" }],
  ["Buildkite", { BUILDKITE: "true", CI: "true" }],
] as const) {
  test(`${name}: masked on the screen, in events, in records and in reports`, async () => {
    const rig = openRig({ ...env, TOKEN: SECRET, KEY });
    rig.configure({
      hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
      jobs: { unit: { command: COMMAND, secrets: ["TOKEN", "KEY"] } },
    });
    const ran = await rig.pikaci("run", "-v", "--events", "-", "--junit", "out.xml");
    assert.is(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, "token *** end");
    assert.is((await rig.pikaci("report", "--out", "out.html")).code, 0);
    const shown = [
      ran.stdout,
      ran.stderr,
      (await rig.pikaci("logs", "--raw")).stdout,
      (await rig.pikaci("logs", "--kind", "both")).stdout,
      (await rig.pikaci("status", "--json")).stdout,
      readFileSync(join(rig.dir, "out.xml"), "utf8"),
      readFileSync(join(rig.dir, "out.html"), "utf8"),
    ];
    for (const secret of [SECRET, "hunter22", "AAAABBBBCCCC", "DDDDEEEEFFFF"]) {
      for (const text of shown) assert.not.match(text, secret);
      assert.equal(holding(join(rig.dir, ".pikaci/runs"), secret), []);
    }
    assert.is(rig.jobFile("unit", "guest.log"), "token *** end\n***\n");
    rig.remove();
  });
}

test("kill -9 of the client: nothing of a secret is on the host's disk, then and after the next session", async () => {
  const rig = openRig({ TOKEN: SECRET, KEY });
  const workDir = join(rig.dir, ".pikaci/work");
  const command = `printf 'token %s\\n' "$TOKEN"; printf '%s' "$KEY"; printf 'end %s' "$TOKEN"; sleep 600`;
  rig.configure({
    hosts: { local: { url: "local", workDir, lease: "5s" } },
    jobs: { unit: { command, secrets: ["TOKEN", "KEY"] } },
  });
  const { child, ended } = rig.start("run");
  const file = (name: string) =>
    nowBelow(join(workDir, "runs")).find((path) => path.endsWith(`jobs/unit/${name}`));
  const log = () => readFileSync(file("log") ?? "/dev/null", "utf8");
  await eventually("the job has said all of it", 60, () => (/end \*\*\*/.test(log()) ? true : null));
  child.kill("SIGKILL");
  await ended;
  await eventually("its host has ended it", 30, () => (file("result.json") === undefined ? null : true));
  const bare = () =>
    filesBelow(workDir).filter((path) => {
      const text = readFileSync(path);
      return ["hunter22", "AAAABBBBCCCC", "DDDDEEEEFFFF"].some((secret) => text.includes(secret));
    });
  assert.match(log(), /^token \*{3}\n\*{3}end \*{3}/);
  assert.equal(bare(), []);
  const { run_id } = rig.record();
  assert.match((await rig.pikaci("doctor")).stdout, new RegExp(`no client has fetched: ${run_id} \\(`));
  assert.equal(bare(), []);
  const keep = filesBelow(workDir).find((path) => path.endsWith("/keep")) ?? "";
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  utimesSync(keep, twoDaysAgo, twoDaysAgo);
  assert.is((await rig.pikaci("publish")).code, 0);
  assert.not.ok(existsSync(dirname(keep)), "what was left is gone after a day");
  rig.remove();
});

test.run();
