import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findWorkspace } from "../../src/config/config-file.ts";
import { loadProject, parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/core/errors.ts";

const test = suite("config");
const job = { command: "true" };
const service = { command: "db" };

function problemsOf(input: unknown): string[] {
  try {
    parseConfig(input, "/w/demo", "c.json");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert.is(error.exitCode, 2);
    assert.match(error.hint ?? "", "pikaci plan");
    return error.message.split("\n").slice(1);
  }
  return [];
}

const refused: readonly (readonly [unknown, ...string[]])[] = [
  [null, "expected object, received null"],
  [{}, "jobs: is missing"],
  [{ jobs: {} }, "jobs: a project needs at least one job"],
  [{ jobs: { a: job }, tagets: {} }, 'unknown key "tagets"; did you mean "targets"?'],
  [{ jobs: { a: job }, zzz: 1, hostz: 1 }, /unknown key "zzz"; known keys: /.source, 'did you mean "host"?'],
  [
    { jobs: { a: { comand: "x" } } },
    "jobs.a.command: ",
    'jobs.a: unknown key "comand"; did you mean "command"?',
  ],
  [
    { jobs: { a: { command: [] } } },
    "jobs.a.command: expected text for the shell, or a non-empty list of words",
  ],
  [{ jobs: { a: { command: "" } } }, "jobs.a.command: must not be empty"],
  [{ jobs: { a: { command: 3 } } }, "jobs.a.command: expected text for the shell"],
  [{ jobs: { "a b": job } }, 'jobs["a b"]: a name has letters, digits'],
  [{ jobs: { "-rf": job } }, "jobs.-rf: a name has letters, digits"],
  [{ jobs: { "a/../b": job } }, 'jobs["a/../b"]: a name has letters'],
  [{ jobs: { a: { ...job, timeout: "soon" } } }, 'jobs.a.timeout: expected a duration: "90s", "10m"'],
  [{ jobs: { a: { ...job, timeout: 0 } } }, "jobs.a.timeout: expected a duration"],
  [{ jobs: { a: { ...job, timeout: 1.5 } } }, "jobs.a.timeout: expected a duration"],
  [{ jobs: { a: { ...job, timeout: "0s" } } }, "jobs.a.timeout: must be longer than 0 and at most 24 days"],
  [{ jobs: { a: { ...job, timeout: "400d" } } }, "jobs.a.timeout: must be longer than 0 and at most 24 days"],
  [{ jobs: { a: { ...job, env: { "A-B": "x" } } } }, "jobs.a.env.A-B: an environment variable's name"],
  [{ jobs: { a: { ...job, env: { A: 1 } } } }, "jobs.a.env.A: expected text: write the value in quotes"],
  [{ jobs: { a: { ...job, env: { A: "\0" } } } }, "jobs.a.env.A: must not hold a NUL character"],
  [{ jobs: { a: { ...job, env: { A: "é".repeat(64_001) } } } }, "jobs.a.env.A: is too long for a program's"],
  [{ jobs: { a: { ...job, limits: { processes: 0 } } } }, "jobs.a.limits.processes: "],
  [{ jobs: { a: { ...job, limits: { memory: "2 cats" } } } }, "jobs.a.limits.memory: expected a size"],
  [
    { jobs: { a: { ...job, runner: "derivation", user: "root" } } },
    "jobs.a.user: the runner derivation has no root",
  ],
  [
    { jobs: { a: { ...job, runner: "derivation", secrets: ["TOKEN"] } } },
    "jobs.a.secrets: the runner derivation cannot keep secrets",
  ],
  [
    { jobs: { a: { ...job, runner: "derivation", network: "host" } } },
    'jobs.a.network: the runner derivation has "none"',
  ],
  [
    { jobs: { a: { ...job, runner: "derivation", caches: ["x"] } } },
    "jobs.a.caches: the runner derivation keeps nothing on the host",
  ],
  [{ jobs: { a: { ...job, retries: 0 } } }, "jobs.a.retries: expected a whole number from 1 to 10"],
  [{ jobs: { a: { ...job, retries: 11 } } }, "jobs.a.retries: expected a whole number from 1 to 10"],
  [{ jobs: { a: { ...job, retries: 1.5 } } }, "jobs.a.retries: expected a whole number from 1 to 10"],
  [{ jobs: { a: { ...job, retries: "2" } } }, "jobs.a.retries: expected a whole number from 1 to 10"],
  [{ jobs: { a: { ...job, retrys: 2 } } }, 'jobs.a: unknown key "retrys"; did you mean "retries"?'],
  [
    { jobs: { a: { ...job, quarantine: "x" } } },
    'jobs.a.quarantine: expected a list of tests, as in ["tests/db',
  ],
  [{ jobs: { a: { ...job, quarantine: ["ok", ""] } } }, "jobs.a.quarantine[1]: must not be empty"],
  [{ jobs: { a: { ...job, quarantine: ["* > *"] } } }, "jobs.a.quarantine[0]: must name tests, not all"],
  [{ jobs: { a: { ...job, caches: ["x", "x"] } } }, "jobs.a.caches: names a cache twice"],
  [{ jobs: { a: { ...job, caches: ["../x"] } } }, "jobs.a.caches[0]: a name has letters"],
  [{ jobs: { a: { ...job, caches: { x: 1 } } } }, 'jobs.a.caches: expected a list of names, as in ["build"]'],
  [{ jobs: { a: { ...job, services: ["db"] } } }, "jobs.a.services: expected services by name, as in"],
  [{ jobs: { a: { ...job, services: { "d b": service } } } }, 'jobs.a.services["d b"]: a name has letters'],
  [
    { jobs: { a: { ...job, services: { db: {} } } } },
    "jobs.a.services.db.command: expected text for the shell",
  ],
  [
    { jobs: { a: { ...job, services: { db: { ...service, image: "postgres" } } } } },
    'jobs.a.services.db: unknown key "image"; known keys: command, ready, readyTimeout, env, cwd',
  ],
  [
    { jobs: { a: { ...job, services: { db: { ...service, readyTimeout: "1m" } } } } },
    "jobs.a.services.db.readyTimeout: there is no `ready` to wait for",
  ],
  [
    { jobs: { a: { ...job, services: { db: { ...service, cwd: "../x" } } } } },
    "jobs.a.services.db.cwd: must not leave /workspace",
  ],
  [
    { jobs: { a: { ...job, services: { db: service, DB: service } } } },
    'jobs.a.services.DB: differs from "db" by case only',
  ],
  [
    {
      jobs: {
        a: { ...job, services: Object.fromEntries([...Array(17).keys()].map((n) => [`s${n}`, service])) },
      },
    },
    "jobs.a.services: a job has at most 16 services",
  ],
  [{ jobs: { a: { ...job, network: "user" } } }, 'jobs.a.network: the runner sandbox has "none" and "host"'],
  [
    { jobs: { a: { ...job, runner: "minivm", network: "host" } } },
    'jobs.a.network: the runner minivm has "none" and "user"',
  ],
  [
    { jobs: { a: { ...job, runner: { backend: "minivm", memory: "64MiB" } } } },
    "a machine needs at least 128MiB",
  ],
  [
    { jobs: { a: { ...job, runner: "qemu" } } },
    'jobs.a.runner: unknown runner; write "sandbox", "minivm", "microvm", "derivation", "auto"',
  ],
  [
    { jobs: { a: { ...job, runner: { backend: "microvm", hypervisor: "firecracker" } } } },
    "jobs.a.runner.hypervisor: firecracker has no shared directories",
  ],
  [
    { jobs: { a: { ...job, runner: { backend: "microvm", hypervisor: "vfkit" } } } },
    "jobs.a.runner.hypervisor: vfkit runs on macOS, and hosts are Linux",
  ],
  [
    {
      jobs: {
        a: { ...job, network: "user", runner: { backend: "microvm", hypervisor: "cloud-hypervisor" } },
      },
    },
    "jobs.a.network: cloud-hypervisor has no network of its own",
  ],
  [
    { jobs: { a: { ...job, network: "host", runner: "microvm" } } },
    'jobs.a.network: the runner microvm has "none" and "user"',
  ],
  [
    { jobs: { a: { ...job, runner: { backend: "microvm", modules: ["a b"] } } } },
    "jobs.a.runner.modules[0]: expected attribute paths",
  ],
  [{ jobs: { a: { ...job, network: "yes" } } }, 'jobs.a.network: expected "none", "host" or "user"'],
  [{ jobs: { a: { ...job, cwd: "../.." } } }, "jobs.a.cwd: must not leave /workspace"],
  [
    { jobs: { a: { ...job, prepare: { n: "nixpkgs" } } } },
    'jobs.a.prepare.n: not an installable: "nixpkgs": the `#`',
  ],
  [
    { jobs: { a: { ...job, prepare: { n: "github:o/r#x" } } } },
    "jobs.a.prepare.n: not an installable",
    "only flakes of the workspace",
  ],
  [{ jobs: { a: { ...job, prepare: { n: "../x#y" } } } }, "the directory may not leave the workspace"],
  [{ jobs: { a: { ...job, prepare: { n: "#$(id)" } } } }, "the attribute holds a character"],
  [
    { jobs: { a: { ...job, prepare: { n: { pth: "x" } } } } },
    'jobs.a.prepare.n: expected "dir#attr", { "path"',
  ],
  [
    { jobs: { a: { ...job, prepare: { n: { path: "../x" } } } } },
    "jobs.a.prepare.n.path: must lie inside the workspace",
  ],
  [
    { jobs: { a: { ...job, prepare: { n: { path: "x", exclude: ["ok", "../y"] } } } } },
    "jobs.a.prepare.n.exclude[1]: not a glob",
  ],
  [{ jobs: { a: { ...job, prepare: { "n n": "#x" } } } }, 'jobs.a.prepare["n n"]: a name has letters'],
  [
    { jobs: { test: job }, targets: { ci: { jobs: ["tets"] } } },
    'targets.ci.jobs[0]: unknown job "tets" (did you mean "test"?)',
  ],
  [{ jobs: { a: job }, targets: { ci: { jobs: [] } } }, "targets.ci.jobs: a target needs at least one job"],
  [
    { jobs: { a: job }, targets: { ci: { jobs: ["a"], filters: "src" } } },
    "targets.ci.filters: expected a list of globs",
  ],
  [
    { jobs: { a: job }, snapshot: { allow: [{ rule: "env-fil", paths: [".env"] }] } },
    'snapshot.allow[0].rule: unknown guard rule; did you mean "env-file"?',
  ],
  [
    { jobs: { a: job }, snapshot: { allow: [{ rule: "x", paths: [] }] } },
    "snapshot.allow[0].rule: unknown guard rule; known: private-key, ",
  ],
  [
    { jobs: { a: job }, snapshot: { allow: [{ rule: "env-file", paths: [] }] } },
    "snapshot.allow[0].paths: needs at least one glob",
  ],
  [{ jobs: { a: job }, snapshot: { allow: ["env-file"] } }, "snapshot.allow[0]: "],
  [{ jobs: { a: job }, snapshot: { maxFileSize: "many" } }, "snapshot.maxFileSize: expected a size"],
  [{ jobs: { a: job }, snapshot: { maxFileSize: 0 } }, "snapshot.maxFileSize: expected a size"],
  [{ jobs: { a: job }, snapshot: { exclude: ["../x"] } }, 'snapshot.exclude[0]: not a glob: "../x"'],
  [{ jobs: { a: job }, targets: { x: { jobs: ["a"] }, y: { jobs: ["a"] } } }, "defaultTarget: is missing"],
  [
    { jobs: { a: job }, targets: { main: { jobs: ["a"] } }, defaultTarget: "mian" },
    'defaultTarget: unknown target "mian" (did you mean "main"?)',
  ],
  [
    { jobs: { a: job }, host: "bulder", hosts: { builder: { url: "local" } } },
    'host: unknown host "bulder" (did you mean "builder"?)',
  ],
  [{ jobs: { a: job }, hosts: { b: { url: "http://x" } } }, 'hosts.b.url: not a host: "http://x"'],
  [{ jobs: { a: job }, host: "ssh://-oProxyCommand=x" }, "host: not a host"],
  [
    { jobs: { a: job }, hosts: { b: { url: "local", workDir: "x" } } },
    "hosts.b.workDir: must be an absolute path",
  ],
  ...["/w/demo", "/w/demo/work", "/w/demo/..work", "/w/demo/.pikaci2"].map(
    (workDir) =>
      [
        { jobs: { a: job }, hosts: { b: { url: "local", workDir } } },
        "hosts.b.workDir: must lie outside the workspace",
      ] as const,
  ),
  [{ jobs: { a: job, A: job } }, 'jobs.A: differs from "a" by case only'],
  [{ jobs: { a: job }, limits: { jobs: 0 } }, "limits.jobs: "],
];

for (const [input, ...expected] of refused) {
  test(`refused: ${JSON.stringify(input)}`, () => {
    const problems = problemsOf(input).join("\n");
    for (const part of expected) assert.match(problems, part.includes("zzz") ? new RegExp(part) : part);
  });
}

test("a misspelt key comes before what is missing without it", () => {
  const problems = problemsOf({ jobs: { a: { comand: "x" }, b: { command: "" } } });
  assert.match(problems[0] ?? "", "jobs.a: unknown key");
  assert.is(problems.length, 3);
});

test("a work dir may lie beside the workspace, in .pikaci, and anywhere on another machine", () => {
  const places = [
    ["local", "/w"],
    ["local", "/w/demo2"],
    ["local", "/w/demo/.pikaci/work"],
    ["ssh://b", "/w/demo"],
  ];
  for (const [url, workDir] of places)
    parseConfig({ jobs: { a: job }, hosts: { b: { url, workDir } } }, "/w/demo", null);
});

test("every default is filled in", () => {
  const project = parseConfig({ jobs: { a: job } }, "/w/my demo!", null);
  assert.is(project.id, "my-demo-");
  assert.is(project.defaultHost, "local");
  assert.equal(project.hosts.local, { name: "local", url: "local", workDir: null, leaseMs: 120_000 });
  assert.equal(project.targets.default, {
    name: "default",
    description: "all jobs",
    filters: [],
    jobs: ["a"],
  });
  assert.is(project.defaultTarget, "default");
  assert.equal(project.jobs.a, {
    name: "a",
    description: "",
    command: { kind: "shell", text: "true" },
    limits: {},
    shape: { backend: "sandbox" },
    prepare: {},
    timeoutMs: 3_600_000,
    env: {},
    cwd: "/workspace",
    user: "user",
    workspace: "read-only",
    network: "none",
  });
});

test("git: the project's word, unless the job has one", () => {
  const jobs = { a: { command: "x" }, b: { command: "x", git: false }, c: { command: "x", git: true } };
  const of = (config: object) =>
    Object.values(parseConfig(config, "/w/demo", null).jobs).map(({ git }) => git);
  assert.equal(of({ jobs }), [undefined, undefined, true]);
  assert.equal(of({ git: true, jobs }), [true, undefined, true]);
});

test("what is written is taken over, in one spelling", () => {
  const project = parseConfig(
    {
      $schema: "x",
      host: "b",
      hosts: { b: { url: "ssh://me@h:22", workDir: "/srv/p", lease: "6s" } },
      targets: { only: { jobs: ["a", "a"], filters: ["src/**"] } },
      jobs: {
        a: {
          command: ["sh", "-c", ""],
          runner: { backend: "sandbox" },
          timeout: "1h30m",
          cwd: "sub",
          prepare: {
            t: "./sub/#a.b",
            u: { installable: ".#x" },
            m: { path: "./node_modules/" },
            n: { path: "/usr/bin/node" },
            o: { path: "x", exclude: [] },
          },
        },
      },
    },
    "/w/demo",
    null,
  );
  assert.equal(project.hosts.b, { name: "b", url: "ssh://me@h:22", workDir: "/srv/p", leaseMs: 6000 });
  assert.is(project.defaultTarget, "only");
  assert.equal(project.targets.only?.jobs, ["a"]);
  const made = project.jobs.a;
  assert.equal(made?.command, { kind: "argv", argv: ["sh", "-c", ""] });
  assert.is(made?.timeoutMs, 5_400_000);
  assert.is(made?.cwd, "/workspace/sub");
  assert.equal(made?.prepare, {
    t: { kind: "installable", installable: "sub#a.b" },
    u: { kind: "installable", installable: ".#x" },
    m: { kind: "path", path: "node_modules" },
    n: { kind: "path", path: "/usr/bin/node" },
    o: { kind: "path", path: "x", exclude: [] },
  });
});

const directory = mkdtempSync(join(tmpdir(), "pikaci-config-"));
test.after(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string): string {
  const workspace = mkdtempSync(join(directory, "w-"));
  writeFileSync(join(workspace, name), content);
  return workspace;
}

/** None of these asks Nix. */
const asker = { author: "trusted" as const, env: {}, signal: new AbortController().signal };

async function refusal(promise: Promise<unknown>): Promise<ConfigError> {
  const error = await promise.then(
    () => assert.unreachable("was accepted"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConfigError)) throw error;
  return error;
}

const CONFIG = `{ jobs: { a: { command: "true" } } }`;
for (const [name, content] of [
  ["pikaci.config.json", `{"jobs":{"a":{"command":"true"}}}`],
  ["pikaci.config.mjs", `export default ${CONFIG}`],
  [
    "pikaci.config.ts",
    `import { defineConfig } from "pikaci";\nconst n: number = 1;\nexport default defineConfig(${CONFIG});`,
  ],
] as const) {
  test(`reads ${name}`, async () => {
    const workspace = write(name, content);
    const project = await loadProject(workspace, null, asker);
    assert.equal(Object.keys(project.jobs), ["a"]);
    assert.is(project.configFile, join(workspace, name));
  });
}

for (const [name, words] of [
  ["pikaci.config.json", (job: string) => `{"jobs":{"${job}":{"command":"true"}}}`],
  ["pikaci.config.mjs", (job: string) => `export default { jobs: { ${job}: { command: "true" } } }`],
  [
    "pikaci.config.ts",
    (job: string) => `const n: string = "true"; export default { jobs: { ${job}: { command: n } } };`,
  ],
] as const)
  test(`reads ${name} again when it has changed, in the same process`, async () => {
    const workspace = write(name, words("a"));
    await loadProject(workspace, null, asker);
    writeFileSync(join(workspace, name), words("b"));
    const project = await loadProject(workspace, null, asker);
    assert.equal(Object.keys(project.jobs), ["b"]);
  });

for (const [name, content, message] of [
  ["pikaci.config.json", "{", /could not be loaded: /],
  ["pikaci.config.mjs", "export const a = 1", /has no default export/],
  ["pikaci.config.mjs", "throw new Error('boom')", /could not be loaded: boom/],
  ["pikaci.config.ts", "export default {", /could not be loaded: /],
] as const) {
  test(`a broken ${name} (${content}) is a configuration error`, async () => {
    const error = await refusal(loadProject(write(name, content), null, asker));
    assert.match(error.message, message);
    assert.ok(error.hint);
  });
}

test("no configuration: the hint shows one", async () => {
  const error = await refusal(loadProject(mkdtempSync(join(directory, "empty-")), null, asker));
  assert.match(error.message, "no configuration in ");
  assert.match(error.hint ?? "", `"jobs"`);
  const missing = await refusal(loadProject(directory, join(directory, "nowhere.json"), asker));
  assert.match(missing.message, "does not exist");
});

test("the workspace is the nearest directory with a configuration, inside the git work tree", () => {
  const root = write("pikaci.config.json", "{}");
  mkdirSync(join(root, "a/b"), { recursive: true });
  assert.is(findWorkspace(join(root, "a/b")), root);
  mkdirSync(join(root, "a/.git"));
  assert.is(findWorkspace(join(root, "a/b")), join(root, "a/b"));
});

test.run();
