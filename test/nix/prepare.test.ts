// needs: nix
// time-limit: 300
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError, InfraError, TimeoutError } from "../../src/core/errors.ts";
import { prepareKey } from "../../src/nix/outputs.ts";
import type { Realised } from "../../src/nix/prepare.ts";
import { run } from "../../src/system/exec.ts";
import { clientPath, failure, flakeOf, installable, localHost, openRig, type Rig } from "../stage-rig.ts";

const busybox = readFileSync("/bin/busybox");
const test = suite<{ host: ReturnType<typeof localHost>; rig: Rig }>("prepare on local");

test.before.each((context) => {
  context.host = localHost();
  context.rig = openRig(context.host);
});
test.after.each(({ host, rig }) => {
  rig.close();
  host.close();
});

const outcomes = ({ outputs }: Realised) => [...outputs.values()].map(({ outcome }) => outcome);
const pathOf = ({ outputs }: Realised, text: string) =>
  outputs.get(prepareKey(installable(text)))?.storePath ?? "";

/** Nix says so on stderr whenever it evaluates or builds. */
const nixLines = ({ events }: Rig) => events.filter(({ type }) => type === "nix-log").length;

test("nothing wanted: no remote command", async ({ rig }) => {
  const realised = await rig.prepare({});
  assert.is(realised.outputs.size, 0);
});

test("outputs are told apart whatever order Nix answers in, and reused without Nix's help", async ({
  rig,
  host,
}) => {
  // In the order of their derivations, `zebra` comes last here and first in the JSON of some Nix.
  rig.write({
    "flake.nix": flakeOf({ zebra: "a", ant: "b", middle: "c" }),
    "a/in": "a",
    "b/in": "b",
    "c/in": "c",
  });
  const wanted = { zebra: installable("#zebra"), ant: installable(".#ant"), middle: installable("#middle") };
  const cold = await rig.prepare(wanted);
  assert.equal(outcomes(cold), ["built", "built", "built"]);
  for (const [name, dir] of [
    ["zebra", "a"],
    ["ant", "b"],
    ["middle", "c"],
  ] as const)
    assert.is(readFileSync(join(pathOf(cold, `#${name}`), "in"), "utf8"), dir);
  assert.is(cold.records.length, 3);
  assert.match(JSON.stringify(cold.records[0]?.nix), /drvPath/);
  const evaluations = nixLines(rig);
  assert.ok(evaluations > 0);
  // What the second run could evaluate is gone.
  rmSync(join(host.spec.workDir ?? "", "sources"), { recursive: true });
  const warm = await rig.prepare(wanted);
  assert.equal(outcomes(warm), ["reused", "reused", "reused"]);
  assert.equal(warm.records, cold.records);
  assert.is(nixLines(rig), evaluations);
  assert.not.ok(existsSync(join(host.spec.workDir ?? "", "sources", warm.published.hashed.contentHash)));
});

test("each run and each record has a root of its own, at its final place", async ({ rig, host }) => {
  rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/in": "a" });
  const session = await rig.session();
  try {
    const realised = await rig.prepare({ tools: installable("#tools") });
    const path = pathOf(realised, "#tools");
    const key = realised.records[0]?.key ?? "";
    assert.is(readlinkSync(join(host.spec.workDir ?? "", "prepared", key, "out")), path);
    const roots = await run(["nix-store", "--query", "--roots", path], { env: process.env });
    assert.match(roots.stdout.toString(), join(host.spec.workDir ?? "", "prepared", key, "out"));
    const source = readlinkSync(
      join(host.spec.workDir ?? "", "sources", realised.published.hashed.contentHash),
    );
    const verified = await run(["nix-store", "--verify-path", source], { env: process.env });
    assert.is(verified.exitCode, 0, verified.stderr);
    assert.equal(readdirSync(join(host.spec.workDir ?? "", "tmp")), []);
  } finally {
    await session.connection.close();
  }
});

