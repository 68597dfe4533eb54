// needs: lab nix
// time-limit: 300
// exhaustive: each test on both kinds of hosts
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TrustError } from "../../src/core/errors.ts";
import { parseHostUrl, parseStorePath } from "../../src/core/ids.ts";
import type { PrepareSpec } from "../../src/core/prepared.ts";
import type { HostSpec } from "../../src/core/project.ts";
import { closureOf, copyClosure } from "../../src/nix/client.ts";
import type { Realised } from "../../src/nix/prepare.ts";
import { connect } from "../../src/remote/connect.ts";
import { run } from "../../src/system/exec.ts";
import { dealTests } from "../exhaustive.ts";
import { type HostKind, type Lab, type LabHost, openLab } from "../lab/lab.ts";
import { verifyHost } from "../lab/verify.ts";
import { clientPath, failure, flakeOf, installable, openRig, type Rig } from "../stage-rig.ts";

const busybox = readFileSync("/bin/busybox");
let lab: Lab;
test.before(async () => {
  lab = await openLab();
});
test.after(async () => {
  await lab?.stop();
});

const local = (text: string): PrepareSpec => ({ kind: "local", installable: text });
const outcomes = ({ outputs }: Realised) => [...outputs.values()].map(({ outcome }) => outcome);
const pathOf = ({ records }: Realised) => parseStorePath(records[0]?.store_path ?? "");

function rigOn(host: LabHost, more: Partial<HostSpec> = {}): Rig {
  const workDir = join(host.homeDir, `work-${Math.random().toString(36).slice(2)}`);
  const spec = { name: host.name, url: parseHostUrl(host.url), workDir, leaseMs: 6000, ...more };
  const env = { ...process.env, NIX_SSHOPTS: lab.sshOptions };
  return openRig({ spec, env, root: host.rootDir, connect: connect.bind(null, spec) });
}

/** Two outputs of which one needs the other: what is built has no name by its content. */
function write(rig: Rig): void {
  const more = [
    `low = script "low" "\${self}/tools/busybox echo low > $out";`,
    `high = script "high" "\${self}/tools/busybox echo \${low} > $out";`,
  ].join(" ");
  const flake = flakeOf({}, more).replace("packages.${system} = {", "packages.${system} = rec {");
  rig.write({ "flake.nix": flake, "tools/busybox": busybox });
}

test("single: built here, sent with all it refers to, rooted at both ends", async () => {
  const rig = rigOn(lab.single);
  try {
    write(rig);
    const sent = await rig.prepare({ high: local("#high") });
    assert.equal(outcomes(sent), ["copied"]);
    const told = rig.events.flatMap((event) => (event.type === "nix-progress" ? [event] : []));
    assert.equal([told.at(-1)?.copied, told.at(-1)?.toCopy], [2, 2]);
    const inner = readFileSync(pathOf(sent), "utf8").trim();
    const there = await lab.single.exec(`nix-store --gc >&2; cat ${pathOf(sent)} && cat ${inner}`);
    assert.is(there.stdout, `${inner}\nlow\n`, there.stderr);
    const roots = await run(["nix-store", "--query", "--roots", pathOf(sent)], { env: process.env });
    assert.match(roots.stdout.toString(), join(rig.workspace, ".pikaci/runs"));
    assert.equal(outcomes(await rig.prepare({ high: local("#high") })), ["reused"]);
  } finally {
    rig.close();
  }
});

test("multi: refused before anything is copied, until it is signed as the hint says", async () => {
  const rig = rigOn(lab.multi);
  try {
    write(rig);
    const error = await failure(rig.prepare({ high: local("#high") }));
    assert.instance(error, TrustError);
    assert.match(error.message, /would refuse .*-(low|high) \(and 1 more\)/);
    assert.match(error.hint ?? "", "it trusts pikaci-lab-1;");
    const [, path = ""] = /--key-file KEY (\S+)/.exec(error.hint ?? "") ?? [];
    assert.is((await lab.multi.exec(`test -e ${path}`)).exitCode, 1);
    const top = /\/nix\/store\/\S+-high/.exec((await realised(rig)).toString())?.[0] ?? "";
    const words = ["nix", "store", "sign", "--recursive", "--key-file", lab.storeKeyFile, top];
    const env = { ...process.env, NIX_CONFIG: "extra-experimental-features = nix-command" };
    const signed = await run(words, { env });
    assert.is(signed.exitCode, 0, signed.stderr);
    const sent = await rig.prepare({ high: local("#high") });
    assert.equal([outcomes(sent), pathOf(sent)], [["copied"], top]);
    assert.is((await lab.multi.exec(`cat ${top}`, { user: lab.multi.user })).exitCode, 0);
  } finally {
    rig.close();
  }
});

