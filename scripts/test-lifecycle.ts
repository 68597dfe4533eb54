import { parseArgs } from "node:util";
import { type HostKind, labMissing, openLab } from "../test/lab/lab.ts";
import { verifyHost } from "../test/lab/verify.ts";
import { PHASES, type Phase, type Result, runCase } from "../test/lifecycle/case.ts";
import { FAULTS, type Fault } from "../test/lifecycle/faults.ts";
import { counted, storm } from "../test/lifecycle/storm.ts";
import { makeDirectory, removeWorkspaces } from "../test/workspace.ts";
import { setUpFor } from "./setup/ensure.ts";

const HELP = `npm run test:lifecycle -- [--kind single|multi] [--lease S] [--storm N] [TEXT ...]

Hurts runs in every phase in every way, on a host of the lab, and checks how each ends, that nothing
is left on either side, and that the next run passes. Then N runs (default 200; 0: none), 4 at a time, while
collections take everything that is not in use. Ends with a table, and with 1 when anything is wrong.

  --kind   of host: root on a single-user Nix, or an ordinary account (default)
  --lease  of the client, in seconds; default 6
  TEXT     only cases whose "fault phase" contains each TEXT
           faults: ${FAULTS.join(", ")}
           phases: ${PHASES.join(", ")}`;

async function main(
  kind: HostKind,
  cases: readonly (readonly [Fault, Phase])[],
  lease: number,
  runs: number,
): Promise<boolean> {
  // A place for ssh's sockets that no other suite uses.
  process.env.TMPDIR = makeDirectory();
  const lab = await openLab([kind], { machines: cases.some(([, phase]) => phase === "booting") });
  const host = lab[kind];
  const results: Result[] = [];
  try {
    for (const one of cases) {
      const result = await runCase(host, lab.sshOptions, one, lease);
      results.push(result);
      console.log(lineOf(result));
    }
    await verifyHost(host);
    const stormy = runs === 0 ? null : await storm(host, lab.sshOptions, runs, 4);
    if (stormy !== null) console.log(JSON.stringify(stormy), JSON.stringify(counted(host)));
    const bad = results.filter(({ problems }) => problems.length > 0);
    console.log(`${results.length} cases on ${kind} with a lease of ${lease} s, ${bad.length} bad`);
    return bad.length === 0 && (stormy?.problems.length ?? 0) === 0;
  } finally {
    await lab.stop();
    removeWorkspaces();
  }
}

function lineOf({ fault, phase, ended, problems, seconds }: Result): string {
  const sign = problems.length === 0 ? "ok " : "BAD";
  const line = `${sign} ${fault.padEnd(14)} ${phase.padEnd(10)} ${ended.padEnd(14)} ${seconds} s`;
  return [line, ...problems.map((problem) => `    ${problem.replaceAll("\n", "\n    ")}`)].join("\n");
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: "string", default: "multi" },
    lease: { type: "string", default: "6" },
    storm: { type: "string", default: "200" },
    help: { type: "boolean", short: "h" },
  },
});
const kind = (["single", "multi"] as const).find((one) => one === values.kind);
const cases = FAULTS.flatMap((fault) => PHASES.map((phase) => [fault, phase] as const)).filter(
  ([fault, phase]) => positionals.every((text) => `${fault} ${phase}`.includes(text)),
);
if (!values.help) setUpFor("test:lifecycle");
const missing = labMissing();
if (values.help) console.log(HELP);
else if (kind === undefined) {
  console.error(HELP);
  process.exitCode = 2;
} else if (missing.length > 0) {
  console.error(`the lab cannot run: ${missing.join("; ")}`);
  process.exitCode = 1;
} else process.exitCode = (await main(kind, cases, Number(values.lease), Number(values.storm))) ? 0 : 1;
