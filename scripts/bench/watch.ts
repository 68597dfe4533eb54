import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type LabHost, openLab } from "../../test/lab/lab.ts";
import { buildClient } from "../suites/client.ts";
import { load, median } from "./median.ts";
import { change, makeTree, type TreeShape } from "./trees.ts";

export interface WatchOptions {
  readonly files: number;
  readonly repeat: number;
  /** Milliseconds of each round trip. */
  readonly delay: number;
}

/** Milliseconds between an event and the save of the file, by its name. */
type Moments = Readonly<Record<string, number>>;

/** After a run has ended, its host still clears up; people do not save twice in this time either. */
const PAUSE_MS = 2_000;

/** From a saved file to the first output of its job: `pikaci watch` beside the same by hand, in turn. */
export async function benchWatch({ files, repeat, delay }: WatchOptions): Promise<void> {
  const cli = await buildClient();
  const lab = await openLab(["single"], { diskSize: "8g" });
  const [root = "", other = "", own = ""] = ["tree", "other", "own"].map((name) =>
    mkdtempSync(join(tmpdir(), `pikaci-bench-${name}-`)),
  );
  const shape = { name: "watch", files, bytesEach: 1_500, perDirectory: 20 };
  try {
    await lab.single.delay(delay);
    prepare(lab.single, shape, root, own);
    makeTree(other, shape);
    const env = environment(own, lab.sshOptions);
    const watch = await Watching.start(cli, root, env);
    // Nobody watches the tree of the other ways.
    const hand = { host: lab.single, root: other, env, save: () => void change(other, shape, "one file") };
    const ways = {
      "pikaci watch": () => watch.moments(() => void change(root, shape, "one file")),
      "rsync + ssh + bwrap": () => byHand({ ...hand, sshOptions: lab.sshOptions }),
      "the same over an open master": () => byHand({ ...hand, sshOptions: mastered(lab.sshOptions, own) }),
    };
    const taken: Record<string, Moments[]> = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
    for (let round = 0; round <= repeat; round += 1)
      for (const [name, way] of Object.entries(ways)) {
        await sleep(PAUSE_MS);
        const moments = await way();
        // The first round warms up what keeps something: the master, the work dir, the compiled programs.
        if (round > 0) taken[name]?.push(moments);
      }
    await watch.stop();
    report(taken, `save to first output, ${files} files, ${delay} ms: medians of ${repeat} (load ${load()})`);
  } finally {
    for (const directory of [root, other, own]) rmSync(directory, { recursive: true, force: true });
    await lab.stop();
  }
}

function prepare(host: LabHost, shape: TreeShape, root: string, own: string): void {
  makeTree(root, shape);
  mkdirSync(join(own, "cache"));
  symlinkSync(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nix"), join(own, "cache/nix"));
  const hosts = { there: { url: host.url, workDir: `${host.homeDir}/work` } };
  const jobs = { hello: { command: "echo hi", runner: "sandbox" } };
  writeFileSync(join(root, "pikaci.config.json"), JSON.stringify({ host: "there", hosts, jobs }));
}

function environment(own: string, sshOptions: string): NodeJS.ProcessEnv {
  const places = { XDG_CACHE_HOME: join(own, "cache"), XDG_STATE_HOME: join(own, "state") };
  return { ...process.env, ...places, NIX_SSHOPTS: sshOptions, CI: "" };
}

/** A `pikaci watch` whose events are read. */
class Watching {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #listeners = new Set<(event: { type: string; stage?: string; phase?: string }) => void>();
  #runs = 0;

  private constructor(cli: string, root: string, env: NodeJS.ProcessEnv) {
    const words = [cli, "watch", "--quiet", "--events", "-"];
    this.#child = spawn(process.execPath, words, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stderr.resume();
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const event = JSON.parse(line);
      if (event.type === "run-finished") this.#runs += 1;
      for (const listener of this.#listeners) listener(event);
    });
  }

  /** Returns once the first run is over. */
  static async start(cli: string, root: string, env: NodeJS.ProcessEnv): Promise<Watching> {
    const watching = new Watching(cli, root, env);
    while (watching.#runs === 0) await sleep(50);
    return watching;
  }

  /** Saves, and waits for the end of the run that follows. */
  async moments(save: () => void): Promise<Moments> {
    const moments: Record<string, number> = {};
    const before = this.#runs;
    const saved = performance.now();
    const listener = ({ type, stage, phase }: { type: string; stage?: string; phase?: string }) => {
      moments[[type, stage ?? phase].filter((word) => word !== undefined).join(" ")] ??=
        performance.now() - saved;
    };
    this.#listeners.add(listener);
    save();
    while (this.#runs === before) await sleep(5);
    this.#listeners.delete(listener);
    return {
      ...moments,
      output: moments["job-log"] ?? Number.NaN,
      verdict: moments["run-finished"] ?? Number.NaN,
    };
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGINT");
    await once(this.#child, "exit");
  }
}

/** Further commands find the connection that the first one opened; it ends by itself. */
function mastered(sshOptions: string, own: string): string {
  return `${sshOptions} -o ControlMaster=auto -o ControlPath=${join(own, "m")} -o ControlPersist=30`;
}

interface Hand {
  readonly host: LabHost;
  readonly sshOptions: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly save: () => void;
}

/** As people type it: the tree in place, then the command in a sandbox. */
async function byHand({ host, sshOptions, root, env, save }: Hand): Promise<Moments> {
  const to = `${host.user}@${host.address}`;
  const sandbox =
    "bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc --chdir /root/bench sh -c 'echo hi'";
  const send = `rsync -a --delete --exclude=/.git --exclude=/.pikaci -e 'ssh ${sshOptions}' ./ ${to}:/root/bench/`;
  save();
  const saved = performance.now();
  const child = spawn("sh", ["-c", `${send} && ssh ${sshOptions} ${to} "${sandbox}"`], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = Number.NaN;
  child.stdout.once("data", () => {
    output = performance.now() - saved;
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`by hand ended with ${code}`);
  return { output, verdict: performance.now() - saved };
}

function report(taken: Readonly<Record<string, readonly Moments[]>>, title: string): void {
  const middle = (name: string, moment: string) =>
    median((taken[name] ?? []).map((moments) => moments[moment] ?? Number.NaN));
  const rows = Object.keys(taken).map((way) => ({
    way,
    "output ms": Math.round(middle(way, "output")),
    "verdict ms": Math.round(middle(way, "verdict")),
    "pikaci is × of it": Number((middle("pikaci watch", "output") / middle(way, "output")).toFixed(2)),
  }));
  console.log(`\n${title}`);
  console.table(rows);
  const [first] = taken["pikaci watch"] ?? [];
  const phases = Object.keys(first ?? {}).map((moment) => [
    moment,
    Math.round(middle("pikaci watch", moment)),
  ]);
  console.log("pikaci watch, milliseconds after the save:", Object.fromEntries(phases));
}
