import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabHost, openLab } from "../../test/lab/lab.ts";
import { buildClient } from "../suites/client.ts";
import { median } from "./median.ts";
import { CASES, type Case, change, makeTree, shapes, type TreeShape } from "./trees.ts";
import { wireBytes } from "./wire.ts";

export interface PublicationOptions {
  readonly trees: readonly string[];
  readonly cases: readonly string[];
  readonly delays: readonly number[];
  readonly repeat: number;
}

interface Bench {
  /** The bundled command line. */
  readonly cli: string;
  readonly host: LabHost;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly ssh: readonly string[];
}

/** A way to bring a tree to a host; `reset` forgets all, so that the next one is cold. */
interface Tool {
  readonly name: string;
  send(bench: Bench): void;
  reset(bench: Bench): Promise<void>;
  /** What is not timed and comes before each send that follows another. */
  between?(bench: Bench): Promise<void>;
}

function sh(bench: Bench, script: string): void {
  execFileSync("sh", ["-c", script], {
    cwd: bench.root,
    env: bench.env,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

function publish(bench: Bench): void {
  const words = ["publish", "--on", bench.host.url, "-C", bench.root];
  execFileSync(process.execPath, [bench.cli, ...words], {
    env: bench.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

function remoteTool(name: string, command: (bench: Bench) => string): Tool {
  return {
    name,
    send: (bench) => sh(bench, command(bench)),
    reset: async ({ host }) =>
      void (await host.exec("rm -rf /root/bench && mkdir -p /root/bench/prev /root/bench/new")),
  };
}

const ssh = ({ ssh: words }: Bench) => `ssh ${words.join(" ")}`;
const rsync = (bench: Bench, options: string, to: string) =>
  `rsync -a --delete --exclude=/.git --exclude=/.pikaci ${options} -e '${ssh(bench)}' ./ ${bench.host.user}@${bench.host.address}:/root/bench/${to}/`;

const pikaci: Tool = {
  name: "pikaci publish",
  send: publish,
  reset: async ({ host, root }) => {
    rmSync(join(root, ".pikaci"), { recursive: true, force: true });
    await host.exec(`rm -rf ${host.homeDir}/.local/state/pikaci`);
  },
};

/** What the others send, as a store path of this machine. */
const WHOLE_TREE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Nix's
  '"${builtins.path { path = ./.; name = "tree"; filter = p: _: !(builtins.elem p [ (toString ./.git) (toString ./.pikaci) ]); }}"';

const TOOLS: readonly Tool[] = [
  pikaci,
  {
    ...pikaci,
    name: "pikaci, no memory",
    between: async ({ root }) => rmSync(join(root, ".pikaci"), { recursive: true, force: true }),
  },
  {
    ...remoteTool("rsync --link-dest", (bench) => rsync(bench, "--link-dest=/root/bench/prev", "new")),
    between: async ({ host }) =>
      void (await host.exec("cd /root/bench && rm -rf prev && mv new prev && mkdir new")),
  },
  remoteTool("rsync in place", (bench) => rsync(bench, "", "new")),
  remoteTool(
    "tar | ssh",
    (bench) =>
      `tar -cf - --exclude=./.git --exclude=./.pikaci . | ${ssh(bench)} ${bench.host.user}@${bench.host.address} 'rm -rf bench/new; mkdir bench/new; tar -xf - -C bench/new'`,
  ),
  {
    name: "nix copy",
    send: (bench) =>
      sh(
        bench,
        `p=$(nix-instantiate --eval --read-write-mode -E '${WHOLE_TREE}' | tr -d '"') && nix copy --to ssh://${bench.host.user}@${bench.host.address} "$p"`,
      ),
    reset: async ({ host }) => void (await host.exec("nix-store --gc --quiet")),
  },
];

interface Measured {
  readonly seconds: number;
  readonly bytes: number;
}

/** Every tool on the same tree, the same change and the same link; medians, and ratios to pikaci's. */
export async function benchPublication(options: PublicationOptions): Promise<void> {
  const cli = await buildClient();
  const lab = await openLab(["single"], { diskSize: "14g" });
  try {
    for (const shape of shapes.filter(({ name }) => options.trees.includes(name)))
      await benchTree(cli, lab.single, lab.sshOptions, shape, options);
  } finally {
    await lab.stop();
  }
}

async function benchTree(
  cli: string,
  host: LabHost,
  sshOptions: string,
  shape: TreeShape,
  options: PublicationOptions,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "pikaci-bench-"));
  makeTree(root, shape);
  const env = {
    ...process.env,
    NIX_SSHOPTS: sshOptions,
    NIX_CONFIG: "experimental-features = nix-command flakes\nbuild-users-group =",
  };
  const bench = { cli, host, root, env, ssh: sshOptions.split(" ") };
  try {
    for (const delay of options.delays) {
      await host.delay(delay);
      for (const kind of CASES.filter((name) => options.cases.includes(name)))
        await benchCase(bench, shape, kind, delay, options.repeat);
    }
  } finally {
    await host.delay(0);
    rmSync(root, { recursive: true, force: true });
  }
}

async function benchCase(
  bench: Bench,
  shape: TreeShape,
  kind: Case,
  delay: number,
  repeat: number,
): Promise<void> {
  const rows = [];
  for (const tool of TOOLS) {
    const runs: Measured[] = [];
    await tool.reset(bench);
    if (kind !== "cold") tool.send(bench);
    for (let run = 0; run < repeat; run += 1) {
      if (kind === "cold") await tool.reset(bench);
      else await tool.between?.(bench);
      const takeBack = change(bench.root, shape, kind);
      runs.push(await measure(bench, tool));
      takeBack();
    }
    rows.push({
      tool: tool.name,
      seconds: median(runs.map((r) => r.seconds)),
      bytes: median(runs.map((r) => r.bytes)),
    });
  }
  const own = rows[0]?.seconds ?? Number.NaN;
  console.log(`\n${shape.name} (${shape.files} files), ${kind}, ${delay} ms: medians of ${repeat}`);
  console.table(
    rows.map(({ tool, seconds, bytes }) => ({
      tool,
      seconds: Number(seconds.toFixed(3)),
      "pikaci is × of it": Number((own / seconds).toFixed(2)),
      "MB on the wire": Number((bytes / 1e6).toFixed(3)),
    })),
  );
}

async function measure(bench: Bench, tool: Tool): Promise<Measured> {
  const before = await onTheWire(bench.host);
  const started = performance.now();
  tool.send(bench);
  const seconds = (performance.now() - started) / 1000;
  return { seconds, bytes: (await onTheWire(bench.host)) - before };
}

/** Bytes that went over the host's network both ways, headers included. */
async function onTheWire(host: LabHost): Promise<number> {
  const { stdout } = await host.exec("cat /proc/net/dev");
  return wireBytes(stdout);
}
