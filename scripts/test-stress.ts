import { parseArgs } from "node:util";
import { contractOf } from "../test/lab/job-contract.ts";
import { type HostKind, labMissing, openLab } from "../test/lab/lab.ts";
import { leftNow, nothingLeft } from "../test/lab/leftovers.ts";
import { verifyHost } from "../test/lab/verify.ts";
import { type StressRun, stressContract } from "../test/stress/contract.ts";
import { stressNg } from "../test/stress/load.ts";
import { makeDirectory, removeWorkspaces } from "../test/workspace.ts";
import { setUpFor } from "./setup/ensure.ts";

const HELP = `npm run test:stress -- [--runs N] [--cpu N] [--jobs N] [--kind single|multi] [--backend sandbox|derivation]

Runs the job contract again and again while \`stress-ng --cpu N\` keeps the processors busy. Prints how many verdicts were
otherwise than on a quiet machine, and ends with 1 when any was, or when anything is left on the host.

  --runs     how many; default 50
  --cpu      busy processes of stress-ng; default 8
  --jobs     guests at once; default 4
  --kind     of host: an ordinary account (multi, default), or root on a single-user Nix
  --backend  default sandbox`;

const KINDS: readonly HostKind[] = ["single", "multi"];
const BACKENDS = ["sandbox", "derivation"] as const;

interface Asked {
  readonly runs: number;
  readonly cpu: number;
  readonly limit: number;
  readonly kind: HostKind;
  readonly backend: (typeof BACKENDS)[number];
}

async function main({ runs, cpu, limit, kind, backend }: Asked): Promise<boolean> {
  // A place for ssh's sockets that no other suite uses.
  process.env.TMPDIR = makeDirectory();
  const lab = await openLab([kind]);
  const host = lab[kind];
  // That job goes on only beside who watches its host (secret-watch.ts), which is test:machines.
  const { "printed-secret": _, ...jobs } = contractOf(backend, "quick");
  const load = stressNg(cpu);
  try {
    const before = await leftNow(host);
    const began = performance.now();
    const site = { url: host.url, sshOptions: lab.sshOptions, runner: backend, limit, jobs };
    const done = await stressContract(site, runs, tell);
    await nothingLeft(host, before, 15);
    await verifyHost(host);
    const verdicts = done.length * Object.keys(jobs).length;
    const wrong = done.reduce((sum, run) => sum + run.wrong, 0);
    const minutes = Math.round((performance.now() - began) / 60_000);
    console.log(`${done.length} runs, ${verdicts} verdicts in ${minutes} min, ${wrong} wrong`);
    return wrong === 0;
  } finally {
    await load.stop();
    await lab.stop();
    removeWorkspaces();
  }
}

function tell({ wrong, mismatches, said }: StressRun): void {
  const text = wrong === 0 ? "ok " : `BAD ${wrong} wrong`;
  console.log([text, ...mismatches, ...(said === "" ? [] : [said])].join("\n  "));
}

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "50" },
    cpu: { type: "string", default: "8" },
    jobs: { type: "string", default: "4" },
    kind: { type: "string", default: "multi" },
    backend: { type: "string", default: "sandbox" },
    help: { type: "boolean", short: "h" },
  },
});
const [runs, cpu, limit] = [Number(values.runs), Number(values.cpu), Number(values.jobs)];
const kind = KINDS.find((one) => one === values.kind);
const backend = BACKENDS.find((one) => one === values.backend);
const counts = [runs, cpu, limit].every((one) => Number.isInteger(one) && one > 0);
if (values.help) {
  console.log(HELP);
} else if (!counts || kind === undefined || backend === undefined) {
  console.error(HELP);
  process.exitCode = 2;
} else {
  setUpFor("test:stress");
  const missing = labMissing();
  if (missing.length > 0) console.error(`the lab cannot run: ${missing.join("; ")}`);
  process.exitCode = missing.length === 0 && (await main({ runs, cpu, limit, kind, backend })) ? 0 : 1;
}