/** The client's own root of what it built. */
async function realised(rig: Rig): Promise<string> {
  const found = await run(["find", join(rig.workspace, ".pikaci/runs"), "-name", "high", "-printf", "%l\n"], {
    env: process.env,
  });
  return found.stdout.toString();
}

/** A repository that only this machine can reach, as a flake. */
function input(): string {
  const dir = mkdtempSync(join(tmpdir(), "pikaci-input-"));
  writeFileSync(join(dir, "flake.nix"), `{ outputs = { self }: { text = "${dir}"; }; }`);
  const git = ["-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.org"];
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    ["commit", "-qm", "x"],
  ])
    execFileSync("git", [...git, ...words], { stdio: "pipe" });
  return dir;
}

const dealt = { single: dealTests(test, "single"), multi: dealTests(test, "multi") };

for (const kind of ["single", "multi"] satisfies HostKind[])
  dealt[kind](`${kind}: locked inputs are sent to a host that cannot fetch them`, async () => {
    const dir = input();
    const [alone, fed] = [rigOn(lab[kind]), rigOn(lab[kind], { sendInputs: true })];
    try {
      const nixConfig = { NIX_CONFIG: "extra-experimental-features = nix-command flakes" };
      for (const rig of [alone, fed]) {
        const more = `x = script "x" "\${self}/tools/busybox echo \${dep.text} > $out";`;
        const flake = flakeOf({}, more).replace("{ self }", "{ self, dep }");
        const url = `{\n  inputs.dep.url = "git+file://${dir}";\n`;
        rig.write({
          "flake.nix": flake.replace("{\n", url),
          "tools/busybox": busybox,
          "data/a": rig.workspace,
        });
        const env = { ...process.env, ...nixConfig };
        execFileSync("nix", ["flake", "lock", rig.workspace], { env, stdio: "pipe" });
      }
      const wanted = { x: installable("#x"), data: clientPath("data") };
      await failure(alone.prepare(wanted));
      const sent = await fed.prepare(wanted);
      assert.equal(outcomes(sent), ["built", "copied"]);
      assert.is((await lab[kind].exec(`cat ${pathOf(sent)}`)).stdout, `${dir}\n`);
      assert.equal(outcomes(await fed.prepare(wanted)), ["reused", "reused"]);
    } finally {
      alone.close();
      fed.close();
      rmSync(dir, { recursive: true });
    }
  });

test("what a host built comes back, and is refused without a signature unless that is waived", async () => {
  const rig = rigOn(lab.single);
  const session = await rig.session();
  try {
    write(rig);
    const built = pathOf(await rig.prepare({ high: installable("#high") }));
    const context = { ...rig.context, env: { ...rig.context.env } };
    const store = session.connection.nixStore();
    assert.is(session.connection.nixStore("ssh-ng").url, store.url.replace("ssh:", "ssh-ng:"));
    assert.not.ok(existsSync(built));
    const refused = await failure(copyClosure([built], store, context, { from: true }));
    assert.instance(refused, TrustError);
    await copyClosure([built], store, context, { from: true, checkSigs: false });
    const closure = await closureOf([built], context);
    assert.ok(closure.some(({ path }) => path === built));
    assert.match(readFileSync(built, "utf8"), "-low");
  } finally {
    await session.connection.close();
    rig.close();
  }
});

for (const kind of ["single", "multi"] satisfies HostKind[])
  dealt[kind](`${kind}: a collection in the middle of a run takes nothing that the run uses`, async () => {
    const rig = rigOn(lab[kind]);
    try {
      write(rig);
      const prepared = await rig.prepare({ high: installable("#high") });
      const collected = await lab[kind].exec("nix-collect-garbage");
      assert.is(collected.exitCode, 0, collected.stderr);
      const low = `$(cat ${pathOf(prepared)})`;
      assert.is((await lab[kind].exec(`cat ${low}`)).stdout, "low\n");
      assert.equal(outcomes(await rig.prepare({ high: installable("#high") })), ["reused"]);
    } finally {
      rig.close();
    }
  });

test("in the end the stores and the published trees of all hosts are whole", async () => {
  for (const host of lab.hosts) await verifyHost(host);
});

test.run();
