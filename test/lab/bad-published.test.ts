// needs: lab
// time-limit: 600
// exhaustive: each test on both kinds of hosts
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { dealTests } from "../exhaustive.ts";
import { checkEnd } from "./ended.ts";
import type { LabHost } from "./lab.ts";
import { type LabContext, labSuite, openProject } from "./lab-suite.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import { eventually, type Rig } from "./rig.ts";
import { verifyHost } from "./verify.ts";

const test = labSuite("lab/bad-published");

function project(context: LabContext, host: LabHost): Rig {
  const rig = openProject(context);
  rig.write({ file: "content\n" });
  rig.configure({
    host: "there",
    hosts: { there: { url: host.url, lease: "30s" } },
    jobs: { x: { command: "cat file" } },
  });
  return rig;
}

const other = "0123456789abcdef".repeat(4);
const runner = renderRunner({ backend: "sandbox" }).contentHash;
const snapshotFile = "snapshots/$HASH/pikaci-snapshot.json";
const recordFile = `runners/${runner}/pikaci-runner-flake.json`;

interface Spoiled {
  /** Shell in the work dir on the host; $HASH is the snapshot's content hash. */
  readonly spoil: string;
  /** What the message names beside the hash that was asked for. */
  readonly found: string;
  readonly about: "snapshot" | "runner";
}

const spoiled: Readonly<Record<string, Spoiled>> = {
  "a snapshot whose metadata names another hash": {
    spoil: `sed -i "s/$HASH/${other}/" ${snapshotFile}`,
    found: other,
    about: "snapshot",
  },
  "a snapshot whose metadata is truncated": {
    spoil: `truncate -s 40 ${snapshotFile}`,
    found: "no readable metadata",
    about: "snapshot",
  },
  "a snapshot without metadata": {
    spoil: `rm ${snapshotFile}`,
    found: "no readable metadata",
    about: "snapshot",
  },
  "a runner whose record is truncated": {
    spoil: `truncate -s 40 ${recordFile}`,
    found: "nothing that can be read",
    about: "runner",
  },
  "a runner whose record names another hash": {
    spoil: `sed -i "s/${runner}/${other}/" ${recordFile}`,
    found: other,
    about: "runner",
  },
};

for (const kind of ["single", "multi"] as const) {
  const dealt = dealTests(test, kind);
  for (const [what, { spoil, found, about }] of Object.entries(spoiled)) {
    dealt(`${kind}: ${what}: exit 3 naming both, repaired by --repair`, async (context) => {
      const host = context.lab[kind];
      const rig = project(context, host);
      assert.is((await rig.pikaci("run", "-q")).code, 0);
      const hash = rig.record().snapshot?.content_hash ?? "";
      const work = `${host.homeDir}/.local/state/pikaci`;
      const done = await host.exec(`cd ${work} && HASH=${hash} && ${spoil}`, { user: host.user });
      assert.is(done.exitCode, 0, done.stderr);
      const asked = about === "snapshot" ? hash : runner;
      checkEnd(rig, await rig.pikaci("run", "-q"), {
        code: 3,
        kind: "mismatch",
        says: [`the ${about === "snapshot" ? "published snapshot" : "runner"} ${asked}`, found],
        hint: "`--repair`",
      });
      const repaired = await rig.pikaci("run", "--repair");
      assert.is(repaired.code, 0, repaired.stderr);
      assert.match(repaired.stderr, "repaired");
      assert.is(rig.record().snapshot?.outcome, about === "snapshot" ? "repaired" : "reused");
      const after = await rig.pikaci("run");
      assert.is(after.code, 0, after.stderr);
      assert.match(after.stderr, "nothing was uploaded, evaluated or built");
    });
  }

  dealt(
    `${kind}: a second run that starts in the middle of the upload waits, reuses and passes`,
    async (context) => {
      const host = context.lab[kind];
      const first = project(context, host);
      writeFileSync(join(first.dir, "big"), randomBytes(60 << 20));
      const second = project(context, host);
      cpSync(join(first.dir, "big"), join(second.dir, "big"));
      const before = await leftNow(host);
      const uploading = first.start("run", "-q");
      await eventually("the upload is under way", 60, async () =>
        (await host.processes()).some(({ args }) => /^tar -x/.test(args)) ? true : null,
      );
      uploading.child.kill("SIGSTOP");
      const waiting = second.start("run");
      await eventually("the second run waits", 20, () => (hasWaited(second) ? true : null));
      uploading.child.kill("SIGCONT");
      const [uploaded, reused] = await Promise.all([uploading.ended, waiting.ended]);
      assert.equal([uploaded.code, reused.code], [0, 0], uploaded.stderr + reused.stderr);
      assert.match(reused.stderr, "waiting: another client's upload of the same snapshot");
      assert.equal(
        [first, second].map((rig) => rig.record().snapshot?.outcome),
        ["uploaded", "reused"],
      );
      assert.is(second.record().snapshot?.bytes_sent, 0);
      await nothingLeft(host, before, 10);
      assert.equal(
        readdirSync(join(host.rootDir, host.homeDir, ".local/state/pikaci/tmp")).filter(
          (name) => !name.startsWith("aside-"),
        ),
        [],
      );
    },
  );

  test(`${kind}: its store and its snapshots are whole`, ({ lab }) => verifyHost(lab[kind]));
}

function hasWaited(rig: Rig): boolean {
  const runs = join(rig.dir, ".pikaci/runs");
  if (!existsSync(runs)) return false;
  const events = readdirSync(runs, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("events.jsonl"),
  );
  return events.some((name) => readFileSync(join(runs, name), "utf8").includes('"type":"waiting"'));
}

test.run();
