import { parseArgs } from "node:util";
import { type CaseResult, runCase } from "../test/faults/case.ts";
import { type Case, FAULTS, MODES, STEPS } from "../test/faults/grid.ts";
import { openSite } from "../test/faults/site.ts";
import { casesOf, lineOf, tableOf } from "../test/faults/table.ts";
import { type HostKind, type LabHost, labMissing, openLab } from "../test/lab/lab.ts";
import { verifyHost } from "../test/lab/verify.ts";
import { removeWorkspaces } from "../test/workspace.ts";
import { setUpFor } from "./setup/ensure.ts";

const HELP = `npm run test:faults -- [--kind single|multi] [--mode MODE ...] [--lanes N] [TEXT ...]

Hurts a publication at every step in every way, on hosts of the lab, and checks after each case that a reader on the
host saw no incomplete snapshot, that the next publication succeeds, and that nothing is left. Ends with a table of
steps and faults, and with 1 when any case is bad.

  --kind   of host: root on a single-user Nix (default), or an ordinary account
  --mode   ${MODES.join(", ")}: nothing to start from; a base and its manifest; a base and no memory of it. Default: all
  --lanes  hosts at work at once; default 2
  TEXT     only cases whose "mode step fault" contains each TEXT
           steps: ${STEPS.join(", ")}
           faults: ${FAULTS.join(", ")}`;

const KINDS: readonly HostKind[] = ["single", "multi"];

/** Works cases off on one host, one after the other. */
async function lane(host: LabHost, sshOptions: string, queue: Case[], results: CaseResult[]): Promise<void> {
  const site = await openSite(host, sshOptions);
  try {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const result = await runCase(site, next);
      console.log(lineOf(result));
      results.push(result);
    }
  } finally {
    site.close();
    await verifyHost(host);
  }
}

async function main(kind: HostKind, lanes: number, cases: readonly Case[]): Promise<boolean> {
  const began = performance.now();
  const lab = await openLab(Array.from({ length: lanes }, () => kind));
  const results: CaseResult[] = [];
  const queue = [...cases];
  try {
    await Promise.all(lab.hosts.map((host) => lane(host, lab.sshOptions, queue, results)));
  } finally {
    removeWorkspaces();
    await lab.stop();
  }
  const bad = results.filter(({ problems }) => problems.length > 0);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `\n${tableOf(results)}\n\n${results.length} cases on ${kind} in ${seconds} s, ${bad.length} bad`,
  );
  return results.length === cases.length && bad.length === 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kind: { type: "string", default: "single" },
    mode: { type: "string", multiple: true, default: [...MODES] },
    lanes: { type: "string", default: "2" },
    help: { type: "boolean", short: "h" },
  },
});
const kind = KINDS.find((one) => one === values.kind);
const modes = MODES.filter((one) => values.mode.includes(one));
const { run, without } = casesOf(modes);
const chosen = run.filter(({ mode, step, fault }) =>
  positionals.every((text) => `${mode} ${step} ${fault}`.includes(text)),
);
if (!values.help) setUpFor("test:faults");
const missing = labMissing();
if (values.help) console.log(HELP);
else if (kind === undefined || chosen.length === 0) {
  console.error(HELP);
  process.exitCode = 2;
} else if (missing.length > 0) {
  console.error(`the lab cannot run: ${missing.join("; ")}`);
  process.exitCode = 1;
} else {
  for (const reason of without) console.log(`left out: ${reason}`);
  process.exitCode = (await main(kind, Number(values.lanes), chosen)) ? 0 : 1;
}
