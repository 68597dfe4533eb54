// needs: lab
// time-limit: 400
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { LabHost } from "./lab.ts";
import { labSuite, openProject } from "./lab-suite.ts";
import { jobOf, type Rig } from "./rig.ts";

const test = labSuite("lab/untrusted");

const builder = `builder = "/bin/sh"; system = "x86_64-linux"; args = [ "-c" "echo built >$out" ];`;
const FLAKE = `{
  nixConfig.sandbox-paths = [ "/etc/hostname" ];
  outputs = _: rec {
    plain = derivation { name = "plain"; ${builder} };
    impure = derivation { name = "impure"; seen = builtins.readFile "/etc/hostname"; ${builder} };
    imported = derivation { name = builtins.head (builtins.split "\\n" (builtins.readFile plain)); ${builder} };
  };
}
`;

/** Runs the job that needs an output, of a configuration outside the tree that allows flake outputs. */
async function run(rig: Rig, host: LabHost, attribute: string) {
  const outside = mkdtempSync(join(tmpdir(), "pikaci-outside-"));
  const config = join(outside, "ci.json");
  const document = {
    ...{ host: "there", hosts: { there: { url: host.url } } },
    untrusted: { flakeOutputs: true, runners: ["sandbox"] },
    jobs: { x: { command: "cat /prepared/tool", prepare: { tool: `#${attribute}` } } },
  };
  writeFileSync(config, JSON.stringify(document));
  rig.write({ "flake.nix": `# of ${rig.dir}, which no other test has built\n${FLAKE}` });
  try {
    return await rig.pikaci("run", "-q", "--untrusted", "--config", config);
  } finally {
    rmSync(outside, { recursive: true });
  }
}

for (const kind of ["single", "multi"] as const)
  test(`${kind}: a stranger's flake is built where a file outside allows it, and sees nothing of the host`, async (context) => {
    const host = context.lab[kind];
    const rig = openProject(context);
    const plain = await run(rig, host, "plain");
    assert.is(plain.code, 0, plain.stderr);
    assert.is(rig.jobFile("x", "guest.log"), "built\n");
    assert.is(jobOf(rig.record(), "x").result?.status, "passed");
    for (const [attribute, said] of [
      ["impure", /access to absolute path '\/etc(\/hostname)?' is forbidden/],
      ["imported", /allow-import-from-derivation|import from derivation/i],
    ] as const) {
      const { code, stderr } = await run(rig, host, attribute);
      assert.is(code, 3, stderr);
      assert.match(stderr, said, stderr);
    }
  });

test("a daemon that does not promise its sandbox builds no stranger's flake", async (context) => {
  const host = context.lab.multi;
  const rig = openProject(context);
  await host.exec("cp /etc/nix/nix.conf /etc/nix/kept && sed -i '/^sandbox-fallback/d' /etc/nix/nix.conf");
  const { code, stderr } = await run(rig, host, "plain");
  await host.exec("mv /etc/nix/kept /etc/nix/nix.conf");
  assert.is(code, 3, stderr);
  assert.match(stderr, "does not promise `sandbox-fallback = false`");
  assert.match(stderr, "restart nix-daemon");
});

test.run();
