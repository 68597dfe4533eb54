import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { EXACT_VALUE } from "../../src/config/flake-value.ts";
import { checkValues, VALUES_FLAKE } from "../config/flake-values.ts";
import { type HostKind, type Lab, openLab } from "../lab/lab.ts";
import { flakeOf } from "../stage-rig.ts";
import { type ClientNix, openClientNix } from "./client-nix.ts";
import { followsBack, LockedFlakes, type Nix, pathInside, rootFollows } from "./locked-runner.ts";

const CLI = resolve(import.meta.dirname, "../../src/cli.ts");
const TSX = import.meta.resolve("tsx");
const scratch = mkdtempSync(join(tmpdir(), "pikaci-versions-"));
let lab: Lab;
test.before(async () => {
  lab = await openLab();
});
test.after(async () => {
  rmSync(scratch, { recursive: true });
  await lab?.stop();
});

function write(files: Readonly<Record<string, string | Buffer>>): string {
  const dir = mkdtempSync(join(scratch, "workspace-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content, { mode: typeof content === "string" ? 0o644 : 0o755 });
  }
  return dir;
}

/** A project authored in its flake, with an input that only the client can reach. */
function project(): string {
  const input = write({ "flake.nix": `{ outputs = { self }: { text = "from afar"; }; }` });
  const git = ["-C", input, "-c", "user.name=x", "-c", "user.email=x@example.org"];
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    ["commit", "-qm", "x"],
  ])
    execFileSync("git", [...git, ...words], { stdio: "pipe" });
  const hosts = (["single", "multi"] satisfies HostKind[])
    .map((kind) => `${kind} = { url = "${lab[kind].url}"; flakeInputs = "send"; };`)
    .join(" ");
  const job = (prepare: string) => `{ command = "cat /prepared/it/in"; prepare.it = ${prepare}; }`;
  const jobs = [
    `jobs.there = ${job(`"#text"`)};`,
    `jobs.path = ${job(`{ path = "data"; }`)};`,
    `jobs.here = ${job(`{ installable = "#text"; from = "local"; }`)};`,
  ].join(" ");
  const more = `text = script "text" "\${self}/tools/busybox mkdir $out; echo \${dep.text} > $out/in";`;
  const flake = flakeOf({}, more)
    .replace("{\n", `{\n  inputs.dep.url = "git+file://${input}";\n`)
    .replace("{ self }", "{ self, dep }")
    .replace("{ packages.", `{ pikaci = { hosts = { ${hosts} }; ${jobs} }; packages.`);
  return write({
    "flake.nix": flake,
    "tools/busybox": readFileSync("/bin/busybox"),
    "data/in": "from the client\n",
  });
}

function run({ prefix, env }: ClientNix, cwd: string, ...words: string[]) {
  const [program = "", ...before] = prefix;
  const done = spawnSync(program, [...before, ...words], {
    cwd,
    env: { ...process.env, CI: "", NIX_SSHOPTS: lab.sshOptions, ...env },
    encoding: "utf8",
  });
  return { code: done.status, stdout: done.stdout, stderr: done.stderr };
}

for (const client of ["single", "multi"] satisfies HostKind[])
  test(`locks that the Nix of ${client} makes are pinned, and taken unchanged`, async () => {
    const opened = await openClientNix(client);
    try {
      const features = ["--extra-experimental-features", "nix-command flakes"];
      const nix: Nix = (...words) => run(opened, scratch, "nix", ...features, ...words);
      for (const makesLocks of [rootFollows, followsBack, pathInside])
        makesLocks(new LockedFlakes(mkdtempSync(join(scratch, "locks-")), nix));
    } finally {
      opened.remove();
    }
  });

for (const client of ["single", "multi"] satisfies HostKind[])
  test(`a configuration's values as the Nix of ${client} prints them`, async () => {
    const opened = await openClientNix(client);
    try {
      const dir = write({ "flake.nix": VALUES_FLAKE, "data.txt": "x" });
      const features = ["--extra-experimental-features", "nix-command flakes"];
      const words = ["eval", "--json", "--apply", EXACT_VALUE];
      const evaluated = (attr: string) => run(opened, dir, "nix", ...features, ...words, `path:.#${attr}`);
      checkValues(evaluated);
    } finally {
      opened.remove();
    }
  });

for (const client of ["single", "multi"] satisfies HostKind[])
  test(`the Nix of ${client} as the client's, to both hosts`, async () => {
    const nix = await openClientNix(client);
    try {
      const dir = project();
      const features = ["--extra-experimental-features", "nix-command flakes"];
      const locked = run(nix, dir, "nix", ...features, "flake", "lock", ".");
      assert.is(locked.code, 0, locked.stderr);
      const command = (...words: string[]) => run(nix, dir, process.execPath, "--import", TSX, CLI, ...words);
      const pikaci = (...words: string[]) => command("run", ...words);
      assert.is(pikaci("--on", "single", "--no-cache", "--job", "there").code, 0);
      const refused = command("copy", "--from", "single", "--run", "latest");
      assert.is(refused.code, 4, refused.stderr);
      const fetched = command("copy", "--from", "single", "--run", "latest", "--no-check-sigs", "-o", "kept");
      assert.is(fetched.code, 0, fetched.stderr);
      assert.is(`${readlinkSync(join(dir, "kept"))}\n`, fetched.stdout);
      const sent = command("copy", "--to", "single", "./kept");
      assert.equal([sent.code, sent.stdout], [0, fetched.stdout], sent.stderr);
      const untrusted = command("copy", "--to", "multi", "./kept");
      assert.is(untrusted.code, 4, untrusted.stderr);
      assert.match(untrusted.stderr, "three ways");
      const unsigned = pikaci("--on", "multi", "--job", "here");
      assert.is(unsigned.code, 4, unsigned.stderr);
      assert.match(unsigned.stderr, "three ways");
      for (const host of ["single", "multi"]) {
        const there = pikaci("--on", host, "--no-cache", "--job", "there", "--job", "path");
        assert.is(there.code, 0, there.stderr);
        assert.match(there.stderr, "there │ from afar");
        assert.match(there.stderr, "path │ from the client");
        const here = pikaci("--on", host, "--no-cache", "--job", "here");
        assert.is(here.code, 0, here.stderr);
        assert.match(here.stderr, "here │ from afar");
      }
    } finally {
      nix.remove();
    }
  });

test.run();
