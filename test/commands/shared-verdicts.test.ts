// needs: nix
// time-limit: 300
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VERDICT_NAMESPACE } from "../../src/core/shared-verdict.ts";
import { jobOf, openRig, type Rig } from "../lab/rig.ts";
import { allow, makeKey } from "../operations/attestation/rig.ts";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";

const OURS = `namespaces="${VERDICT_NAMESPACE}"`;
const [alice, bob, mallory] = [makeKey(), makeKey(), makeKey()];
const signers = allow([`alice ${OURS}`, alice], [`bob ${OURS}`, bob], ['mallory namespaces="git"', mallory]);

const test = suite<{ workDir: string; rigs: Rig[] }>("verdicts that a team shares");
test.before.each((context) => {
  context.rigs = [];
  context.workDir = join(makeDirectory(), "work");
});
test.after.each(({ rigs }) => {
  for (const rig of rigs) rig.remove();
});
test.after(removeWorkspaces);

type Jobs = Readonly<Record<string, object>>;

/** A machine with the same tree, before the same host. */
function machine(
  { workDir, rigs }: { workDir: string; rigs: Rig[] },
  env: Record<string, string>,
  jobs: Jobs,
): Rig {
  const rig = openRig({ PIKACI_NO_CACHE: "", ...env });
  rigs.push(rig);
  rig.write({ source: "one\n", ".gitignore": "pikaci.config.json\n", "data/x": "prepared" });
  rig.configure({ hosts: { local: { url: "local", workDir } }, jobs });
  return rig;
}

async function statuses(
  rig: Rig,
  ...words: string[]
): Promise<{ found: Record<string, string>; stderr: string }> {
  const { code, stderr } = await rig.pikaci("run", ...words);
  assert.is(code, 0, stderr);
  const found = rig.record().jobs.map(({ job, result }) => [job, result?.status ?? ""] as const);
  return { found: Object.fromEntries(found), stderr };
}

/** The documents on the host, by job. */
function shared(workDir: string): Record<string, string[]> {
  const root = join(workDir, "verdicts");
  const found: Record<string, string[]> = {};
  for (const key of readdirSync(root))
    for (const name of readdirSync(join(root, key))) {
      const envelope = JSON.parse(readFileSync(join(root, key, name), "utf8"));
      const { job } = JSON.parse(Buffer.from(envelope.payload, "base64").toString());
      found[job] = [...(found[job] ?? []), join(root, key, name)];
    }
  return found;
}

const developer = { PIKACI_SIGNING_KEY: alice };
const ci = { PIKACI_ALLOWED_SIGNERS: signers };

test("CI repeats what a developer's run passed, with its artifacts; nobody else does", async (context) => {
  const jobs = {
    unit: {
      command: "cat source; mkdir /artifacts/d; cat source >/artifacts/d/copy; ln -s d /artifacts/link",
    },
    lint: { command: "true" },
    online: { command: "true", network: "host" },
    tools: { command: "cat /prepared/data/x", prepare: { data: { path: "data" } } },
  };
  const dev = machine(context, developer, jobs);
  await statuses(dev);
  const { run_id } = dev.record();
  assert.equal(Object.keys(shared(context.workDir)).sort(), ["lint", "tools", "unit"]);

  const there = machine(context, ci, jobs);
  const { found, stderr } = await statuses(there);
  assert.equal(found, { lint: "cached", online: "passed", tools: "cached", unit: "cached" }, stderr);
  const unit = jobOf(there.record(), "unit");
  assert.is(unit.result?.message, `passed in run ${run_id} on local, shared by alice`);
  assert.is(unit.cached_from?.run_id, run_id);
  assert.is(unit.cached_from?.signer, "alice");
  assert.match(unit.cached_from?.account ?? "", /^[^@]+@[^@]+$/);
  assert.is(there.jobFile("unit", "artifacts/d/copy"), "one\n");
  assert.is((await there.pikaci("verify")).code, 0);

  const none = await statuses(there, "--no-shared-cache", "--job", "lint");
  assert.equal(none.found, { lint: "passed" });
  const alone = machine(context, {}, jobs);
  assert.equal((await statuses(alone, "--job", "lint")).found, { lint: "passed" });
  const strict = machine(context, { PIKACI_ALLOWED_SIGNERS: allow([`bob ${OURS}`, bob]) }, jobs);
  const refused = await statuses(strict, "--job", "lint");
  assert.equal(refused.found, { lint: "passed" });
  assert.match(
    refused.stderr,
    /a shared verdict on the host does not count .*: its signature, by the key SHA256:/,
  );
  assert.equal(Object.values(shared(context.workDir)).flat().length, 3);
});

/** What becomes of a document, and where that of the job `moved` lies. */
const damages: Readonly<Record<string, (file: string, moved: string) => void>> = {
  forged: (file) => {
    const envelope = JSON.parse(readFileSync(file, "utf8"));
    const payload = Buffer.from(envelope.payload, "base64").toString().replace('"local"', '"ssh://x"');
    writeFileSync(file, JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString("base64") }));
  },
  torn: (file) => truncateSync(file, 300),
  large: (file) => writeFileSync(file, `${readFileSync(file, "utf8")}${" ".repeat(70_000)}`),
  moved: () => {},
  other: (file, moved) => renameSync(file, moved),
  gone: () => {},
  changed: () => {},
};

