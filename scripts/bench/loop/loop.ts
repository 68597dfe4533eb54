import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LabHost, openLab } from "../../../test/lab/lab.ts";
import { spawnedByHost, underSpawnTrace } from "../../../test/spawned.ts";
import { buildClient } from "../../suites/client.ts";
import { load, median } from "../median.ts";
import { buildCommit } from "../older-build.ts";
import { change, makeTree, type TreeShape } from "../trees.ts";
import { wireBytes } from "../wire.ts";
import { idleOn, type Measured, untilCopied, untilEnded } from "./ended.ts";
import { momentsOf } from "./phases.ts";
import { byHand, client, type Way, withoutCopy } from "./ways.ts";

export interface LoopOptions {
  readonly files: number;
  readonly repeat: number;
  /** A commit whose build is measured beside this one. */
  readonly base: string | null;
  /** Milliseconds that each round trip to the host takes longer; all rows over ssh once for each. */
  readonly delays: readonly number[];
}

interface Bench {
  readonly host: LabHost;
  readonly idle: ReadonlySet<number>;
  readonly shape: TreeShape;
  readonly root: string;
  readonly own: string;
  readonly sshOptions: string;
}

/** Ways that are compared with each other. */
interface Comparison {
  readonly title: string;
  readonly ways: readonly Way[];
  /** A file is edited before each. */
  readonly edits: boolean;
  /** A figure that another kind of row has no use for: what went over the network, or the processes of a traced run. */
  readonly extra: "network" | "processes";
}

interface Row {
  readonly way: Way;
  readonly taken: Measured[];
  readonly bytes: number[];
  counts: object;
  moments: Readonly<Record<string, number>>;
}

/** Files from which on a host makes copies ahead; src/remote/copy-ahead.ts. */
const LARGE = 20_000;

/** Edit to verdict over ssh and on this machine; every way once a round, in turn, so that other load meets all alike. */
export async function benchLoop({ files, repeat, base, delays }: LoopOptions): Promise<void> {
  const cli = await buildClient();
  const older = base === null ? null : buildCommit(base);
  const lab = await openLab(["single"], { diskSize: files > 10_000 ? "14g" : "8g" });
  const [root = "", own = ""] = ["tree", "own"].map((name) =>
    mkdtempSync(join(tmpdir(), `pikaci-bench-${name}-`)),
  );
  const shape = { name: "loop", files, bytesEach: 1_500, perDirectory: files > 10_000 ? 100 : 20 };
  const idle = await idleOn(lab.single);
  const bench = { host: lab.single, idle, shape, root, own, sshOptions: lab.sshOptions };
  const builds = [
    { name: "pikaci", cli, prefix: "" },
    ...(older === null ? [] : [{ name: `pikaci ${base}`, cli: older.cli, prefix: "older-" }]),
  ];
  const ways = (on: string) =>
    builds.map(({ name, cli: program, prefix }) => client(name, program, `${prefix}${on}`));
  try {
    prepare(bench);
    const more = files >= LARGE ? withoutCopy(cli) : [];
    const [overSsh, local] = [[...ways("there"), ...more, ...byHand(bench)], ways("here")];
    for (const way of [...overSsh, ...local]) await measure(bench, way);
    for (const comparison of comparisonsOf(overSsh, local, delays)) {
      await lab.single.delay(comparison.delay);
      await compare(bench, comparison, repeat);
    }
    if (files >= LARGE) await tellCopy(bench);
  } finally {
    for (const directory of [root, own]) rmSync(directory, { recursive: true, force: true });
    older?.remove();
    await lab.stop();
  }
}

function comparisonsOf(
  overSsh: readonly Way[],
  local: readonly Way[],
  delays: readonly number[],
): (Comparison & { readonly delay: number })[] {
  const kinds = [
    { what: "one file edited", edits: true },
    { what: "unchanged", edits: false },
  ];
  const there = delays.flatMap((delay) =>
    kinds.map(({ what, edits }) => {
      const title = `over ssh, ${delay} ms a round trip, ${what}`;
      return { title, ways: overSsh, edits, delay, extra: "network" as const };
    }),
  );
  const here = kinds.map(({ what, edits }) => {
    return { title: `local, ${what}`, ways: local, edits, delay: 0, extra: "processes" as const };
  });
  return [...there, ...here];
}

function prepare({ host, shape, root, own }: Bench): void {
  makeTree(root, shape);
  for (const cache of ["cache", "foreign-cache"]) {
    mkdirSync(join(own, cache));
    symlinkSync(
      join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nix"),
      join(own, cache, "nix"),
    );
  }
  // A work dir for each build: another version may lay out its own anew.
  const hosts = {
    there: { url: host.url, workDir: `${host.homeDir}/work` },
    "plain-there": { url: host.url, workDir: `${host.homeDir}/plain-work` },
    "older-there": { url: host.url, workDir: `${host.homeDir}/older-work` },
    here: { url: "local", workDir: join(own, "work") },
    "older-here": { url: "local", workDir: join(own, "older-work") },
  };
  const jobs = { hello: { command: "echo hi", runner: "sandbox" } };
  writeFileSync(join(root, "pikaci.config.json"), JSON.stringify({ host: "there", hosts, jobs }));
}