test("a record whose root is gone, or that is cut short, is made anew", async ({ rig, host }) => {
  rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/in": "a" });
  const wanted = { tools: installable("#tools") };
  const { records } = await rig.prepare(wanted);
  const dir = join(host.spec.workDir ?? "", "prepared", records[0]?.key ?? "");
  rmSync(join(dir, "out"));
  assert.equal(outcomes(await rig.prepare(wanted)), ["built"]);
  const text = readFileSync(join(dir, "record.json"), "utf8");
  writeFileSync(join(dir, "record.json"), text.slice(0, -9));
  assert.equal(outcomes(await rig.prepare(wanted)), ["built"]);
  assert.is(JSON.parse(readFileSync(join(dir, "record.json"), "utf8")).key, records[0]?.key);
});

test("only the selected files are evaluated: others may change, hostile names survive", async ({ rig }) => {
  rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/-n $(id)\n'\"": "x", "b/in": "1" });
  const wanted = { tools: installable("#tools") };
  const options = { flakeFiles: ["flake.nix", "a/**"] };
  const first = await rig.prepare(wanted, options);
  assert.ok(readdirSync(pathOf(first, "#tools")).includes("-n $(id)\n'\""));
  rig.write({ "b/in": "2" });
  assert.equal(outcomes(await rig.prepare(wanted, options)), ["reused"]);
  rig.write({ "a/new": "2" });
  assert.equal(outcomes(await rig.prepare(wanted, options)), ["built"]);
});

test("a nested flake", async ({ rig }) => {
  rig.write({ "nix/ci/flake.nix": flakeOf({ tools: "a" }), "nix/ci/a/in": "nested" });
  const realised = await rig.prepare({ tools: installable("nix/ci#tools") });
  assert.is(readFileSync(join(pathOf(realised, "nix/ci#tools"), "in"), "utf8"), "nested");
});

test("8 runs at once build once", async ({ host }) => {
  const rigs = Array.from({ length: 8 }, () => openRig(host));
  try {
    const build = "${self}/tools/busybox sleep 1; ${self}/tools/busybox mkdir $out; echo built once";
    const flake = flakeOf({}, `slow = script "slow" "${build}";`);
    const files = { "flake.nix": flake, "tools/busybox": busybox, "tools/of": host.spec.workDir ?? "" };
    for (const rig of rigs) rig.write(files);
    const all = await Promise.all(rigs.map((rig) => rig.prepare({ slow: installable("#slow") })));
    assert.equal(all.flatMap(outcomes).sort(), ["built", ...Array.from({ length: 7 }, () => "reused")]);
    const lines = rigs
      .flatMap(({ events }) => events)
      .filter((event) => event.type === "nix-log" && /built once/.test(event.line));
    assert.is(lines.length, 1);
  } finally {
    for (const rig of rigs) rig.close();
  }
});

test("an attribute that does not exist", async ({ rig, host }) => {
  rig.write({ "flake.nix": flakeOf({ tools: "a" }), "a/in": "a" });
  const error = await failure(rig.prepare({ x: installable("#missing") }));
  assert.instance(error, ConfigError);
  assert.match(error.message, "packages.x86_64-linux.missing");
  assert.match(error.hint ?? "", "nix flake show");
  assert.is(error.exitCode, 2);
  assert.equal(readdirSync(join(host.spec.workDir ?? "", "tmp")), []);
});

test("an incomplete lock is refused and the source stays as it was", async ({ rig, host }) => {
  rig.write({
    "flake.nix": `{ inputs.dep.url = "path:${rig.workspace}/dep"; outputs = { self, dep }: { x = dep; }; }`,
    "dep/flake.nix": "{ outputs = { self }: { }; }",
  });
  const error = await failure(rig.prepare({ x: installable("#x") }));
  assert.instance(error, ConfigError);
  assert.match(error.hint ?? "", "nix flake lock");
  const [source = ""] = readdirSync(join(host.spec.workDir ?? "", "sources"));
  const target = readlinkSync(join(host.spec.workDir ?? "", "sources", source));
  assert.not.ok(existsSync(join(target, "flake.lock")));
  const verified = await run(["nix-store", "--verify-path", target], { env: process.env });
  assert.is(verified.exitCode, 0);
});

