// needs: lab
// time-limit: 600
// exhaustive: each test on both kinds of hosts
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { ConfigError, MismatchError } from "../../src/core/errors.ts";
import { parseHostUrl } from "../../src/core/ids.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { nixOptions } from "../../src/nix/options.ts";
import { prepareKey } from "../../src/nix/outputs.ts";
import { prepare, type Realised } from "../../src/nix/prepare.ts";
import { connect } from "../../src/remote/connect.ts";
import { dealTests } from "../exhaustive.ts";
import { type HostKind, type Lab, type LabHost, openLab } from "../lab/lab.ts";
import { verifyHost } from "../lab/verify.ts";
import {
  clientPath,
  failure,
  flakeOf,
  installable,
  newRunId,
  openRig,
  type Rig,
  renderOn,
  shape,
} from "../stage-rig.ts";

const busybox = readFileSync("/bin/busybox");
let lab: Lab;

test.before(async () => {
  lab = await openLab();
});
test.after(async () => {
  await lab?.stop();
});

const dealt = { single: dealTests(test, "single"), multi: dealTests(test, "multi") };

/** A test on a single-user host as root, or on a multi-user one as an account that Nix does not trust, in turn. */
function onEither(name: string, check: (rig: Rig, host: LabHost, workDir: string) => Promise<void>): void {
  for (const kind of ["single", "multi"] satisfies HostKind[])
    dealt[kind](`${kind}: ${name}`, async () => {
      const host = lab[kind];
      const workDir = join(host.homeDir, `work-${Math.random().toString(36).slice(2)}`);
      const rig = openRig(rigHost(host, workDir));
      try {
        await check(rig, host, workDir);
      } finally {
        rig.close();
      }
    });
}

function rigHost(host: LabHost, workDir: string) {
  const spec = { name: host.name, url: parseHostUrl(host.url), workDir, leaseMs: 6000 };
  const env = { ...process.env, NIX_SSHOPTS: lab.sshOptions };
  return { spec, env, root: host.rootDir, connect: connect.bind(null, spec) };
}

const outcomes = ({ outputs }: Realised) => [...outputs.values()].map(({ outcome }) => outcome);
const pathOf = ({ outputs }: Realised, text: string) =>
  outputs.get(prepareKey(installable(text)))?.storePath ?? "";
const nixLines = ({ events }: Rig) => events.filter(({ type }) => type === "nix-log").length;

async function onHost(host: LabHost, script: string): Promise<string> {
  const done = await host.exec(script, { user: host.user });
  assert.is(done.exitCode, 0, done.stderr);
  return done.stdout;
}

