import { existsSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadProjectOrBare } from "../../src/config/bare.ts";
import { loadProject, parseConfig } from "../../src/config/load.ts";
import { type Origin, originOf } from "../../src/config/origin.ts";
import { selectJobs } from "../../src/config/targets.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { git, makeContext, makeDirectory, rejection, removeWorkspaces, writeFiles } from "../workspace.ts";

const test = suite("a stranger's tree");
test.after(removeWorkspaces);

const stranger = { ...makeContext(), author: "stranger" as const };
const job = (more: object) => ({ jobs: { x: { command: "true", ...more } } });

/** What is refused of a configuration and its jobs, in one text; empty when nothing is. */
function refusedOf(config: object, origin: Origin): string {
  try {
    selectJobs(parseConfig(config, "/w", "/w/c.json", origin), null, []);
    return "";
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert.match(error.hint ?? "", "--config FILE");
    return error.message;
  }
}

const asked: readonly [config: object, place: string, allowed: object | null][] = [
  [{ host: "local", ...job({}) }, "host: it must come", {}],
  [{ hosts: { local: { url: "local", workDir: "/home/me" } }, ...job({}) }, "hosts: it must come", {}],
  [
    { snapshot: { allow: [{ rule: "env-file", paths: ["**"] }] }, ...job({}) },
    "snapshot.allow: it must come",
    {},
  ],
  [{ snapshot: { maxFileSize: "1GB" }, ...job({}) }, "snapshot.maxFileSize: it must come", {}],
  [{ limits: { artifacts: "1GB" }, ...job({}) }, "limits.artifacts: it must come", {}],
  [{ limits: { unfetched: "1s" }, ...job({}) }, "limits.unfetched: it must come", {}],
  [job({ secrets: ["TOKEN"] }), 'jobs.x.secrets[0]: "TOKEN" is not allowed', { secrets: ["TOKEN"] }],
  [
    job({ network: "user", runner: "minivm" }),
    'jobs.x.network: "user" is not allowed',
    { networks: ["user"] },
  ],
  [job({ git: true }), "jobs.x.git: a tree can name any repository", { git: true }],
  [job({ caches: ["make"] }), 'jobs.x.caches[0]: "make" is not allowed', { caches: ["make"] }],
  [job({ runner: "sandbox" }), "jobs.x.runner: sandbox shares the host's kernel", { runners: ["sandbox"] }],
  [
    job({ runner: { backend: "derivation" } }),
    "jobs.x.runner: derivation shares",
    { runners: ["derivation"] },
  ],
  [
    job({ prepare: { t: "#tools" } }),
    "jobs.x.prepare.t: an output of the tree's flake",
    { flakeOutputs: true },
  ],
  [job({ prepare: { t: { path: "/usr/bin/env" } } }), 'jobs.x.prepare.t: "/usr/bin/env" is absolute', {}],
  [
    job({ prepare: { t: { installable: "#t", from: "local" } } }),
    "jobs.x.prepare.t: this machine does not",
    null,
  ],
  [
    job({ runner: { backend: "microvm", modules: ["a"] } }),
    "jobs.x.runner.modules: they say what runs",
    null,
  ],
];

for (const [config, place, allowed] of asked) {
  test(`of the tree it is refused by name: ${place}`, () => {
    assert.match(refusedOf(config, "tree"), place);
  });
  test(`outside the tree, ${allowed === null ? "too" : `not with ${JSON.stringify(allowed)}`}: ${place}`, () => {
    const message = refusedOf({ ...config, untrusted: allowed ?? { flakeOutputs: true } }, "outside");
    if (allowed === null) assert.match(message, place);
    else assert.is(message, "");
  });
}

test("a file of the tree cannot allow itself anything", () => {
  const config = { ...job({ runner: "sandbox" }), untrusted: { runners: ["sandbox"] } };
  assert.match(refusedOf(config, "tree"), "untrusted: it must come");
});

test("a file outside that allows nothing is as strict on jobs", () => {
  const config = job({ secrets: ["A"], caches: ["c"], prepare: { t: "#tools" }, runner: "sandbox" });
  for (const place of ["secrets[0]", "caches[0]", "prepare.t", "runner"])
    assert.match(refusedOf(config, "outside"), `jobs.x.${place}: `);
});

test("only the jobs that are wanted are judged", () => {
  const config = { jobs: { x: { command: "true" }, deploy: { command: "true", secrets: ["TOKEN"] } } };
  const project = parseConfig(config, "/w", null, "tree");
  assert.equal(
    selectJobs(project, null, ["x"]).jobs.map(({ name }) => name as string),
    ["x"],
  );
  assert.throws(() => selectJobs(project, null, ["deploy"]), /jobs\.deploy\.secrets\[0\]/);
});