test("an output whose builder fails is told with its log, alone; the others are built", async ({
  rig,
  host,
}) => {
  const more = `
    low = script "low" "echo compiling; echo 'main.c:3: expected ;' >&2; exit 3";
    high = script "high" "echo \${packages.low} > $out";
    silent = script "silent" "true";`;
  const flake = flakeOf({ tools: "a" }, more).replace("let\n", "let packages = self.packages.${system};\n");
  rig.write({ "flake.nix": flake, "tools/busybox": busybox, "a/in": "a" });
  const wanted = Object.fromEntries(
    ["low", "tools", "high", "silent"].map((name) => [name, installable(`#${name}`)]),
  );
  for (const outcome of ["built", "reused"]) {
    const realised = await rig.prepare(wanted);
    assert.equal(outcomes(realised), [outcome]);
    assert.is(realised.records.length, 1);
    const [low, high, silent] = [...realised.unbuilt.values()];
    assert.equal([low?.name, high?.name, silent?.name], ["low", "high", "silent"]);
    assert.equal([low?.dependency, high?.dependency, silent?.dependency], [false, true, false]);
    assert.match(low?.failure.derivation ?? "", /-low\.drv$/);
    assert.is(low?.failure.reason, "builder failed with exit code 3");
    assert.is(low?.failure.log.toString(), "compiling\nmain.c:3: expected ;\n");
    assert.equal(high?.failure, low?.failure);
    assert.match(silent?.failure.reason ?? "", /^builder failed/);
    assert.equal(readdirSync(join(host.spec.workDir ?? "", "tmp")), []);
  }
});

test("an output that this machine builds: its builder's failure is no error of the run", async ({ rig }) => {
  const more = `failing = script "failing" "echo compiling; exit 3"; thrown = throw "not for you";`;
  rig.write({ "flake.nix": flakeOf({ tools: "a" }, more), "tools/busybox": busybox, "a/in": "a" });
  const here = (name: string) => ({ kind: "local", installable: `#${name}` }) as const;
  const only = await rig.prepare({ failing: here("failing") });
  assert.is(only.outputs.size, 0);
  const realised = await rig.prepare({ failing: here("failing"), tools: here("tools") });
  assert.equal(outcomes(realised), ["reused"]);
  const [failing] = [...realised.unbuilt.values()];
  assert.equal([failing?.dependency, failing?.failure.log.toString()], [false, "compiling\n"]);
  assert.is(failing?.failure.reason, "builder failed with exit code 3");
  const thrown = await failure(rig.prepare({ thrown: here("thrown") }));
  assert.match(thrown.message, /not for you/);
});

test("what is no builder's fault is an error: an evaluation, another platform, a download", async ({
  rig,
}) => {
  const more = `
    thrown = throw "not for you";
    failing = script "failing" "exit 3";
    foreign = derivation { name = "foreign"; system = "riscv64-linux"; builder = "none"; };
    fetched = derivation { name = "fetched"; inherit system; builder = "\${self}/tools/busybox";
      args = [ "sh" "-c" "echo no route to host; exit 1" ]; outputHashMode = "flat"; outputHashAlgo = "sha256";
      outputHash = "\${builtins.hashString "sha256" "x"}"; };`;
  rig.write({ "flake.nix": flakeOf({}, more), "tools/busybox": busybox });
  for (const [name, message] of [
    ["thrown", /not for you/],
    ["foreign", /cannot build for riscv64-linux/],
    ["fetched", /no route to host/],
  ] as const) {
    const error = await failure(
      rig.prepare({ failing: installable("#failing"), x: installable(`#${name}`) }),
    );
    assert.instance(error, InfraError);
    assert.match(error.message, message);
  }
});

