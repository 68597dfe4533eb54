// needs: lab nix
// time-limit: 240
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { run } from "../../src/system/exec.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { openRig, type Rig } from "../lab/rig.ts";
import { flakeOf } from "../stage-rig.ts";

let lab: Lab;
let rig: Rig;
test.before(async () => {
  lab = await openLab();
  rig = openRig({ NIX_SSHOPTS: lab.sshOptions });
  const job = { command: "true", prepare: { tools: "#tools" } };
  rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/in": "a" });
  rig.configure({
    hosts: { single: { url: lab.single.url }, multi: { url: lab.multi.url } },
    jobs: { a: job },
  });
});
test.after(async () => {
  rig?.remove();
  await lab?.stop();
});

const isValidHere = async (path: string) =>
  (await run(["nix-store", "--check-validity", path], { env: process.env })).exitCode === 0;

async function copy(...words: string[]) {
  return rig.pikaci("copy", ...words);
}

test("what a run prepared comes back, and goes on to another host when it is signed", async () => {
  const ran = await rig.pikaci("run", "--on", "single");
  assert.is(ran.code, 0, ran.stderr);
  const path = rig.record().jobs[0]?.prepared["tools"] ?? "";
  assert.not.ok(await isValidHere(path));
  const unsigned = await copy("--from", "single", "--run", "latest");
  assert.is(unsigned.code, 4, unsigned.stderr);
  assert.match(unsigned.stderr, `this machine would refuse ${path}`);
  assert.match(unsigned.stderr, "three ways");
  assert.match(unsigned.stderr, "--no-check-sigs");
  const fetched = await copy("--from", "single", "--run", "latest", "--no-check-sigs", "-o", "kept/result");
  assert.equal([fetched.code, fetched.stdout], [0, `${path}\n`], fetched.stderr);
  assert.ok(await isValidHere(path));
  const link = join(rig.dir, "kept/result");
  assert.is(readlinkSync(link), path);
  const roots = await run(["nix-store", "--query", "--roots", path], { env: process.env });
  assert.ok(roots.stdout.toString().includes(link), roots.stdout.toString());
  const refused = await copy("--to", "multi", "kept/result");
  assert.is(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, "three ways");
  const signed = await lab.single.exec(`nix-store --check-validity ${path}`);
  assert.is(signed.exitCode, 0);
  const words = ["nix", "store", "sign", "--recursive", "--key-file", lab.storeKeyFile, path];
  const env = { ...process.env, NIX_CONFIG: "extra-experimental-features = nix-command" };
  assert.is((await run(words, { env })).exitCode, 0);
  const between = await copy("--from", "single", "--to", "multi", "--json", path);
  assert.is(between.code, 0, between.stderr);
  assert.equal(JSON.parse(between.stdout).store_paths, [path]);
  assert.is((await lab.multi.exec(`cat ${path}/in`, { user: lab.multi.user })).stdout, "a");
});

test("what the host signed with a key that this machine trusts comes as it is", async () => {
  const tree = { "flake.nix": flakeOf({ tools: "a" }), "a/in": "b" };
  rig.write(tree);
  const ran = await rig.pikaci("run", "--on", "single");
  assert.is(ran.code, 0, ran.stderr);
  const path = rig.record().jobs[0]?.prepared["tools"] ?? "";
  const key = "/root/store-key";
  await lab.single.exec(`cat >${key} <<'EOF'\n${readFileSync(lab.storeKeyFile, "utf8")}\nEOF`);
  const sign = `nix --extra-experimental-features nix-command store sign --recursive --key-file ${key} ${path}`;
  const signed = await lab.single.exec(sign);
  assert.is(signed.exitCode, 0, signed.stderr);
  const words = ["nix", "key", "convert-secret-to-public"];
  const env = { ...process.env, NIX_CONFIG: "extra-experimental-features = nix-command" };
  const input = readFileSync(lab.storeKeyFile);
  const trusted = (await run(words, { env, input })).stdout.toString().trim();
  const trusting = openRig({
    NIX_SSHOPTS: lab.sshOptions,
    NIX_CONFIG: `extra-trusted-public-keys = ${trusted}`,
  });
  try {
    trusting.configure({ hosts: { single: { url: lab.single.url } }, jobs: { a: { command: "true" } } });
    const fetched = await trusting.pikaci("copy", "--from", "single", path);
    assert.equal([fetched.code, fetched.stdout], [0, `${path}\n`], fetched.stderr);
    assert.ok(await isValidHere(path));
  } finally {
    trusting.remove();
  }
});

test("what the host does not have is said before anything is copied", async () => {
  const { code, stderr } = await copy("--from", "single", `/nix/store/${"0".repeat(32)}-x`);
  assert.is(code, 3, stderr);
  assert.match(stderr, "is not valid");
});

test("nothing to copy, nowhere to, no such path: exit 2 with a hint", async () => {
  for (const [words, message] of [
    [["--to", "single"], "no store path to copy"],
    [["/nix/store/x"], "say where"],
    [["--to", "single", "./result"], "not a store path"],
    [["--to", "singel", "x"], "unknown host"],
    [["--to", "single", "-o", "x", "y"], "nothing is"],
  ] as const) {
    const { code, stderr } = await copy(...words);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, "hint:");
  }
});

test("a path that is not valid here is Nix's error", async () => {
  const { code, stderr } = await copy("--to", "single", `/nix/store/${"0".repeat(32)}-x`);
  assert.is(code, 3, stderr);
  assert.match(stderr, "is not valid");
});

test.run();
