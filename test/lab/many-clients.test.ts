// needs: lab
// time-limit: 300
// alone: fifty clients at once need the whole machine
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PUBLISHED_TIME } from "../../src/core/layout.ts";
import { hashTree } from "../publish/publish-rig.ts";
import { makeContext, makeDirectory, removeWorkspaces, writeFiles } from "../workspace.ts";
import {
  buildPackage,
  type ClientMachine,
  makeClients,
  secondMachine,
  thisMachine,
} from "./client-machine.ts";
import { type Lab, type LabHost, openLab } from "./lab.ts";
import { leftNow, nothingLeft } from "./leftovers.ts";
import type { ClientTask, ManyReport } from "./many-client.ts";
import { verifyHost, verifySnapshots } from "./verify.ts";

const test = suite("many clients on two machines: this one, and a second host with node copied to it");
/** Each edit that there is once; more of them: npm run test:storm. */
const STORM_ROUNDS = Number(process.env.PIKACI_STORM_ROUNDS ?? 7);
let lab: Lab;
let host: LabHost;
let dir: string;
let machines: readonly ClientMachine[];

test.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "pm-"));
  process.env.TMPDIR = makeDirectory();
  lab = await openLab();
  host = lab.multi;
  await buildPackage(dir);
  machines = [thisMachine(lab, host, dir), await secondMachine(lab, lab.single, host, dir)];
});
test.after(async () => {
  removeWorkspaces();
  rmSync(dir, { recursive: true, force: true });
  await lab?.stop();
});

const workDir = () => `${host.homeDir}/.local/state/pikaci`;

function makeTree(bytes: number): string {
  const root = makeDirectory();
  writeFiles(root, { "a/b/c": "deep", "-rf $(id)": "hostile", "new\nline\xff": "bytes", edited: "no" });
  for (let n = 0; n < 50; n++) writeFiles(root, { [`src/${n}`]: `content ${n}` });
  for (let n = 0; n < 4; n++) writeFileSync(join(root, `big-${n}`), randomBytes(bytes / 4));
  symlinkSync("../out", join(root, "link"));
  return root;
}

/** Each machine's clients at once, in one process a machine. */
async function allAtOnce(
  tasksOf: (machine: ClientMachine, number: number) => readonly ClientTask[],
): Promise<ManyReport[]> {
  return Promise.all(machines.map((machine, number) => machine.publish(tasksOf(machine, number))));
}

function outcomes(reports: readonly ManyReport[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of reports.flatMap(({ published }) => published))
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const failures = (reports: readonly ManyReport[]) => reports.flatMap(({ failed }) => failed);
const memory = (reports: readonly ManyReport[]) =>
  reports.map(({ maxMebibytes }) => `${Math.round(maxMebibytes)} MiB`).join(", ");

test("fifty publishers of one hash: one upload, 49 reuses, no connection lost", async () => {
  const tree = makeTree(8_000_000);
  const before = await leftNow(host);
  const tasks = (machine: ClientMachine) =>
    makeClients(machine, tree, "same", 25).map((cwd) => ({ cwd, repair: false, rounds: "once" as const }));
  const prepared = machines.map(tasks);
  await host.resetCounts();
  const began = performance.now();
  const reports = await allAtOnce((_, number) => prepared[number] ?? []);
  const seconds = (performance.now() - began) / 1000;
  assert.equal(failures(reports), []);
  assert.equal(outcomes(reports), { uploaded: 1, reused: 49 });
  const { connections } = await host.counts();
  process.stdout.write(
    `50 clients: ${seconds.toFixed(1)} s, ${connections} connections, ${memory(reports)} for 25 each\n`,
  );
  await nothingLeft(host, before, 15);
});

test("ten clients with one changed file each and a base in common send only that", async () => {
  const tree = makeTree(8_000_000);
  const [first] = machines;
  assert.ok(first);
  const [cwd = ""] = makeClients(first, tree, "base", 1);
  assert.equal(outcomes([await first.publish([{ cwd, repair: false, rounds: "once" as const }])]), {
    uploaded: 1,
  });
  const prepared = machines.map((machine, number) => {
    const places = makeClients(machine, tree, "changed", 5);
    places.forEach((place, client) => {
      writeFiles(place.replace(machine.inside, machine.outside), { edited: `changed ${number} ${client}` });
    });
    return places.map((place) => ({ cwd: place, repair: false, rounds: "once" as const }));
  });
  const reports = await allAtOnce((_, number) => prepared[number] ?? []);
  assert.equal(failures(reports), []);
  assert.equal(outcomes(reports), { uploaded: 10 });
  const most = Math.max(...reports.flatMap(({ published }) => published.map(({ bytesSent }) => bytesSent)));
  assert.ok(most < 80_000, `${most} bytes of 8,000,000 were sent`);
  await verifySnapshots(join(host.rootDir, workDir()));
});

/**
 * On the host, until `storm` is gone: damages a snapshot, leaves dead staging directories, makes live ones look old.
 * One that looks old may be moved into place just then; its time is set back in the end.
 */
function damage(victim: string): Promise<unknown> {
  return host.exec(
    `cd ${workDir()}; n=0; while [ -e /run/storm ]; do
      n=$((n + 1))
      case $((n % 10)) in
      2) rm -f snapshots/${victim}/pikaci-snapshot.json ;;
      7) rm -f snapshots/${victim}/snapshot/src/1 ;;
      esac
      dead=tmp/snapshots-$(printf %064d $n).deadbeef; mkdir $dead && touch -d '2 days ago' $dead
      for d in tmp/*; do { flock -n 8 || touch -c -d '2 days ago' "$d"; } 8<"$d"; done
      sleep 0.2
    done 2>/dev/null
    touch -c -d @${PUBLISHED_TIME} snapshots/*`,
    { user: host.user },
  );
}

test("publishers, --repair and the sweep at once: nothing is torn, and all is mended in the end", async () => {
  const [tree, wronged] = [makeTree(2_000_000), makeTree(1_000_000)];
  const { contentHash } = await hashTree(wronged, makeContext());
  const prepared = machines.map((machine) => [
    ...makeClients(machine, tree, "storm", 5).map((cwd) => ({ cwd, repair: false, rounds: STORM_ROUNDS })),
    ...makeClients(machine, wronged, "mended", 1).map((cwd) => ({
      cwd,
      repair: true,
      rounds: STORM_ROUNDS,
    })),
  ]);
  await host.exec(": >/run/storm");
  const damaging = damage(contentHash);
  const reports = await allAtOnce((_, number) => prepared[number] ?? []);
  await host.exec("rm /run/storm");
  await damaging;
  assert.equal(failures(reports), []);
  const counts = outcomes(reports);
  process.stdout.write(`storm: ${JSON.stringify(counts)}, ${memory(reports)}\n`);
  assert.ok((counts.uploaded ?? 0) >= 7 && (counts.reused ?? 0) > 0);
  await host.exec(`rm -f ${workDir()}/snapshots/${contentHash}/snapshot/src/1`);
  const mend = (prepared[0] ?? [])
    .filter(({ repair }) => repair)
    .map((task) => ({ ...task, rounds: "once" as const }));
  const mended = await Promise.all(machines.slice(0, 1).map((machine) => machine.publish(mend)));
  assert.equal([failures(mended), outcomes(mended)], [[], { repaired: 1 }]);
  await sleep(1000);
  const { stdout } = await host.exec(`cd ${workDir()} && ls -d tmp/snapshots-* 2>/dev/null`);
  assert.is(stdout, "");
});

test("every snapshot is what its name says", () => verifyHost(host));

test.run();