test("a deadline ends the build and its builder", async ({ rig }) => {
  const more = `slow = script "slow" "\${self}/tools/busybox sleep 4241; echo > $out";`;
  rig.write({ "flake.nix": flakeOf({}, more), "tools/busybox": busybox });
  const error = await failure(rig.prepare({ x: installable("#slow") }, { timeoutMs: 1500 }));
  assert.instance(error, TimeoutError);
  assert.match(error.message, /^prepare: /);
  assert.is(error.exitCode, 124);
  const left = await run(["pgrep", "-f", "busybox sleep 4241$"], { env: process.env });
  assert.is(left.exitCode, 1, left.stdout.toString());
});

test("client paths: a directory and a file, by content, known again without a copy", async ({
  rig,
  host,
}) => {
  rig.write({ "node_modules/.bin/tool": busybox, "node_modules/a\nb": "x", "one file": "text" });
  const wanted = { modules: clientPath("node_modules"), file: clientPath("one file") };
  const cold = await rig.prepare(wanted);
  const [modules, file] = [...cold.outputs.values()];
  assert.is(readFileSync(file?.storePath ?? "", "utf8"), "text");
  assert.equal(readdirSync(modules?.storePath ?? ""), [".bin", "a\nb"]);
  const warm = await rig.prepare(wanted);
  assert.equal(outcomes(warm), ["reused", "reused"]);
  rig.write({ "node_modules/new": "y" });
  const changed = await rig.prepare(wanted);
  assert.is.not([...changed.outputs.values()][0]?.storePath, modules?.storePath);
  assert.ok(existsSync(join(host.spec.workDir ?? "", "prepared", cold.records[0]?.key ?? "", "out")));
});

test("what tools write at the top of node_modules is left out, unless `exclude` says otherwise", async ({
  rig,
}) => {
  rig.write({ "node_modules/a/index.js": "1", "node_modules/a/.cache/kept": "" });
  const modules = async (exclude?: readonly string[]) => {
    const spec = {
      kind: "path" as const,
      path: "node_modules",
      ...(exclude ? { exclude: [...exclude] } : {}),
    };
    const { outputs } = await rig.prepare({ modules: spec });
    return [...outputs.values()][0]?.storePath ?? "";
  };
  const before = await modules();
  for (const name of [".vite/vitest/results.json", ".vite-temp/config.mjs", ".cache/x"])
    rig.write({ [`node_modules/${name}`]: "written by a run" });
  assert.is(await modules(), before);
  assert.equal(readdirSync(join(before, "a")), [".cache", "index.js"]);
  assert.equal(readdirSync(await modules([])), [".cache", ".vite", ".vite-temp", "a"]);
  assert.equal(readdirSync(await modules(["**/.cache", ".v*"])), ["a"]);
  assert.equal(readdirSync(join(await modules(["**/.cache", ".v*"]), "a")), ["index.js"]);
});

test("a client path is copied when the store lacks it, reused then, and copied again when it left", async ({
  rig,
  host,
}) => {
  rig.write({ "data/in": `only here: ${rig.workspace}` });
  const wanted = { data: clientPath("data") };
  const cold = await rig.prepare(wanted);
  assert.equal(outcomes(cold), ["copied"]);
  assert.equal(outcomes(await rig.prepare(wanted)), ["reused"]);
  const path = cold.records[0]?.store_path ?? "";
  rmSync(join(host.spec.workDir ?? "", "prepared"), { recursive: true });
  rmSync(join(host.spec.workDir ?? "", "runs"), { recursive: true, force: true });
  const deleted = await run(["nix-store", "--delete", path], { env: process.env });
  assert.is(deleted.exitCode, 0, deleted.stderr);
  const again = await rig.prepare(wanted);
  assert.equal(outcomes(again), ["copied"]);
  assert.ok(existsSync(path));
});

test("bad client paths are refused", async ({ rig }) => {
  const outside = await failure(rig.prepare({ x: clientPath("../x") }));
  assert.instance(outside, ConfigError);
  assert.match(outside.message, /leaves the workspace/);
  const missing = await failure(rig.prepare({ x: clientPath("node_modules") }));
  assert.match(missing.message, /does not exist/);
  assert.match(missing.hint ?? "", /npm ci/);
});

test.run();
