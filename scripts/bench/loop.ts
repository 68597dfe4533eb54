import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LabHost, openLab } from "../../test/lab/lab.ts";
import { startedOnHost } from "../../test/lab/leftovers.ts";
import { spawnedByHost, underSpawnTrace } from "../../test/spawned.ts";
import { buildClient } from "../suites/client.ts";
import { load, median } from "./median.ts";
import { buildCommit } from "./older-build.ts";
import { change, makeTree, type TreeShape } from "./trees.ts";
import { wireBytes } from "./wire.ts";

export interface LoopOptions {
  readonly files: number;
  readonly repeat: number;
  /** A commit whose build is measured beside this one. */
  readonly base: string | null;
}

interface Bench {
  readonly host: LabHost;
  /** What runs on the host all the time. */
  readonly idle: ReadonlySet<number>;
  readonly shape: TreeShape;
  readonly root: string;
  readonly own: string;
  readonly sshOptions: string;
}

/** A way from a tree to a verdict: the words of a command in the tree. */
interface Way {
  readonly name: string;
  readonly words: readonly string[];
}

interface Measured {
  /** Milliseconds until the command has exited, and until nothing that it started runs here or on the host. */
  readonly exit: number;
  readonly all: number;
}

/** In the environment of what is measured, to see when all of it has ended. */
const MARK = "PIKACI_BENCH_ROW";

/** Edit to verdict over ssh and on this machine; every way once a round, in turn, so that other load meets all alike. */
export async function benchLoop({ files, repeat, base }: LoopOptions): Promise<void> {
  const cli = await buildClient();
  const older = base === null ? null : buildCommit(base);
  const lab = await openLab(["single"], { diskSize: "8g" });
  const [root = "", own = ""] = ["tree", "own"].map((name) =>
    mkdtempSync(join(tmpdir(), `pikaci-bench-${name}-`)),
  );
  const shape = { name: "loop", files, bytesEach: 1_500, perDirectory: 20 };
  const idle = new Set((await startedOnHost(lab.single)).map(({ pid }) => pid));
  const bench = { host: lab.single, idle, shape, root, own, sshOptions: lab.sshOptions };
  const builds = [
    { name: "pikaci", cli, prefix: "" },
    ...(older === null ? [] : [{ name: `pikaci ${base}`, cli: older.cli, prefix: "older-" }]),
  ];
  try {
    prepare(bench);
    const ways = (on: string) =>
      builds.map(({ name, cli: program, prefix }) => client(name, program, `${prefix}${on}`));
    const overSsh = [...ways("there"), byHand(bench)];
    for (const way of [...overSsh, ...ways("here")]) await measure(bench, way);
    for (const edits of [true, false]) {
      await compare(bench, `over ssh, ${words(edits)}`, overSsh, edits, repeat);
      await compare(bench, `local, ${words(edits)}`, ways("here"), edits, repeat);
    }
  } finally {
    for (const directory of [root, own]) rmSync(directory, { recursive: true, force: true });
    older?.remove();
    await lab.stop();
  }
}

const words = (edits: boolean) => (edits ? "one file edited" : "unchanged");

function prepare({ host, shape, root, own }: Bench): void {
  makeTree(root, shape);
  mkdirSync(join(own, "cache"));
  symlinkSync(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nix"), join(own, "cache/nix"));
  // A work dir for each build: another version may lay out its own anew.
  const hosts = {
    there: { url: host.url, workDir: `${host.homeDir}/work` },
    "older-there": { url: host.url, workDir: `${host.homeDir}/older-work` },
    here: { url: "local", workDir: join(own, "work") },
    "older-here": { url: "local", workDir: join(own, "older-work") },
  };
  const jobs = { hello: { command: "echo hi", runner: "sandbox" } };
  writeFileSync(join(root, "pikaci.config.json"), JSON.stringify({ host: "there", hosts, jobs }));
}

function client(name: string, cli: string, on: string): Way {
  return { name, words: [process.execPath, cli, "run", "--no-cache", "-q", "--on", on] };
}

/** Two connections, as people type it: the tree in place, then the command in a sandbox. */
function byHand({ host, sshOptions }: Bench): Way {
  const to = `${host.user}@${host.address}`;
  const sandbox =
    "bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc --chdir /root/bench sh -c 'echo hi'";
  const send = `rsync -a --delete --exclude=/.git --exclude=/.pikaci -e 'ssh ${sshOptions}' ./ ${to}:/root/bench/`;
  return {
    name: "rsync + ssh + bwrap",
    words: ["sh", "-c", `${send} && ssh ${sshOptions} ${to} "${sandbox}"`],
  };
}

async function measure(bench: Bench, way: Way, under: readonly string[] = []): Promise<Measured> {
  const { host, idle, root, own, sshOptions } = bench;
  const places = { XDG_CACHE_HOME: join(own, "cache"), XDG_STATE_HOME: join(own, "state") };
  const env = { ...process.env, ...places, NIX_SSHOPTS: sshOptions, CI: "", [MARK]: "yes" };
  const [program = "", ...args] = [...under, ...way.words];
  const started = performance.now();
  const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (part: Buffer) => {
    said += part.toString();
  });
  const [code] = await once(child, "exit");
  const exit = performance.now() - started;
  if (code !== 0) throw new Error(`${way.name} ended with ${code}: ${said}`);
  while (runsHere() || (await startedOnHost(host)).some(({ pid }) => !idle.has(pid))) await sleep(5);
  return { exit, all: performance.now() - started };
}

function runsHere(): boolean {
  return readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && isMarked(pid));
}

function isMarked(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`${MARK}=yes`);
  } catch {
    return false;
  }
}

async function compare(
  bench: Bench,
  title: string,
  ways: readonly Way[],
  edits: boolean,
  repeat: number,
): Promise<void> {
  const taken = ways.map((): Measured[] => []);
  const wire = ways.map((): number[] => []);
  const counts = ways.map(() => ({ commands: 0, connections: 0 }));
  for (let round = 0; round < repeat; round += 1) {
    for (const [index, way] of ways.entries()) {
      if (edits) change(bench.root, bench.shape, "one file");
      await bench.host.resetCounts();
      const before = await onTheWire(bench.host);
      taken[index]?.push(await measure(bench, way));
      wire[index]?.push((await onTheWire(bench.host)) - before);
      counts[index] = await bench.host.counts();
    }
  }
  const middle = (index: number, of: keyof Measured) => median((taken[index] ?? []).map((one) => one[of]));
  const rows = [];
  for (const [index, way] of ways.entries()) {
    if (edits) change(bench.root, bench.shape, "one file");
    const times = {
      way: way.name,
      "exit ms": Math.round(middle(index, "exit")),
      "all ms": Math.round(middle(index, "all")),
      "pikaci is × of it": Number((middle(0, "all") / middle(index, "all")).toFixed(2)),
    };
    const network = { ...counts[index], "kB on the wire": Math.round(median(wire[index] ?? []) / 1000) };
    rows.push({ ...times, ...(title.startsWith("local") ? await processes(bench, way) : network) });
  }
  console.log(`\n${title}, ${bench.shape.files} files: medians of ${repeat} (load ${load()})`);
  console.table(rows);
}

/** Of one more run, which is traced. */
async function processes(bench: Bench, way: Way): Promise<object> {
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
