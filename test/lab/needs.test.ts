// needs: lab
// time-limit: 400
import * as assert from "uvu/assert";
import type { LabHost } from "./lab.ts";
import { labSuite } from "./lab-suite.ts";
import { jobOf, openRig, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/needs");

const LAYERS = 10;
const ALL = 2 * LAYERS + 1;
const last = `l${LAYERS - 1}`;

/** A first job that leaves the file without its x, then ten layers of two jobs that each need both of the layer before. */
function layered(): Record<string, object> {
  const inputs = ["nothing"];
  const jobs: Record<string, object> = {
    gen: { command: "tr -d x <file >/artifacts/out", inputs: ["file"] },
  };
  for (let layer = 0; layer < LAYERS; layer++) {
    const needs = layer === 0 ? ["gen"] : [`l${layer - 1}.a`, `l${layer - 1}.b`];
    const read = needs.map((need) => `/needs/${need}/out`).join(" ");
    jobs[`l${layer}.a`] = { command: `cat ${read} >/artifacts/out`, needs, inputs };
    jobs[`l${layer}.b`] = { command: `ls /needs; echo ${layer} >/artifacts/out`, needs, inputs };
  }
  return jobs;
}

function configure(rig: Rig, { url }: LabHost, more: object = {}): void {
  rig.configure({
    ...{ host: "there", hosts: { there: { url } }, limits: { jobs: 3 } },
    jobs: { ...layered(), ...more },
  });
}

/** Runs pikaci, whose exit code has to be this, and counts the verdicts of its run. */
async function count(rig: Rig, code: number, ...args: string[]): Promise<Readonly<Record<string, number>>> {
  const ended = await rig.pikaci(...args, "-q");
  assert.is(ended.code, code, ended.stderr);
  const counts: Record<string, number> = {};
  for (const { result } of rig.record().jobs) {
    const status = result?.status ?? "none";
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

for (const kind of ["single", "multi"] as const)
  test(`a graph of ten layers on the host ${kind}: run, known, cut off, gone, failed, run again`, async (context) => {
    const host = context.lab[kind];
    const rig = openRig({ NIX_SSHOPTS: context.lab.sshOptions, PIKACI_NO_CACHE: "" });
    context.rigs.push(rig);
    rig.write({ file: "one\n", nothing: "" });
    configure(rig, host);
    const digestOf = (job: string) => jobOf(rig.record(), job).result?.artifacts_digest ?? "none";

    assert.equal(await count(rig, 0, "run"), { passed: ALL });
    assert.is(rig.jobFile(`${last}.b`, "guest.log"), `l${LAYERS - 2}.a\nl${LAYERS - 2}.b\n`);
    assert.match(rig.jobFile(`${last}.a`, "artifacts/out"), /^one\n0\n1\n/);
    const [a, b] = [`l${LAYERS - 2}.a`, `l${LAYERS - 2}.b`];
    assert.equal(jobOf(rig.record(), `${last}.a`).needs, { [a]: digestOf(a), [b]: digestOf(b) });
    assert.is(digestOf(`${last}.a`), "none", "nobody needs it");

    assert.equal(await count(rig, 0, "run"), { cached: ALL });
    rig.write({ file: "oxne\n" });
    assert.equal(await count(rig, 0, "run"), { passed: 1, cached: ALL - 1 }, "what it left is the same");

    // One is gone that a job needs which runs: it runs again, and what else needs it is known then.
    await host.exec(`rm -rf ${host.homeDir}/.local/state/pikaci/artifacts/${digestOf(b)}`);
    configure(rig, host, { [`${last}.a`]: { command: `ls /needs/${b}`, needs: [b], inputs: ["nothing"] } });
    assert.equal(await count(rig, 0, "run"), { passed: 2, cached: ALL - 2 });
    await host.exec(`rm -rf ${host.homeDir}/.local/state/pikaci/artifacts/*`);
    configure(rig, host, {
      [`${last}.a`]: { command: `cat /needs/${b}/out`, needs: [b], inputs: ["nothing"] },
    });
    assert.equal(
      await count(rig, 0, "run"),
      { passed: ALL - 1, cached: 1 },
      "all but what needs the last ones",
    );

    const breaks = { command: "exit 3", needs: ["l0.a"] };
    configure(rig, host, { breaks, after: { command: "true", needs: ["breaks", "l1.b"] } });
    assert.equal(await count(rig, 1, "run", "--job", "after"), { cached: 4, failed: 1, skipped: 1 });
    const after = jobOf(rig.record(), "after");
    assert.equal([after.result?.message, after.blocked_by], ["needs breaks, which failed", ["breaks"]]);
    assert.equal(await count(rig, 1, "rerun", "--failed"), { cached: 4, failed: 1, skipped: 1 });
    assert.equal(await count(rig, 1, "run", "--failed", "--force"), { cached: 4, failed: 1, skipped: 1 });

    const detached = await rig.pikaci("run", "--detach", "--job", "after");
    assert.is(detached.code, 2);
    assert.match(detached.stderr, /--detach: .*after must wait for other jobs/);
    const shell = await rig.pikaci("shell", "breaks", "--", "ls", "/needs/l0.a");
    assert.equal([shell.code, shell.stdout], [0, "out\n"], shell.stderr);
    await verifyHost(host);
  });

test.run();
