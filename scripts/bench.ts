import { parseArgs } from "node:util";
import { setUpFor } from "./setup/ensure.ts";

interface Part {
  readonly about: string;
  /** `trees`: only these; all when empty. */
  readonly run: (trees: readonly string[]) => Promise<void>;
}

/** What is not asked for is not loaded. */
const PARTS: Readonly<Record<string, Part>> = {
  runs: {
    about:
      "a run of two jobs that share one prepared output, cold and warm, at 0, 20 and 100 ms a round trip: commands, connections, bytes, stages (needs the lab)",
    run: async () => (await import("./bench/runs.ts")).benchRuns(),
  },
  hash: {
    about:
      "snapshot and hash of 100,000 small, 1,000 typical and 40 large files: unchanged and with one file changed, time and memory, against git status and the least that Node can do; cold against b3sum and sha256sum",
    run: async (trees) => (await import("./bench/hashing.ts")).benchHashing(trees),
  },
  masking: {
    about:
      "200 MB of log through the mask of a host, with one secret, with 50 and with a long key, beside the `cat` of a job without secrets (--repeat, default 5)",
    run: async () => (await import("./bench/masking.ts")).benchMasking(Number(values.repeat ?? "5")),
  },
  machines: {
    about:
      "launch to first output in the sandbox and in a minivm, beside a bare boot of the same kernel; two machines at once beside one (needs the lab; --repeat, default 5)",
    run: async () => (await import("./bench/machines.ts")).benchMachines(Number(values.repeat ?? "5")),
  },
  loop: {
    about:
      "from an edit to the verdict, over ssh and local, beside rsync + ssh + bwrap in four forms, and beside an older build with --base COMMIT: ratios, phases, processes, commands, connections, bytes (needs the lab; --files, default 786; --delay, default 0; --repeat, default 5)",
    run: async () =>
      (await import("./bench/loop/loop.ts")).benchLoop({
        files: Number(values.files ?? "786"),
        repeat: Number(values.repeat ?? "5"),
        base: values.base ?? null,
        delays: (values.delay ?? ["0"]).map(Number),
      }),
  },
  graph: {
    about:
      "200 jobs `true`, independent and in ten layers, local and over ssh: wall and processor time, the client's memory, commands, beside an older build of the independent ones with --base COMMIT (needs the lab; --jobs, default 200; --layers, default 10; --repeat, default 3)",
    run: async () =>
      (await import("./bench/graph.ts")).benchGraph({
        jobs: Number(values.jobs ?? "200"),
        layers: Number(values.layers ?? "10"),
        repeat: Number(values.repeat ?? "3"),
        base: values.base ?? null,
      }),
  },
  watch: {
    about:
      "from a saved file to the first output of its job: `pikaci watch` beside rsync + ssh + bwrap, over new connections and over an open one (needs the lab; --files, default 786; --delay, default 0; --repeat, default 5)",
    run: async () => {
      const { benchWatch } = await import("./bench/watch.ts");
      const { files = "786", repeat = "5", delay: delays = ["0"] } = values;
      for (const delay of delays)
        await benchWatch({ files: Number(files), repeat: Number(repeat), delay: Number(delay) });
    },
  },
  sync: {
    about:
      "what waiting for the disk costs a cold publication, one of one file, and a run, on this machine's own disk (--tree, default typical; --repeat, default 5)",
    run: async (trees) => (await import("./bench/sync.ts")).benchSync(trees, Number(values.repeat ?? "5")),
  },
  publish: {
    about:
      "publication against rsync, tar | ssh and nix copy (needs the lab); all of it takes hours: choose with --tree, --change, --delay and --repeat",
    run: async (trees) =>
      (await import("./bench/publication.ts")).benchPublication({
        trees: trees.length > 0 ? trees : ["typical", "many", "large"],
        cases: values.change ?? ["cold", "unchanged", "one file", "1 %", "directory renamed"],
        delays: (values.delay ?? ["0", "20", "100"]).map(Number),
        repeat: Number(values.repeat ?? "5"),
      }),
  },
};

const HELP = `npm run bench -- [PART ...] [--tree many|typical|large ...]\n  [--change CASE ...] [--delay MS ...] [--files N] [--jobs N] [--layers N] [--base COMMIT] [--repeat N]

${Object.entries(PARTS)
  .map(([name, { about }]) => `  ${name}  ${about}`)
  .join("\n")}

All parts without a name. Nothing here is a gate: compare figures of one run with each other.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean", short: "h" },
    tree: { type: "string", multiple: true },
    change: { type: "string", multiple: true },
    delay: { type: "string", multiple: true },
    repeat: { type: "string" },
    files: { type: "string" },
    base: { type: "string" },
    jobs: { type: "string" },
    layers: { type: "string" },
  },
});
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (values.help || unknown.length > 0) {
  console.log(unknown.length > 0 ? `there is no part ${unknown.join(", ")}\n\n${HELP}` : HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  setUpFor("bench");
  for (const [name, part] of Object.entries(PARTS))
    if (positionals.length === 0 || positionals.includes(name)) await part.run(values.tree ?? []);
}
