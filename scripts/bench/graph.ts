import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type LabHost, openLab } from "../../test/lab/lab.ts";
import { buildClient } from "../suites/client.ts";
import { cpuOf, load, median } from "./median.ts";
import { buildCommit } from "./older-build.ts";

interface GraphOptions {
  readonly jobs: number;
  readonly layers: number;
  readonly repeat: number;
  /** A commit whose build runs the independent jobs, too. */
  readonly base: string | null;
}

/** A build, a host of the configuration and a target: what a row of the table is about. */
interface Way {
  readonly build: string;
  readonly cli: string;
  readonly on: string;
  readonly target: string;
  readonly config: string;
}

interface Measured {
  readonly wall: number;
  /** Processor seconds of the client and all that it started here: on `local` the host's, too. */
  readonly cpu: number;
  /** Most resident MB of the client alone. */
  readonly memory: number;
  /** Remote commands and connections. */
  readonly commands: number;
  readonly connections: number;
}

/** So many `true` jobs, independent and in layers that each need a job of the one before; builds take turns. */
export async function benchGraph({ jobs, layers, repeat, base }: GraphOptions): Promise<void> {
  const cli = await buildClient();
  const older = base === null ? null : buildCommit(base);
  const lab = await openLab(["single"]);
  const [root = "", own = ""] = ["tree", "own"].map((name) =>
    mkdtempSync(join(tmpdir(), `pikaci-bench-${name}-`)),
  );
  try {
    symlinkCache(own);
    writeFileSync(join(root, "file"), "content\n");
    const ways = ["here", "there"].flatMap((on) => [
      ...(older === null
        ? []
        : [{ build: base ?? "", cli: older.cli, on, target: "alone", config: "older.json" }]),
      { build: "this", cli, on, target: "alone", config: "pikaci.config.json" },
      { build: "this", cli, on, target: "layered", config: "pikaci.config.json" },
    ]);
    for (const [prefix, config] of [
      ["", "pikaci.config.json"],
      ["older-", "older.json"],
    ] as const)
      writeFileSync(
        join(root, config),
        JSON.stringify(configOf({ prefix, own, host: lab.single, jobs, layers: prefix === "" ? layers : 0 })),
      );
    const env = {
      ...process.env,
      ...{ XDG_CACHE_HOME: join(own, "cache"), XDG_STATE_HOME: join(own, "state") },
      ...{ NIX_SSHOPTS: lab.sshOptions, CI: "" },
    };
    const measure = (way: Way) => measureOnce(way, { root, env, host: lab.single });
    for (const way of ways) await measure(way);
    const taken = ways.map((way) => ({ way, rounds: [] as Measured[] }));
    for (let round = 0; round < repeat; round++)
      for (const { way, rounds } of taken) rounds.push(await measure(way));
    console.log(
      `\n${jobs} jobs \`true\`, independent and in ${layers} layers: medians of ${repeat} (load ${load()})`,
    );
    console.table(taken.map(({ way, rounds }) => figures(way, rounds, taken, jobs)));
  } finally {
    for (const directory of [root, own]) rmSync(directory, { recursive: true, force: true });
    older?.remove();
    await lab.stop();
  }
}

function symlinkCache(own: string): void {
  mkdirSync(join(own, "cache"));
  symlinkSync(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nix"), join(own, "cache/nix"));
}

/** A work dir for each build: another version may lay out its own anew. */
function configOf({
  prefix,
  own,
  host,
  jobs,
  layers,
}: {
  readonly prefix: string;
  readonly own: string;
  readonly host: LabHost;
  readonly jobs: number;
  /** None: the build knows no needs. */
  readonly layers: number;
}): object {
  const names = (kind: string) => Array.from({ length: jobs }, (_, index) => `${kind}${index}`);
  const inLayer = layers === 0 ? jobs : Math.ceil(jobs / layers);
  const needOf = (index: number) => (index < inLayer ? [] : [`l${index - inLayer}`]);
  const alone = names("a").map((name) => [name, { command: "true" }] as const);
  const layered = names("l").map((name, index) => [name, { command: "true", needs: needOf(index) }] as const);
  return {
    host: "here",
    hosts: {
      here: { url: "local", workDir: join(own, `${prefix}work`) },
      there: { url: host.url, workDir: `${host.homeDir}/${prefix}work` },
    },
    jobs: Object.fromEntries([...alone, ...(layers === 0 ? [] : layered)]),
    targets: {
      alone: { jobs: names("a") },
      ...(layers === 0 ? {} : { layered: { jobs: names("l") } }),
    },
    defaultTarget: "alone",
  };
}

async function measureOnce(
  { cli, on, target, config }: Way,
  { root, env, host }: { readonly root: string; readonly env: NodeJS.ProcessEnv; readonly host: LabHost },
): Promise<Measured> {
  const before = await host.counts();
  const started = performance.now();
  const words = [cli, "run", target, "--no-cache", "-q", "--on", on, "--config", join(root, config)];
  const script = '"$@" >/dev/null; code=$?; times; exit "$code"';
  const child = spawn("sh", ["-c", script, "sh", process.execPath, ...words], {
    ...{ cwd: root, env, stdio: ["ignore", "pipe", "pipe"] },
  });
  let said = "";
  let errors = "";
  child.stdout.on("data", (part: Buffer) => (said += part.toString()));
  child.stderr.on("data", (part: Buffer) => (errors += part.toString()));
  let memory = 0;
  const timer = setInterval(() => {
    memory = Math.max(memory, peakOf(child.pid ?? 0));
  }, 20);
  const [code] = await once(child, "close");
  clearInterval(timer);
  const wall = performance.now() - started;
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${errors.slice(-2000)}`);
  const after = await host.counts();
  return {
    wall,
    cpu: cpuOf(said) / 1000,
    memory,
    commands: after.commands - before.commands,
    connections: after.connections - before.connections,
  };
}

/** Most resident MB so far of the only child of a process. */
function peakOf(pid: number): number {
  try {
    const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child}/status`, "utf8"));
    return Number(line?.[1] ?? "0") / 1024;
  } catch {
    return 0; // it has ended
  }
}

function figures(
  way: Way,
  rounds: readonly Measured[],
  all: readonly { readonly way: Way; readonly rounds: readonly Measured[] }[],
  jobs: number,
): object {
  const of = (list: readonly Measured[], what: keyof Measured) => median(list.map((one) => one[what]));
  const first = all.find((one) => one.way.on === way.on)?.rounds ?? rounds;
  return {
    ...{ build: way.build, host: way.on, jobs: way.target },
    "wall s": (of(rounds, "wall") / 1000).toFixed(1),
    "cpu s": of(rounds, "cpu").toFixed(1),
    "cpu ms a job": Math.round((of(rounds, "cpu") * 1000) / jobs),
    "wall, first = 1": (of(rounds, "wall") / of(first, "wall")).toFixed(2),
    "cpu, first = 1": (of(rounds, "cpu") / of(first, "cpu")).toFixed(2),
    "client MB": Math.round(of(rounds, "memory")),
    commands: of(rounds, "commands"),
    connections: of(rounds, "connections"),
  };
}
