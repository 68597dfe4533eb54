// needs: lab
// time-limit: 900
// exhaustive: each test on both kinds of hosts
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { VERDICT_NAMESPACE } from "../../src/core/shared-verdict.ts";
import { dealTests } from "../exhaustive.ts";
import { allow, makeKey } from "../operations/attestation/rig.ts";
import type { Lab, LabHost } from "./lab.ts";
import { labSuite } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, jobOf, type Rig } from "./rig.ts";
import { sharedOutputProject, toolFlake } from "./shared-output.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/run");

function project(lab: Lab, rigs: Rig[], file = "one\n"): Rig {
  const rig = sharedOutputProject(lab, file);
  rigs.push(rig);
  return rig;
}

for (const kind of ["single", "multi"] as const) {
  const dealt = dealTests(test, kind);
  dealt(
    `${kind}: two jobs that share an output: 6 remote commands cold, 4 warm, over one connection`,
    async ({ lab, rigs }) => {
      const host = lab[kind];
      const rig = project(lab, rigs);
      await host.resetCounts();
      const cold = await rig.pikaci("run", "--on", kind);
      assert.is(cold.code, 0, cold.stderr);
      assert.equal(await host.counts(), { connections: 1, commands: 6 });
      assert.match(rig.jobFile("a", "guest.log"), /^tool of one$/m);
      assert.is(rig.record().snapshot?.outcome, "uploaded");

      await host.resetCounts();
      const warm = await rig.pikaci("run", "--on", kind);
      assert.is(warm.code, 0, warm.stderr);
      assert.equal(await host.counts(), { connections: 1, commands: 4 });
      assert.is(rig.record().snapshot?.outcome, "reused");
      assert.is(rig.record().snapshot?.bytes_sent, 0);
      assert.match(warm.stderr, /nothing was uploaded, evaluated or built/);
    },
  );

  dealt(`${kind}: a change outside flake.files uploads, and builds nothing`, async ({ lab, rigs }) => {
    const first = await project(lab, rigs, "any\n").pikaci("run", "--on", kind, "--job", "a");
    assert.is(first.code, 0, first.stderr);
    const rig = project(lab, rigs, "two\n");
    const ended = await rig.pikaci("run", "--on", kind);
    assert.is(ended.code, 0, ended.stderr);
    assert.is(rig.record().snapshot?.outcome, "uploaded");
    assert.match(rig.jobFile("a", "guest.log"), /^tool of two$/m);
    assert.not.match(ended.stderr, /\bbuilt\b.*tool/);
  });

  dealt(`${kind}: a chmod is another snapshot, and both run`, async ({ lab, rigs }) => {
    const rig = project(lab, rigs);
    rig.write({ script: "echo ran\n" });
    rig.configure({
      hosts: { [kind]: { url: lab[kind].url } },
      jobs: { x: { command: "if [ -x script ]; then echo exe; else echo plain; fi" } },
    });
    const hashes = [];
    for (const expected of ["plain", "exe"]) {
      const ended = await rig.pikaci("run", "--on", kind);
      assert.is(ended.code, 0, ended.stderr);
      assert.match(rig.jobFile("x", "guest.log"), new RegExp(`^${expected}$`, "m"));
      hashes.push(rig.record().snapshot?.content_hash);
      chmodSync(join(rig.dir, "script"), 0o755);
    }
    assert.is.not(hashes[0], hashes[1]);
  });

  dealt(
    `${kind}: eight first runs of one shape at once: one publication, one runner, eight passes`,
    async ({ lab, rigs }) => {
      const host = lab[kind];
      await host.exec(`rm -rf ${host.homeDir}/.local/state/pikaci`);
      const all = Array.from({ length: 8 }, () => project(lab, rigs, "eight\n"));
      const ended = await Promise.all(
        all.map((rig) => rig.pikaci("run", "--on", kind, "--events", "events")),
      );
      assert.equal(
        ended.map(({ code }) => code),
        Array(8).fill(0),
        ended.map(({ stderr }) => stderr).join("\n"),
      );
      const outcomes = all.map((rig) => rig.record().snapshot?.outcome).sort();
      assert.equal(outcomes, [...Array(7).fill("reused"), "uploaded"]);
      const runners = all.flatMap((rig) => readFileSync(join(rig.dir, "events"), "utf8").split("\n"));
      const made = runners
        .filter((line) => line.includes('"runner-ready"'))
        .map((line) => JSON.parse(line).outcome);
      assert.equal(made.sort(), ["built", ...Array(7).fill("reused")]);
    },
  );

  dealt(`${kind}: two runs of one job at once share nothing that can be written`, async ({ lab, rigs }) => {
    const rig = project(lab, rigs, "shared\n");
    rig.configure({
      hosts: { [kind]: { url: lab[kind].url } },
      jobs: {
        x: {
          command:
            "ls -A /artifacts; echo $PIKACI_RUN_ID >/artifacts/id; echo x >>file; sleep 1; wc -l <file; cat /artifacts/id",
          workspace: "private",
        },
      },
    });
    const ended = await Promise.all([
      rig.pikaci("run", "--on", kind, "--json"),
      rig.pikaci("run", "--on", kind, "--json"),
    ]);
    assert.equal(
      ended.map(({ code }) => code),
      [0, 0],
      ended.map(({ stderr }) => stderr).join(),
    );
    const ids = ended.map(({ stdout }) => (JSON.parse(stdout) as { run_id: string }).run_id);
    assert.is.not(ids[0], ids[1]);
    for (const id of ids) {
      const log = await rig.pikaci("logs", id, "--kind", "guest");
      assert.match(log.stdout, new RegExp(`2\\n(.*)${id}`));
    }
  });

  dealt(
    `${kind}: a garbage collection between build and launch, and after the run, takes nothing in use`,
    async ({ lab, rigs }) => {
      const host = lab[kind];
      const rig = project(lab, rigs, "collected\n");
      // A round trip is long enough to stop the client before its launch arrives.
      await host.delay(400);
      const client = rig.start("run", "--on", kind, "--events", "-");
      await new Promise<void>((ready) => {
        client.child.stdout?.on("data", (part: Buffer) => {
          if (part.includes('"runner-ready"')) ready();
        });
      });
      client.child.kill("SIGSTOP");
      await host.exec("nix-collect-garbage");
      client.child.kill("SIGCONT");
      const ended = await client.ended;
      await host.delay(0);
      assert.is(ended.code, 0, ended.stderr);
      await host.exec("nix-collect-garbage");
      const again = await rig.pikaci("run", "--on", kind);
      assert.is(again.code, 0, again.stderr);
    },
  );

  for (const moment of ["upload", "build", "execution"] as const) {
    dealt(
      `${kind}: kill -9 of the client during ${moment}: nothing stays, and the next run passes`,
      async ({ lab, rigs }) => {
        const host = lab[kind];
        const rig = killable(lab, rigs, kind, moment);
        const before = await leftNow(host);
        if (moment === "upload") await host.delay(20);
        const client = rig.start("run", "--on", kind);
        await eventually(`${moment} under way`, 60, async () =>
          (await underWay(host, moment)) ? true : null,
        );
        client.child.kill("SIGKILL");
        await client.ended;
        await host.delay(0);
        await nothingLeft(host, before, 10);
        rig.write({ slow: "no\n" });
        const next = await rig.pikaci("run", "--on", kind);
        assert.is(next.code, 0, next.stderr);
        const list = await rig.pikaci("list", "--json");
        assert.equal((JSON.parse(list.stdout) as { status: string }[]).map(({ status }) => status).sort(), [
          "cancelled",
          "passed",
        ]);
      },
    );
  }

  dealt(`${kind}: Ctrl-C cancels, keeps log and artifacts, and leaves nothing`, async ({ lab, rigs }) => {
    const host = lab[kind];
    const rig = project(lab, rigs, "interrupted\n");
    rig.configure({
      hosts: { [kind]: { url: host.url } },
      jobs: { x: { command: "echo begun; echo part >/artifacts/part; sleep 600" } },
    });
    const before = await leftNow(host);
    const client = rig.start("run", "--on", kind);
    await eventually("the job runs", 60, async () => ((await underWay(host, "execution")) ? true : null));
    await new Promise((done) => setTimeout(done, 500));
    client.child.kill("SIGINT");
    const ended = await client.ended;
    assert.is(ended.code, 130, ended.stderr);
    const job = jobOf(rig.record(), "x");
    assert.is(job.result?.status, "cancelled");
    assert.equal(
      job.artifacts.map(({ path }) => path),
      ["part"],
    );
    assert.match(rig.jobFile("x", "guest.log"), /begun/);
    await nothingLeft(host, before, 5);
  });

  test(`${kind}: in the end its store and its published trees are whole`, ({ lab }) => verifyHost(lab[kind]));
}

