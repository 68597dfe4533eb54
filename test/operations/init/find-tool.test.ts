import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toolFinder } from "../../../src/operations/init/find-tool.ts";
import type { Tool } from "../../../src/operations/init/tool.ts";
import { inMemory } from "./memory.ts";

const test = suite<{ home: string }>("init: toolchains");
test.before.each((context) => {
  context.home = mkdtempSync(join(tmpdir(), "pikaci-tools-"));
});
test.after.each(({ home }) => rmSync(home, { recursive: true }));

/** A program that no system has, so that what this machine has in /usr changes nothing. */
const NAME = "pikaci-test-tool";

function program(...parts: string[]): string {
  const path = join(...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}

function text(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function find(home: string, name: string, path: string, files: Readonly<Record<string, string>> = {}): Tool {
  return toolFinder(inMemory(files), { HOME: home, PATH: path })(name);
}

function rustup(home: string, ...names: string[]): string {
  program(home, ".cargo/bin/rustup");
  symlinkSync("rustup", join(home, ".cargo/bin/cargo"));
  for (const name of names) program(home, ".rustup/toolchains", name, "bin/cargo");
  text(join(home, ".rustup/settings.toml"), 'default_toolchain = "stable-x86_64-unknown-linux-gnu"\n');
  return join(home, ".rustup/toolchains");
}

test("rustup: the project's toolchain, else the default; none when it is not installed", ({ home }) => {
  const path = join(home, ".cargo/bin");
  const place = rustup(home, "stable-x86_64-unknown-linux-gnu", "1.70.0-x86_64-unknown-linux-gnu");
  const tree = (name: string): Tool => ({
    kind: "tree",
    from: "rustup",
    path: join(place, name),
    bin: "bin",
  });
  const cargo = (files: Readonly<Record<string, string>>, on = path) => find(home, "cargo", on, files);
  assert.equal(cargo({}), tree("stable-x86_64-unknown-linux-gnu"));
  assert.equal(cargo({}, ""), tree("stable-x86_64-unknown-linux-gnu"));
  const pinned = { "rust-toolchain.toml": '[toolchain]\nchannel = "1.70.0"\n' };
  assert.equal(cargo(pinned), tree("1.70.0-x86_64-unknown-linux-gnu"));
  assert.equal(cargo({ "rust-toolchain": "1.70.0\n" }), tree("1.70.0-x86_64-unknown-linux-gnu"));
  assert.is.not(cargo({ "rust-toolchain": "1.60.0\n" }).kind, "tree");
});

test("mise and asdf: the project's version, the account's, else the newest", ({ home }) => {
  const mise = join(home, ".local/share/mise");
  program(mise, "shims/go");
  for (const version of ["1.9.0", "1.22.1"]) program(mise, "installs/go", version, "bin/go");
  const at = (version: string): Tool => ({
    kind: "tree",
    from: "mise",
    path: join(mise, "installs/go", version),
    bin: "bin",
  });
  const shims = join(mise, "shims");
  assert.equal(find(home, "go", shims), at("1.22.1"));
  assert.equal(find(home, "go", shims, { "mise.toml": '[tools]\ngo = "1.9"\n' }), at("1.9.0"));
  assert.equal(find(home, "go", shims, { ".tool-versions": "golang 1.9.0\n" }), at("1.9.0"));
  const asdf = join(home, ".asdf");
  program(asdf, "shims/go");
  program(asdf, "installs/golang/1.20/go/bin/go");
  const moved = { kind: "tree", from: "asdf", path: join(asdf, "installs/golang/1.20/go"), bin: "bin" };
  assert.equal(find(home, "go", join(asdf, "shims")), moved);
});

test("pyenv: its version; the system's where it says so or where it has none", ({ home }) => {
  const pyenv = join(home, ".pyenv");
  program(pyenv, "shims/python3");
  program(pyenv, "versions/3.11.4/bin/python3");
  const own = { kind: "tree", from: "pyenv", path: join(pyenv, "versions/3.11.4"), bin: "bin" };
  const shims = join(pyenv, "shims");
  assert.equal(find(home, "python3", shims), own);
  assert.equal(find(home, "python3", shims, { ".python-version": "3.11\n" }), own);
  assert.is.not(find(home, "python3", shims, { ".python-version": "system\n" }).kind, "tree");
});

test("nvm off PATH, a directory that can be moved, a program by itself, and what is nowhere", ({ home }) => {
  for (const version of ["v9.1.0", "v20.1.0"]) program(home, ".nvm/versions/node", version, "bin", NAME);
  const node = { kind: "tree", from: "nvm", path: join(home, ".nvm/versions/node/v20.1.0"), bin: "bin" };
  assert.equal(find(home, NAME, ""), node);
  const moved = program(home, "opt/tool-2/bin", NAME);
  assert.equal(find(home, NAME, dirname(moved)), {
    kind: "tree",
    from: "tool-2",
    path: join(home, "opt/tool-2"),
    bin: "bin",
  });
  const single = program(home, ".local/bin", NAME);
  assert.equal(find(home, NAME, dirname(single)), { kind: "file", path: single });
  assert.is(find(home, `${NAME}-2`, "relative:").kind, "missing");
});

test("in /usr: as the guest sees it, with the directory that its PATH lacks", ({ home }) => {
  assert.equal(find(home, "sh", "/usr/bin"), { kind: "usr", path: "/usr/bin/sh", directory: null });
  mkdirSync(join(home, "links"));
  symlinkSync("/usr/bin/env", join(home, "links", NAME));
  const linked = find(home, NAME, join(home, "links"));
  assert.is(linked.kind, "usr");
});

test.run();