test("what is forged, torn, too large, of another key, or without its artifacts is a warning, and the job runs", async (context) => {
  const command = (name: string) => ({ command: `cat source >/artifacts/${name}` });
  const jobs = Object.fromEntries(Object.keys(damages).map((name) => [name, command(name)]));
  await statuses(machine(context, developer, jobs));
  const files = shared(context.workDir);
  const artifactsOf = (job: string) => {
    const envelope = JSON.parse(readFileSync(files[job]?.[0] ?? "", "utf8"));
    const { artifacts_digest } = JSON.parse(Buffer.from(envelope.payload, "base64").toString());
    return join(context.workDir, "artifacts", artifacts_digest);
  };
  const [gone, changed] = [artifactsOf("gone"), artifactsOf("changed")];
  rmSync(gone, { recursive: true });
  writeFileSync(join(changed, "changed"), "evil\n");
  for (const [name, damage] of Object.entries(damages))
    damage(files[name]?.[0] ?? "", files.moved?.[0] ?? "");
  const there = machine(context, ci, jobs);
  const { found, stderr } = await statuses(there);
  assert.equal([...new Set(Object.values(found))], ["passed"], JSON.stringify(found));
  for (const said of [
    /does not count .*incorrect signature/,
    /does not count .*it is not JSON/,
    /does not count .*larger than 65536 bytes/,
    /does not count .*it is of another key than it lies under/,
    /gone runs again: its artifacts of run \S+ are not as recorded: gone is gone/,
    /changed runs again: its artifacts of run \S+ are not as recorded: changed was changed/,
  ])
    assert.match(stderr, said);
  assert.is(there.jobFile("changed", "artifacts/changed"), "one\n");
});

test("two clients share one verdict at once: both are there, whole, and count", async (context) => {
  const jobs = { unit: { command: "cat source >/artifacts/copy" } };
  const both = [machine(context, developer, jobs), machine(context, { PIKACI_SIGNING_KEY: bob }, jobs)];
  await Promise.all(both.map((rig) => statuses(rig)));
  assert.is(shared(context.workDir)["unit"]?.length, 2);
  const there = machine(context, ci, jobs);
  const { found, stderr } = await statuses(there);
  assert.equal(found, { unit: "cached" });
  assert.not.match(stderr, "does not count");
});

test("accounts share in a directory that the host names, each with a work dir of its own", async (context) => {
  const jobs = {
    unit: { command: "mkdir /artifacts/d; cat source >/artifacts/d/copy" },
    lint: { command: "true" },
  };
  const group = join(makeDirectory(), "group");
  mkdirSync(group);
  const env = { PIKACI_SHARED_DIR: group };
  const other = { ...context, workDir: join(makeDirectory(), "work") };
  await statuses(machine(context, { ...developer, ...env }, jobs));
  assert.equal(shared(context.workDir), {});
  const files = shared(group);
  assert.equal(Object.keys(files).sort(), ["lint", "unit"]);
  const modes = [files.unit?.[0] ?? "", join(group, "verdicts"), join(group, "artifacts")].map(
    (path) => lstatSync(path).mode & 0o777,
  );
  assert.equal(modes, [0o640, 0o770, 0o770]);
  const there = machine(other, { ...ci, ...env }, jobs);
  const { found, stderr } = await statuses(there);
  assert.equal(found, { lint: "cached", unit: "cached" }, stderr);
  assert.is(there.jobFile("unit", "artifacts/d/copy"), "one\n");
  assert.equal(readdirSync(join(group, "tmp")), []);
});

test("nothing of an untrusted run is shared, nor of a failure, a refused key or without a key", async (context) => {
  const jobs = { unit: { command: "true" }, bad: { command: "false" } };
  const dev = machine(context, developer, jobs);
  const outside = join(makeDirectory(), "pikaci.config.json");
  const hosts = { local: { url: "local", workDir: context.workDir } };
  writeFileSync(outside, JSON.stringify({ hosts, jobs, untrusted: { runners: ["sandbox"] } }));
  const asked = ["--untrusted", "--config", outside, "--job", "unit"];
  const stranger = await dev.pikaci("run", ...asked);
  assert.ok([0, 3].includes(stranger.code ?? -1), stranger.stderr);
  assert.equal(shared(context.workDir), {});
  assert.is((await dev.pikaci("run")).code, 1);
  assert.equal(Object.keys(shared(context.workDir)), ["unit"]);

  const inside = join(dev.dir, "signers");
  mkdirSync(join(dev.dir, "d"));
  writeFileSync(inside, readFileSync(signers));
  for (const [env, code, said] of [
    [{ PIKACI_ALLOWED_SIGNERS: inside }, 4, "is of the tree, whose author would say who may sign"],
    [{ PIKACI_ALLOWED_SIGNERS: "signers" }, 2, "PIKACI_ALLOWED_SIGNERS is not an absolute path"],
    [{ PIKACI_SIGNING_KEY: `${inside}.gone` }, 2, "does not exist"],
  ] as const) {
    const rig = machine(context, env, jobs);
    const own =
      "PIKACI_ALLOWED_SIGNERS" in env && env.PIKACI_ALLOWED_SIGNERS === inside ? ["-C", dev.dir] : [];
    const ended = await rig.pikaci("run", ...own);
    assert.is(ended.code, code, ended.stderr);
    assert.match(ended.stderr, said);
  }
});

test.run();