type Moment = "upload" | "build" | "execution";

/** A project whose next run is slow at `moment`, as long as its file `slow` says yes. */
function killable(lab: Lab, rigs: Rig[], kind: string, moment: Moment): Rig {
  const rig = project(lab, rigs, `${moment}\n`);
  rig.write({ slow: "yes\n" });
  if (moment === "upload") writeFileSync(join(rig.dir, "big"), randomBytes(90 << 20));
  const wait = "${./tools}/busybox grep -q no ${./slow} || ${./tools}/busybox sleep 600; ";
  if (moment === "build") rig.write({ "flake.nix": toolFlake(wait) });
  rig.configure({
    hosts: { [kind]: { url: lab.hosts.find((host) => host.kind === kind)?.url, lease: "6s" } },
    flake: { files: ["flake.nix", "tools/**", "slow"] },
    jobs: {
      x: { command: "grep -q no slow || sleep 600", prepare: moment === "build" ? { tool: ".#tool" } : {} },
    },
  });
  return rig;
}

/** Whether a run on the host has come to `moment`. */
async function underWay(host: LabHost, moment: Moment): Promise<boolean> {
  const commands = (await host.processes()).map(({ args }) => args);
  const seen: Record<Moment, RegExp> = { upload: /^tar /, build: /sleep 600/, execution: /sleep 600/ };
  return commands.some((args) => seen[moment].test(args) && !args.includes("grep"));
}

