import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("pikaci render");
test.before.each((context) => {
  context.rig = openRig({});
});
test.after.each(({ rig }) => rig.remove());

const locked = (rev: string) => ({
  locked: { type: "github", owner: "o", repo: "nixpkgs", rev, narHash: "sha256-x" },
  original: { type: "github", owner: "o", repo: "nixpkgs" },
});
const lock = (rev: string) =>
  JSON.stringify({
    nodes: { root: { inputs: { nixpkgs: "n" } }, n: locked(rev) },
    root: "root",
    version: 7,
  });

async function hashOf(rig: Rig, shape: object): Promise<string> {
  const { code, stdout, stderr } = await rig.pikaci("render", "--runner", JSON.stringify(shape), "--json");
  assert.is(code, 0, stderr);
  return (JSON.parse(stdout) as { content_hash: string }).content_hash;
}

test("source, command, timeout and environment change no NixOS runner; size, pins and modules do", async ({
  rig,
}) => {
  const nixos = { backend: "microvm", memory: "1GiB" };
  rig.write({ file: "one", "flake.lock": lock("1") });
  rig.configure({ jobs: { x: { command: "true", runner: nixos } } });
  const first = await hashOf(rig, nixos);
  rig.write({ file: "two", "flake.nix": "{ }" });
  rig.configure({ jobs: { x: { command: "false", timeout: "9m", env: { A: "b" }, runner: nixos } } });
  assert.is(await hashOf(rig, nixos), first);
  const others = [
    await hashOf(rig, { ...nixos, memory: "2GiB" }),
    await hashOf(rig, { ...nixos, hypervisor: "cloud-hypervisor" }),
    await hashOf(rig, { ...nixos, modules: ["nixosModules.ci"] }),
  ];
  rig.write({ "flake.nix": "{ } # changed" });
  others.push(await hashOf(rig, { ...nixos, modules: ["nixosModules.ci"] }));
  rig.write({ "flake.lock": lock("2") });
  others.push(await hashOf(rig, nixos));
  assert.is(new Set([first, ...others]).size, others.length + 1);
});

test("the flake is written with the project's pins and its modules' files", async ({ rig }) => {
  rig.write({ "flake.nix": "{ }", "nix/ci.nix": "1", "src/main.c": "2", "flake.lock": lock("1") });
  rig.configure({ flake: { files: ["flake.nix", "nix/**"] }, jobs: { x: { command: "true" } } });
  const shape = JSON.stringify({ backend: "microvm", modules: ["nixosModules.ci"] });
  const { code, stderr } = await rig.pikaci("render", "--runner", shape, "--out", "out");
  assert.is(code, 0, stderr);
  const read = (name: string) => readFileSync(join(rig.dir, "out", name), "utf8");
  assert.match(read("flake.lock"), '"rev": "1"');
  assert.match(read("flake.nix"), '"repo" = "nixpkgs"');
  assert.is(read("project/nix/ci.nix"), "1");
  assert.not.ok(existsSync(join(rig.dir, "out/project/src")));
});

const refused: readonly (readonly [object, Readonly<Record<string, string>>, RegExp, RegExp])[] = [
  [{ hypervisor: "firecracker" }, {}, /firecracker has no shared directories/, /hint: write sandbox/],
  [{ modules: ["nixosModules.ci"] }, {}, /it has no flake\.nix/, /hint: add flake\.nix to git/],
  [{}, { "flake.lock": "{}" }, /flake\.lock is not a lock file of version 7/, /hint: run `nix flake lock`/],
  [
    {},
    {
      "flake.lock": lock("1").replace(
        '"type":"github","owner":"o","repo":"nixpkgs","rev"',
        '"type":"path","rev"',
      ),
    },
    /path input/,
    /hint: give that input a URL/,
  ],
];

for (const [more, files, message, hint] of refused)
  test(`${JSON.stringify(more)} with ${Object.keys(files)} is refused: exit 2`, async ({ rig }) => {
    rig.write({ file: "x", ...files });
    const shape = JSON.stringify({ backend: "microvm", ...more });
    const { code, stdout, stderr } = await rig.pikaci("render", "--runner", shape);
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, hint);
    assert.is(stdout, "");
  });

test.run();