test("a job that names no runner gets a machine, and one that asks for auto, unless a sandbox is allowed", () => {
  const shapes = (untrusted: object) =>
    [{}, { runner: "auto" }, { runner: { backend: "auto", vcpu: 3 } }].map(
      (more) => parseConfig({ ...job(more), untrusted }, "/w", null, "outside").jobs.x?.shape,
    );
  const minivm = (vcpu: number) => ({ backend: "minivm", vcpu, memoryMiB: 2048 });
  assert.equal(shapes({}), [minivm(2), minivm(2), minivm(3)]);
  assert.equal(
    shapes({ runners: ["sandbox"] }).map((shape) => shape?.backend),
    ["sandbox", "auto", "auto"],
  );
});

test("a network of the host is none of a machine", () => {
  const config = { ...job({ network: "host" }), untrusted: { networks: ["host"] } };
  assert.match(refusedOf(config, "outside"), "jobs.x.network: an untrusted job runs in a virtual machine");
  assert.is(refusedOf({ ...config, untrusted: { networks: ["host"], runners: ["sandbox"] } }, "outside"), "");
});

test("client paths have to lie in the tree; one that a file outside names in full has not", () => {
  const prepare = { in: { path: "deps" }, out: { path: "/usr/bin/env" } };
  assert.equal(parseConfig(job({ prepare }), "/w", null, "outside").jobs.x?.prepare, {
    in: { kind: "path", path: "deps", confined: true },
    out: { kind: "path", path: "/usr/bin/env" },
  });
});

test("inputs of flakes are not fetched here where flake outputs are allowed", () => {
  const hosts = { h: { url: "ssh://h", flakeInputs: "send" } };
  const config = { ...job({}), hosts, untrusted: { flakeOutputs: true } };
  assert.match(refusedOf(config, "outside"), "hosts.h.flakeInputs: ");
});

const DATA = JSON.stringify(job({}));
const code = (marker: string) => `import { writeFileSync } from "node:fs";
writeFileSync(${JSON.stringify(marker)}, "");
export default ${DATA};`;

for (const name of ["pikaci.config.ts", "pikaci.config.mjs"])
  test(`${name} of the tree is not run, named or found`, async () => {
    const root = makeDirectory();
    const marker = join(root, "marker");
    writeFiles(root, { [name]: code(marker) });
    for (const file of [null, join(root, name)])
      for (const load of [loadProject, loadProjectOrBare]) {
        const error = await rejection(load(root, file, stranger));
        assert.instance(error, ConfigError);
        assert.match(String(error), `${name} is code of the tree`);
      }
    writeFiles(root, { "pikaci.config.json": DATA });
    const { configFile } = await loadProject(root, null, stranger);
    assert.is(configFile, join(root, "pikaci.config.json"));
    assert.not(existsSync(marker));
  });

test("a flake of the tree is no configuration", async () => {
  const root = makeDirectory();
  writeFiles(root, { "flake.nix": '{ outputs = _: { pikaci = throw "evaluated"; }; }' });
  assert.match(String(await rejection(loadProject(root, null, stranger))), "no configuration in");
  assert.match(
    String(await rejection(loadProject(root, join(root, "flake.nix"), stranger))),
    "is code of the tree",
  );
  assert.equal((await loadProjectOrBare(root, null, stranger)).jobs, {});
});

test("code outside the tree is the operator's", async () => {
  const [tree, outside] = [makeDirectory(), makeDirectory()];
  const marker = join(outside, "marker");
  writeFiles(outside, { "ci.mjs": code(marker) });
  assert.equal(Object.keys((await loadProject(tree, join(outside, "ci.mjs"), stranger)).jobs), ["x"]);
  assert.ok(existsSync(marker));
});

test("the tree is the whole repository, by where files really lie", () => {
  const top = realpathSync(makeDirectory());
  const tree = join(top, "tree");
  mkdirSync(join(tree, "sub"), { recursive: true });
  git(tree, "init", "-q");
  writeFiles(top, { "tree/a.json": "{}", "tree/a.ts": "", "ci.json": "{}", "secret.txt": "no JSON" });
  symlinkSync("../ci.json", join(tree, "out.json"));
  symlinkSync("a.ts", join(tree, "code.json"));
  symlinkSync("../secret.txt", join(tree, "pikaci.config.json"));
  symlinkSync(join(tree, "a.json"), join(top, "in.json"));
  symlinkSync(tree, join(top, "link"));
  const origins = ["ci.json", "tree/a.json", "in.json", "link/a.json"].map((name) =>
    originOf(join(tree, "sub"), join(top, name)),
  );
  assert.equal(origins, ["outside", "tree", "tree", "tree"]);
  for (const name of ["out.json", "pikaci.config.json"])
    assert.throws(() => originOf(tree, join(tree, name)), /is a link of the tree that leads out of it/);
  assert.throws(() => originOf(join(top, "link"), join(top, "link/out.json")), /leads out of it/);
  for (const name of ["a.ts", "code.json"])
    assert.throws(() => originOf(tree, join(tree, name)), /is code of the tree/);
});

test.run();