test("CI's run of a tree that a developer's run passed: 2 remote commands, over one connection", async ({
  lab,
  rigs,
}) => {
  const [host, key] = [lab.single, makeKey()];
  const machine = (env: Readonly<Record<string, string>>) => {
    const rig = sharedOutputProject(lab, "shared\n", { PIKACI_NO_CACHE: "", ...env });
    rigs.push(rig);
    const tool = { command: ["sh", "/prepared/tool/bin/tool"], prepare: { tool: ".#tool" } };
    const unit = { command: "cat file >/artifacts/copy" };
    rig.configure({
      hosts: { single: { url: host.url } },
      flake: { files: ["flake.nix", "tools/**"] },
      snapshot: { exclude: ["pikaci.config.json"] },
      jobs: { unit, lint: { command: "true" }, a: tool, b: tool },
      targets: { plain: { jobs: ["unit", "lint"] }, tools: { jobs: ["a", "b", "lint"] } },
      defaultTarget: "plain",
    });
    return rig;
  };
  const dev = machine({ PIKACI_SIGNING_KEY: key });
  for (const target of ["plain", "tools"]) {
    const ended = await dev.pikaci("run", target, "--on", "single");
    assert.is(ended.code, 0, ended.stderr);
  }
  const signers = allow([`dev namespaces="${VERDICT_NAMESPACE}"`, key]);
  for (const target of ["plain", "tools"]) {
    const ci = machine({ PIKACI_ALLOWED_SIGNERS: signers });
    await host.resetCounts();
    const ended = await ci.pikaci("run", target, "--on", "single");
    assert.is(ended.code, 0, ended.stderr);
    assert.is(ci.record().status, "cached", ended.stderr);
    assert.equal(await host.counts(), { connections: 1, commands: 2 }, target);
    if (target === "plain") assert.is(ci.jobFile("unit", "artifacts/copy"), "shared\n");
  }
});

test.run();
