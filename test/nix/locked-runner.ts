import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type FlakeLock, parseFlakeLock } from "../../src/core/flake-lock.ts";
import { nixInputs } from "../../src/guest/nix-string.ts";
import { lockedInputs, pinInputs } from "../../src/nix/flake-lock.ts";

/** Runs `nix` with these words, and gives its exit code, stdout and stderr. */
export type Nix = (...words: string[]) => { code: number | null; stdout: string; stderr: string };

/** Flakes in repositories below `root`, locked by `nix`. */
export class LockedFlakes {
  private readonly root: string;
  private readonly nix: Nix;

  constructor(root: string, nix: Nix) {
    this.root = root;
    this.nix = nix;
  }

  /** What a flake says to have these repositories as inputs. */
  inputs(...names: string[]): string {
    const refs = names.map((name) => [name, { type: "git", url: `file://${this.root}/${name}` }]);
    return nixInputs({ refs: Object.fromEntries(refs), leftOut: [] });
  }

  private git(name: string, ...words: string[]): void {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    execFileSync("git", ["-C", join(this.root, name), ...identity, ...words], { stdio: "pipe" });
  }

  /** A repository with this flake, and one in its directory `sub` if given, locked and committed; its lock. */
  repository(name: string, flake: string, sub?: string): FlakeLock {
    const dir = join(this.root, name);
    mkdirSync(join(dir, "sub"), { recursive: true });
    writeFileSync(join(dir, "flake.nix"), flake);
    if (sub !== undefined) writeFileSync(join(dir, "sub/flake.nix"), sub);
    this.git(name, "init", "-q");
    this.git(name, "add", ".");
    const done = this.nix("flake", "lock", dir);
    assert.is(done.code, 0, done.stderr);
    this.git(name, "add", ".");
    this.git(name, "commit", "-qm", name);
    const locked = this.nix("flake", "metadata", "--json", dir);
    assert.is(locked.code, 0, locked.stderr);
    return parseFlakeLock(JSON.stringify(JSON.parse(locked.stdout).locks));
  }

  /** A newer commit of it, which nobody's lock has. */
  change(name: string): void {
    appendFileSync(join(this.root, name, "flake.nix"), "\n");
    this.git(name, "commit", "-qam", "newer");
  }

  /** A runner with these inputs of the project's lock; Nix takes its lock unchanged, and gives this `version`. */
  takes(lock: FlakeLock, names: readonly string[], version: string): FlakeLock {
    const pinned = pinInputs(lock, names);
    const text = `${JSON.stringify(pinned, null, 2)}\n`;
    const runner = join(this.root, "runner");
    mkdirSync(runner);
    const outputs = `outputs = { self, ${names.join(", ")} }: { inherit (${names[0]}) version; };`;
    writeFileSync(join(runner, "flake.nix"), `{ ${nixInputs(lockedInputs(pinned))} ${outputs} }`);
    writeFileSync(join(runner, "flake.lock"), text);
    const still = ["--no-update-lock-file", "--offline"];
    const metadata = this.nix("flake", "metadata", "--json", ...still, `path:${runner}`);
    assert.is(metadata.code, 0, metadata.stderr);
    assert.equal(JSON.parse(metadata.stdout).locks, JSON.parse(text));
    assert.is(readFileSync(join(runner, "flake.lock"), "utf8"), text);
    const evaluated = this.nix("eval", ...still, `path:${runner}#version`);
    assert.is(evaluated.stdout, `${version}\n`, evaluated.stderr);
    return pinned;
  }
}

/** A project's `follows` over an input that has moved on: the runner has what the project locked. */
export function rootFollows(flakes: LockedFlakes): void {
  flakes.repository("pkgs", "{ outputs = { self }: { version = 1; }; }");
  flakes.repository(
    "vm",
    `{ ${flakes.inputs("pkgs")} outputs = { self, pkgs }: { inherit (pkgs) version; }; }`,
  );
  flakes.change("pkgs");
  const follows = `inputs.vm.inputs.pkgs.follows = "pkgs";`;
  const project = `{ ${flakes.inputs("pkgs", "vm")} ${follows} outputs = { self, pkgs, vm }: { }; }`;
  flakes.takes(flakes.repository("project", project), ["vm"], "1");
}

/** An input that gives itself to its own input: `follows = ""`, two levels below the project. */
export function followsBack(flakes: LockedFlakes): void {
  flakes.repository("pkgs", "{ outputs = { self }: { version = 2; }; }");
  flakes.repository(
    "tool",
    `{ ${flakes.inputs("pkgs")} outputs = { self, pkgs }: { inherit (pkgs) version; }; }`,
  );
  const back = `inputs.tool.inputs.pkgs.follows = "";`;
  flakes.repository(
    "vm",
    `{ ${flakes.inputs("tool")} ${back} outputs = { self, tool }: { version = 3; inherited = tool.version; }; }`,
  );
  const whole = `{ ${flakes.inputs("vm")} outputs = { self, vm }: { version = vm.inherited; }; }`;
  flakes.repository("whole", whole);
  const project = `{ ${flakes.inputs("whole")} outputs = { self, whole }: { }; }`;
  const lock = flakes.repository("project", project);
  const pinned = flakes.takes(lock, ["whole"], "3");
  assert.equal(pinned.nodes.tool?.inputs, { pkgs: ["whole", "vm"] });
}

/** An input with a flake inside its own source, which Nix locks since 2.26: `parent`. */
export function pathInside(flakes: LockedFlakes): void {
  const sub = "{ outputs = { self }: { version = 4; }; }";
  const dep = `{ inputs.sub.url = "path:./sub"; outputs = { self, sub }: { inherit (sub) version; }; }`;
  flakes.repository("dep", dep, sub);
  const project = `{ ${flakes.inputs("dep")} outputs = { self, dep }: { }; }`;
  const pinned = flakes.takes(flakes.repository("project", project), ["dep"], "4");
  assert.equal(pinned.nodes.sub?.parent, ["dep"]);
}
