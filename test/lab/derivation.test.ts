// needs: lab
// time-limit: 300
// exhaustive: the kill of a client on both kinds of hosts
import * as assert from "uvu/assert";
import { dealTests } from "../exhaustive.ts";
import { configured, contractMismatches, contractOf, rowsNamed, writeContractFiles } from "./job-contract.ts";
import { labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, jobOf } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/derivation");

const contract = contractOf("derivation", "quick");
/** The first are of a store without a daemon. What a build does otherwise than a sandbox is in one of them. */
const chosen = {
  single: rowsNamed(contract, ["exit-1", "timeout", "private", "symlinks", "env"]),
  multi: rowsNamed(contract, [
    ...["pass", "signal", "timeout", "daemon", "forger", "vast-artifact"],
    ...["odd-names", "mounted", "git", "isolated"],
  ]),
};

for (const kind of ["single", "multi"] as const)
  test(`a part of the job contract holds in Nix builds on the host ${kind}; all of it: npm run test:machines`, async (context) => {
    const host = context.lab[kind];
    const jobs = chosen[kind];
    const rig = openProject(context);
    writeContractFiles(rig);
    rig.configure({
      ...{ host: "there", hosts: { there: { url: host.url, lease: "10s" } }, limits: { jobs: 2 } },
      jobs: configured(jobs, "derivation"),
    });
    const before = await leftNow(host);
    const { code, stderr } = await rig.pikaci("run", "-q");
    assert.is(code, 124, stderr);
    assert.equal(contractMismatches(rig, jobs), [], stderr);
    if ("private" in jobs) assert.is(jobOf(rig.record(), "private").workspace, "copy");
    if ("vast-artifact" in jobs)
      assert.match(
        rig.jobFile("vast-artifact", "guest.log"),
        /the artifacts are left out: 1099511627776 bytes/,
      );
    await nothingLeft(host, before, 10);
  });

test("a prepared path is there, what the store holds cannot be changed, a limit is told as not enforced", async (context) => {
  const host = context.lab.single;
  const rig = openProject(context);
  rig.write({ file: "content\n", "dir/inner": "inner\n" });
  rig.configure({
    ...{ host: "there", hosts: { there: { url: host.url } } },
    jobs: {
      x: {
        command: `cat /prepared/dir/inner && cat /prepared/file
          chmod u+w /prepared/dir/inner && exit 9; for path in /nix/store/*; do chmod u+w "$path" && exit 8; done; exit 0`,
        prepare: { dir: { path: "dir" }, file: { path: "file" } },
        runner: "derivation",
        limits: { memory: "1GiB" },
      },
    },
  });
  const { code, stderr } = await rig.pikaci("run");
  assert.is(code, 0, stderr);
  assert.match(rig.jobFile("x", "guest.log"), /^inner\ncontent\n/);
  assert.equal(jobOf(rig.record(), "x").limits_unenforced, ["memory"]);
});

test("a build that Nix does not start is an infrastructure failure, with Nix's own words", async (context) => {
  const host = context.lab.single;
  const rig = openProject(context);
  rig.configure({
    ...{ host: "there", hosts: { there: { url: host.url } } },
    jobs: { x: { command: "true", runner: "derivation" } },
  });
  await host.exec("cp /etc/nix/nix.conf /etc/nix/kept && echo max-jobs = 0 >>/etc/nix/nix.conf");
  const { code, stderr } = await rig.pikaci("run");
  await host.exec("mv /etc/nix/kept /etc/nix/nix.conf");
  assert.is(code, 3, stderr);
  assert.match(jobOf(rig.record(), "x").result?.message ?? "", /^host: the build did not end: .*max-jobs/);
});

for (const kind of ["single", "multi"] as const)
  dealTests(test, kind)(`${kind}: kill -9 of the client ends the build too`, async (context) => {
    const host = context.lab[kind];
    const rig = openProject(context);
    rig.configure({
      ...{ host: "there", hosts: { there: { url: host.url, lease: "6s" } } },
      jobs: { x: { command: "sleep 600", runner: "derivation" } },
    });
    const before = await leftNow(host);
    const { child, ended } = rig.start("run");
    await eventually("the job runs", 60, async () =>
      (await host.processes()).some(({ args }) => args === "sleep 600") ? true : null,
    );
    child.kill("SIGKILL");
    await ended;
    await nothingLeft(host, before, 10);
  });

for (const kind of ["single", "multi"] as const)
  test(`${kind}: in the end its store and its published trees are whole`, ({ lab }) => verifyHost(lab[kind]));

test.run();
