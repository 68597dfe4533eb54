// needs: lab
// time-limit: 240
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { childWords } from "../../scripts/suites/children.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { flakeOf } from "../stage-rig.ts";

const test = suite<{ lab: Lab; root: string }>("copy-closure script");
test.before(async (context) => {
  context.lab = await openLab();
  context.root = mkdtempSync(join(tmpdir(), "pikaci-closure-"));
});
test.after(async ({ lab, root }) => {
  await lab?.stop();
  rmSync(root, { recursive: true, force: true });
});

const NIX_CONFIG = "extra-experimental-features = nix-command flakes\nbuild-users-group =";

function script(args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [...childWords("scripts/copy-closure.ts"), ...args], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

function nix(...args: string[]): string {
  return execFileSync("nix", args, {
    env: { ...process.env, NIX_CONFIG },
    stdio: "pipe",
    encoding: "utf8",
  }).trim();
}

test("content-addressed paths go to an account that is not trusted, with the port in the URL", async ({
  lab,
  root,
}) => {
  writeFileSync(join(root, "text"), root);
  const path = nix("store", "add-path", "--name", "text", join(root, "text"));
  for (const host of lab.hosts) {
    const copied = script(["--to", `${host.url}:22`, path], { NIX_SSHOPTS: lab.sshOptions });
    assert.is(copied.status, 0, copied.stderr);
    assert.equal(JSON.parse(copied.stdout), { host: `${host.url}:22`, store_paths: [path] });
    assert.is((await host.exec(`cat ${path}`)).stdout, root);
  }
});

test("what was built and not signed is a matter of trust", ({ lab, root }) => {
  mkdirSync(join(root, "flake/a"), { recursive: true });
  writeFileSync(join(root, "flake/a/in"), "a");
  writeFileSync(join(root, "flake/flake.nix"), flakeOf({ built: "a" }));
  nix("build", "--out-link", join(root, "built"), `path:${root}/flake#built`);
  const path = execFileSync("readlink", [join(root, "built")], { encoding: "utf8" }).trim();
  const refused = script(["--to", lab.multi.url, path], { NIX_SSHOPTS: lab.sshOptions });
  assert.is(refused.status, 4);
  assert.match(refused.stderr, /lacks a signature[\s\S]*\nhint: .*trusted-public-keys/);
  assert.is(refused.stdout, "");
  assert.is(script(["--to", lab.single.url, path], { NIX_SSHOPTS: lab.sshOptions }).status, 0);
});

test("an unknown host key, a host that refuses, no Nix here, bad usage", ({ lab, root }) => {
  writeFileSync(join(root, "small"), root);
  const path = nix("store", "add-path", "--name", "small", join(root, "small"));
  const unknown = script(["--to", lab.multi.url, path], { NIX_SSHOPTS: "-o UserKnownHostsFile=/dev/null" });
  assert.is(unknown.status, 4);
  assert.match(unknown.stderr, /ssh-keyscan/);
  const refusing = script(["--to", `${lab.multi.url}:1`, path], { NIX_SSHOPTS: lab.sshOptions });
  assert.is(refusing.status, 3);
  assert.match(refusing.stderr, /Connection refused/);
  const bare = script(["--to", lab.multi.url, path], { PATH: "/nonexistent" });
  assert.is(bare.status, 3);
  assert.match(bare.stderr, /Nix is not on this machine's PATH.*\nhint: install Nix/);
  for (const args of [[], ["--to", "ftp://x", path], ["--to", lab.multi.url, "/tmp/x"], ["--nonsense"]])
    assert.is(script(args).status, 2, args.join(" "));
});

test.run();