async function measure(bench: Bench, way: Way, under: readonly string[] = []): Promise<Measured> {
  const { host, root, own } = bench;
  if (way.before !== null) await host.exec(way.before);
  await untilCopied(host);
  if (way.first !== undefined) await runFirst(bench, way);
  return untilEnded(
    [...under, ...way.words],
    { cwd: root, env: envOf(bench, way, join(own, "cache")) },
    bench,
  );
}

async function runFirst(bench: Bench, way: Way): Promise<void> {
  const { root, own, shape, host } = bench;
  const isForeign = way.first === "foreign";
  const env = envOf(bench, way, join(own, isForeign ? "foreign-cache" : "cache"));
  const takeBack = change(root, shape, "one file");
  await untilEnded(way.words, { cwd: root, env }, bench);
  if (isForeign) takeBack();
  else await sleep(1000);
  change(root, shape, "one file");
  if (isForeign) await untilCopied(host);
}

function envOf({ own, sshOptions }: Bench, way: Way, cache: string): NodeJS.ProcessEnv {
  const places = { XDG_CACHE_HOME: cache, XDG_STATE_HOME: join(own, "state") };
  return { ...process.env, ...places, NIX_SSHOPTS: sshOptions, CI: "", ...way.env };
}

/** What making one copy takes, and what it is made of. */
async function tellCopy({ host }: Bench): Promise<void> {
  await untilCopied(host);
  const { stdout } =
    await host.exec(`cd ${host.homeDir}/work/ahead && cd * && sh -c 'cp -al snapshot again; times' &&
    find snapshot -type d | wc -l && rm -rf again`);
  const [, cpu = "", inodes = ""] = stdout.split("\n");
  console.log(`\na copy made ahead: processor time ${cpu} (user, system), ${inodes} inodes`);
}

async function compare(bench: Bench, comparison: Comparison, repeat: number): Promise<void> {
  const rows = comparison.ways.map((way): Row => ({ way, taken: [], bytes: [], counts: {}, moments: {} }));
  // What the ways before these left edited is sent here, unmeasured.
  if (!comparison.edits) for (const { way } of rows) await measure(bench, way);
  for (let round = 0; round < repeat; round += 1)
    for (const row of rows) await measureOnce(bench, row, comparison.edits);
  if (comparison.extra === "processes")
    for (const row of rows) row.counts = await processes(bench, row.way, comparison.edits);
  console.log(`\n${comparison.title}, ${bench.shape.files} files: medians of ${repeat} (load ${load()})`);
  console.table(rows.map((row) => figures(row, rows[0], comparison.extra)));
  console.log("milliseconds from the start of the last run to the end of each part");
  const recorded = rows.filter(({ way }) => way.recorded);
  console.table(Object.fromEntries(recorded.map(({ way, moments }) => [way.name, moments])));
}

async function measureOnce(bench: Bench, row: Row, edits: boolean): Promise<void> {
  if (edits) change(bench.root, bench.shape, "one file");
  await bench.host.resetCounts();
  const before = await onTheWire(bench.host);
  const measured = await measure(bench, row.way);
  row.taken.push(measured);
  row.bytes.push((await onTheWire(bench.host)) - before);
  row.counts = await bench.host.counts();
  if (row.way.recorded) row.moments = momentsOf(bench.root, measured);
}

const middle = ({ taken }: Row, of: "exit" | "all") => median(taken.map((one) => one[of]));

/** `first`: the row that every other is compared with. */
function figures(row: Row, first: Row | undefined, extra: Comparison["extra"]): object {
  const ratio = first === undefined ? Number.NaN : middle(first, "all") / middle(row, "all");
  return {
    way: row.way.name,
    "exit ms": Math.round(middle(row, "exit")),
    "all ms": Math.round(middle(row, "all")),
    "pikaci is × of it": Number(ratio.toFixed(2)),
    ...row.counts,
    ...(extra === "network" ? { "kB on the wire": Math.round(median(row.bytes) / 1000) } : {}),
  };
}

/** Of one more run, which is traced. */
async function processes(bench: Bench, way: Way, edits: boolean): Promise<object> {
  if (edits) change(bench.root, bench.shape, "one file");
  const file = join(bench.own, "trace");
  await measure(bench, way, underSpawnTrace(file));
  const { forks, waiting, programs } = spawnedByHost(file);
  return { forks: forks - waiting, waiting, execs: programs.reduce((sum, [, times]) => sum + times, 0) };
}

/** Bytes that went over the host's network both ways, headers included. */
async function onTheWire(host: LabHost): Promise<number> {
  const { stdout } = await host.exec("cat /proc/net/dev");
  return wireBytes(stdout);
}