onEither(
  "cold, then warm: 4 commands over 1 connection, then no evaluation and no build",
  async (rig, host) => {
    rig.write({ "flake.nix": flakeOf({ zebra: "a", ant: "b" }), "a/in": "a", "b/in": "b" });
    const wanted = { zebra: installable("#zebra"), ant: installable("#ant") };
    await host.resetCounts();
    const cold = await rig.prepare(wanted);
    assert.equal(await host.counts(), { connections: 1, commands: 3 });
    assert.equal(outcomes(cold), ["built", "built"]);
    for (const [name, text] of [
      ["zebra", "a"],
      ["ant", "b"],
    ] as const)
      assert.is(await onHost(host, `cat ${pathOf(cold, `#${name}`)}/in`), text);
    const lines = nixLines(rig);
    const warm = await rig.prepare(wanted);
    assert.equal(outcomes(warm), ["reused", "reused"]);
    assert.is(nixLines(rig), lines);
    assert.equal(warm.records, cold.records);
  },
);

onEither(
  "a garbage collection keeps what is rooted; without roots all is realised again",
  async (rig, host, workDir) => {
    rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/in": "a" });
    const wanted = { tools: installable("#tools") };
    const cold = await rig.prepare(wanted);
    await host.exec("nix-store --gc");
    assert.equal(outcomes(await rig.prepare(wanted)), ["reused"]);
    await onHost(host, `rm -r ${workDir}/runs ${workDir}/sources ${workDir}/prepared/*/out`);
    await host.exec("nix-store --gc");
    const gone = await host.exec(`test -e ${pathOf(cold, "#tools")}`);
    assert.is(gone.exitCode, 1);
    const again = await rig.prepare(wanted);
    assert.equal([outcomes(again), pathOf(again, "#tools")], [["built"], pathOf(cold, "#tools")]);
    await onHost(host, `test -e ${pathOf(again, "#tools")}/in`);
  },
);

onEither("garbage collections that race never cost a root", async (rig, host) => {
  rig.write({ "data/in": rig.workspace });
  let collecting = true;
  const collector = (async () => {
    while (collecting) await host.exec("nix-store --gc");
  })();
  try {
    for (let round = 0; round < 4; round += 1) {
      rig.write({
        "flake.nix": flakeOf({ a: "a", b: "b" }),
        "a/in": "a",
        "b/in": `${round}`,
        "data/round": `${round}`,
      });
      const realised = await rig.prepare({
        a: installable("#a"),
        b: installable("#b"),
        data: clientPath("data"),
      });
      const paths = realised.records.map(({ store_path }) => store_path).join(" ");
      await onHost(host, `nix-store --check-validity ${paths}`);
    }
  } finally {
    collecting = false;
    await collector;
  }
});

onEither("client paths go over unsigned, once, as an account that need not be trusted", async (rig, host) => {
  rig.write({ "node_modules/.bin/busybox": busybox, "node_modules/a\nb": rig.workspace, "one file": "text" });
  const wanted = { modules: clientPath("node_modules"), file: clientPath("one file") };
  const cold = await rig.prepare(wanted);
  assert.equal(outcomes(cold), ["copied", "copied"]);
  const [modules, file] = cold.records.map(({ store_path }) => store_path);
  assert.is(await onHost(host, `cat ${file}; ${modules}/.bin/busybox echo runs`), "textruns\n");
  await host.resetCounts();
  assert.equal(outcomes(await rig.prepare(wanted)), ["reused", "reused"]);
  assert.equal(await host.counts(), { connections: 1, commands: 3 });
});

/** Bytes of content that the last upload was planned to send. */
const planned = ({ events }: Rig) =>
  events.flatMap((event) => (event.type === "upload-progress" ? [event.totalBytes] : [])).at(-1);

onEither("of a changed client path only what changed goes over", async (rig, host) => {
  const files = Array.from({ length: 40 }, (_, index) => [
    `node_modules/p${index}/a`,
    `${index}`.repeat(9000),
  ]);
  rig.write({
    ...Object.fromEntries(files),
    "node_modules/.bin/busybox": busybox,
    "node_modules/gone": "gone",
  });
  const wanted = { modules: clientPath("node_modules") };
  const first = await rig.prepare(wanted);
  assert.ok((planned(rig) ?? 0) > 600_000, `${planned(rig)}`);
  rmSync(join(rig.workspace, "node_modules/gone"));
  rig.write({ "node_modules/p7/a": "changed", "node_modules/new\nfile": rig.workspace });
  const second = await rig.prepare(wanted);
  assert.equal([outcomes(first), outcomes(second)], [["copied"], ["copied"]]);
  assert.ok((planned(rig) ?? 0) < 20_000, `${planned(rig)}`);
  const [path] = second.records.map(({ store_path }) => store_path);
  const said = await onHost(
    host,
    `cd ${path}; cat p7/a; [ ! -e gone ] && find . -mindepth 1 -maxdepth 1 -printf x | wc -c; .bin/busybox cat p8/a | wc -c`,
  );
  assert.is(said.replace(/\s+/g, " "), "changed42 9000 ");
});

onEither(
  "a published client path that was changed on the host is put right before it is used",
  async (rig, host, workDir) => {
    rig.write({ "data/a": `only here: ${rig.workspace}`, "data/b": "second" });
    const wanted = { data: clientPath("data") };
    const [path] = (await rig.prepare(wanted)).records.map(({ store_path }) => store_path);
    await onHost(host, `rm -rf ${workDir}/prepared/* ${workDir}/runs/*; nix-store --delete ${path}`);
    await onHost(
      host,
      `cd ${workDir}/snapshots && for f in */snapshot/b; do chmod u+w $f && printf sEcond >$f && touch -d @315619200 $f; done`,
    );
    const again = await rig.prepare(wanted);
    assert.equal(outcomes(again), ["copied"]);
    assert.is(await onHost(host, `cat ${path}/b`), "second");
  },
);

onEither("two paths of the same name and content are one store path, sent once", async (rig, host) => {
  for (const name of ["a", "b"]) rig.write({ [`packages/${name}/node_modules/x`]: "same" });
  const wanted = { a: clientPath("packages/a/node_modules"), b: clientPath("packages/b/node_modules") };
  const cold = await rig.prepare(wanted);
  assert.equal(outcomes(cold), ["copied", "copied"]);
  const paths = [...cold.outputs.values()].map(({ storePath }) => storePath);
  assert.is(new Set(paths).size, 1);
  assert.is(cold.records.length, 1);
  assert.is(await onHost(host, `cat ${paths[0]}/x`), "same");
  assert.equal(outcomes(await rig.prepare(wanted)), ["reused", "reused"]);
});

onEither("a nested flake, with an input above it", async (rig, host) => {
  rig.write({
    "nix/ci/flake.nix": flakeOf({ tools: "a" }),
    "nix/ci/a/in": "nested",
    "sub/flake.nix": `{ inputs.dep.url = "path:../dep"; outputs = { self, dep }: { inherit (dep) packages; }; }`,
    "sub/flake.lock": JSON.stringify({
      nodes: {
        dep: {
          locked: { path: "../dep", type: "path" },
          original: { path: "../dep", type: "path" },
          parent: [],
        },
        root: { inputs: { dep: "dep" } },
      },
      root: "root",
      version: 7,
    }),
    "dep/flake.nix": flakeOf({ tools: "a" }),
    "dep/a/in": "above",
  });
  const realised = await rig.prepare({ tools: installable("nix/ci#tools"), above: installable("sub#tools") });
  assert.is(await onHost(host, `cat ${pathOf(realised, "nix/ci#tools")}/in`), "nested");
  assert.is(await onHost(host, `cat ${pathOf(realised, "sub#tools")}/in`), "above");
});

onEither("errors of the workspace are named, nothing of them stays", async (rig, host, workDir) => {
  const more = `failing = script "failing" "echo 'main.c:3: expected ;' >&2; exit 3";`;
  rig.write({
    "flake.nix": flakeOf({ tools: "a" }, more),
    "a/in": "a",
    "tools/busybox": busybox,
    "lockless/flake.nix": `{ inputs.dep.url = "path:${workDir}/nowhere"; outputs = { self, dep }: { x = dep; }; }`,
  });
  const missing = await failure(rig.prepare({ x: installable("#missing") }));
  assert.instance(missing, ConfigError);
  assert.match(missing.message, "packages.x86_64-linux.missing");
  const { unbuilt } = await rig.prepare({ x: installable("#failing") });
  const [failing] = [...unbuilt.values()];
  assert.is(failing?.failure.log.toString(), "main.c:3: expected ;\n");
  assert.is(failing?.failure.reason, "builder failed with exit code 3");
  await onHost(
    host,
    `mkdir ${workDir}/nowhere && echo '{ outputs = { self }: { }; }' >${workDir}/nowhere/flake.nix`,
  );
  const lockless = await failure(rig.prepare({ x: installable("lockless#x") }));
  assert.instance(lockless, ConfigError);
  assert.match(lockless.hint ?? "", "nix flake lock");
  await onHost(
    host,
    `for s in ${workDir}/sources/*; do nix-store --verify-path $(readlink $s) || exit 1; done`,
  );
  assert.is(await onHost(host, `ls ${workDir}/tmp ${workDir}/prepared | grep -v :`), "\n");
});

onEither(
  "outputs whose builders fail are told apart from each other and from what they need",
  async (rig, host) => {
    const more = `
    low = script "low" "echo compiling; exit 3";
    high = script "high" "echo \${packages.low} > $out";
    none = script "none" "true";
    refers = derivation { name = "refers"; inherit system; builder = "\${self}/tools/busybox";
      args = [ "sh" "-c" "echo \${self} > $out" ]; allowedReferences = [ ]; };`;
    const flake = flakeOf({ tools: "a" }, more).replace("let\n", "let packages = self.packages.${system};\n");
    rig.write({ "flake.nix": flake, "tools/busybox": busybox, "a/in": "a" });
    const names = ["refers", "high", "tools", "none", "low"];
    const wanted = Object.fromEntries(names.map((name) => [name, installable(`#${name}`)]));
    const realised = await rig.prepare(wanted);
    assert.is(await onHost(host, `cat ${pathOf(realised, "#tools")}/in`), "a");
    const found = [...realised.unbuilt.values()].map(({ name, dependency, failure }) => [
      name,
      dependency,
      failure.reason.replace(/: .*$/, ""),
      failure.log.toString(),
    ]);
    assert.equal(found, [
      ["refers", false, "output is not allowed to refer to the following paths", ""],
      ["high", true, "builder failed with exit code 3", "compiling\n"],
      ["none", false, "builder failed to produce output path for output 'out'", ""],
      ["low", false, "builder failed with exit code 3", "compiling\n"],
    ]);
  },
);

onEither("a disk that is full is named, and nothing half made stays", async (rig, host, workDir) => {
  await host.mountSmallDisk(workDir, "1m");
  rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/in": "a" });
  const runId = newRunId();
  const session = await rig.session(runId);
  try {
    const published = await rig.publish(session);
    await host.exec(`head -c 2000000 /dev/zero >${workDir}/fill`);
    const jobs = [{ prepare: { tools: installable("#tools") } }];
    const error = await failure(prepare(published, jobs, session, { runId, flakeFiles: [] }, rig.context));
    assert.match(error.message, /No space left|disk|cannot write/, error.stack);
    assert.is(error.exitCode, 3);
    await host.exec(`rm ${workDir}/fill`);
    const mended = await prepare(published, jobs, session, { runId, flakeFiles: [] }, rig.context);
    assert.equal(outcomes(mended), ["built"]);
    assert.is(await onHost(host, `ls ${workDir}/tmp`), "");
  } finally {
    await session.connection.close();
  }
});

onEither("a client that is gone ends the build and its builder", async (rig, host) => {
  const more = `slow = script "slow" "\${self}/tools/busybox sleep 4243; echo > $out";`;
  rig.write({ "flake.nix": flakeOf({}, more), "tools/busybox": busybox });
  const error = await failure(rig.prepare({ x: installable("#slow") }, { timeoutMs: 4000 }));
  assert.is(error.exitCode, 124);
  const isOver = quietLimit(8);
  const left = async () => (await host.processes()).filter(({ args }) => /sleep 4243|nix build/.test(args));
  while ((await left()).length > 0 && !isOver()) await new Promise((done) => setTimeout(done, 200));
  assert.equal(await left(), []);
});

onEither(
  "words for Nix reach it, decide what is reused, and are refused where they mean nothing",
  async (rig, host, workDir) => {
    const silent = `silent = script "silent" "\${self}/tools/busybox sleep 20; echo > $out";`;
    const env = `env = derivation { name = "env-\${builtins.getEnv "USER"}"; system = "builtin"; builder = "builtin:buildenv"; derivations = [ "true" 5 1 "\${self}/a" ]; manifest = builtins.toFile "m" ""; };`;
    const flake = flakeOf({}, `dep = link "dep" "\${dep}/a"; ${silent} ${env}`).replace(
      "{ self }",
      "{ self, dep }",
    );
    rig.write({
      "flake.nix": flake.replace("{\n", `{\n  inputs.dep.url = "path:${workDir}-flakes/one";\n`),
      "tools/busybox": busybox,
      "a/in": "a",
    });
    await onHost(
      host,
      `for d in one two; do mkdir -p ${workDir}-flakes/$d/a; echo $d >${workDir}-flakes/$d/a/in
     echo '{ outputs = { self }: { }; }' >${workDir}-flakes/$d/flake.nix; done`,
    );
    const dep = { dep: installable("#dep") };
    const two = nixOptions({ overrideInput: ["dep", `path:${workDir}-flakes/two`] }, "/");
    const one = nixOptions({ overrideInput: ["dep", `path:${workDir}-flakes/one`] }, "/");
    const overridden = await rig.prepare(dep, { nix: two });
    assert.is(await onHost(host, `cat ${pathOf(overridden, "#dep")}/in`), "two\n");
    assert.equal(outcomes(await rig.prepare(dep, { nix: two })), ["reused"]);
    assert.equal(outcomes(await rig.prepare(dep, { nix: one })), ["built"]);
    const patience = nixOptions(
      { option: ["max-silent-time", "1"], ...{ overrideInput: ["dep", `path:${workDir}-flakes/one`] } },
      "/",
    );
    const silence = await failure(rig.prepare({ x: installable("#silent") }, { nix: patience }));
    assert.match(silence.message, /silence|timed out/);
    const impure = nixOptions(
      { rest: ["--impure", "--override-input", "dep", `path:${workDir}-flakes/one`] },
      "/",
    );
    for (const _ of [1, 2]) {
      const seen = await rig.prepare({ x: installable("#env") }, { nix: impure });
      assert.match(pathOf(seen, "#env"), new RegExp(`-env-${host.user}$`));
      assert.equal(outcomes(seen), ["built"]);
    }
    const wrong = nixOptions({ rest: ["--no-such-flag"] }, "/");
    const unknown = await failure(rig.prepare(dep, { nix: wrong }));
    assert.match(unknown.message, "--no-such-flag");
  },
);

onEither("8 runners at once: one publication, one build; then none", async (rig, host, workDir) => {
  const all = await Promise.all(Array.from({ length: 8 }, () => renderOn(rig)));
  const built = all.map(({ outcome }) => outcome).sort();
  assert.equal(built, ["built", ...Array.from({ length: 7 }, () => "reused")]);
  await host.exec("nix-store --gc");
  await onHost(host, `test -x ${all[0]?.storePath}/bin/microvm-run`);
  const again = await renderOn(rig, { programs: ["session"] });
  assert.is(again.outcome, "reused");
  const { contentHash } = renderRunner(shape);
  assert.is(
    await onHost(host, `ls ${workDir}/runner-flakes ${workDir}/tmp | grep -v :`),
    `${contentHash}\n\n`,
  );
});

onEither(
  "a runner that was collected is built again, a record that was cut is an error",
  async (rig, host, workDir) => {
    const first = await renderOn(rig);
    await onHost(host, `rm ${workDir}/runners/*/runner`);
    await host.exec("nix-store --gc");
    const again = await renderOn(rig);
    assert.equal([again.outcome, again.storePath], ["built", first.storePath]);
    await onHost(host, `truncate -s 30 ${workDir}/runners/*/pikaci-runner-flake.json`);
    const error = await failure(renderOn(rig));
    assert.instance(error, MismatchError);
    assert.is((await renderOn(rig, { repair: true })).outcome, "repaired");
  },
);

for (const kind of ["single", "multi"] satisfies HostKind[])
  test(`${kind}: in the end its store and its published trees are whole`, () => verifyHost(lab[kind]));

test.run();
