import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { casesOf, nameOf, parseShard, type Shard, sample, tryCase } from "../test/attack/corrupt.ts";
import { ANSWERS, hostileProject, startHostile, stopHostile, tryAnswer } from "../test/attack/forged.ts";
import { killClients } from "../test/attack/kills.ts";
import { randomNumbers } from "../test/attack/random.ts";
import { openScene } from "../test/attack/scene.ts";
import { type LabHost, labMissing, openLab } from "../test/lab/lab.ts";
import { verifyHost } from "../test/lab/verify.ts";
import { makeDirectory, removeWorkspaces } from "../test/workspace.ts";
import { setUpFor } from "./setup/ensure.ts";

const PARTS = ["corruptions", "kills", "answers"] as const;
const HELP = `npm run test:attack -- [--kills N] [--corruptions N] [--shard N/M] [--seed N] [--text TEXT] [PART ...]

Tries to make pikaci lose something, or believe it, in three parts (default: all), and ends with 1 when it did:
  corruptions  every document of a run, of the client's memory and of a host's work dir, hurt in every way
  kills        clients killed at random moments; what is left, and whether the next run is right
  answers      a host behind a real sshd that forges one of its answers, archives of artifacts included

  --kills        how many; default 56
  --corruptions  only an even sample of so many; default: all, which takes hours
  --shard        only the N-th of M parts of the corruptions, each with some of every document
  --seed         of the moments of the kills; default 1
  --text         only corruptions and answers whose name contains it`;

interface Options {
  readonly kills: number;
  readonly corruptions: number;
  readonly shard: Shard;
  readonly seed: number;
  readonly text: string;
}

/** Prints what is wrong; gives how many were. */
function count(tried: readonly { readonly name: string; readonly problems: readonly string[] }[]): number {
  return tried.filter(({ problems }) => problems.length > 0).length;
}

function tell({ name, problems }: { readonly name: string; readonly problems: readonly string[] }): void {
  const sign = problems.length === 0 ? "ok " : "BAD";
  console.log(
    [`${sign} ${name}`, ...problems.map((one) => `    ${one.replaceAll("\n", "\n    ")}`)].join("\n"),
  );
}

async function corruptions({ corruptions: limit, shard, text }: Options): Promise<number> {
  const scene = await openScene();
  try {
    const cases = sample(
      casesOf(scene, shard).filter((one) => nameOf(one).includes(text)),
      limit,
    );
    const tried = [];
    for (const one of cases) {
      const result = await tryCase(scene, one);
      tell(result);
      tried.push(result);
    }
    const commands = tried.reduce((sum, one) => sum + one.commands, 0);
    console.log(`${tried.length} corruptions, ${commands} commands, ${count(tried)} bad`);
    return count(tried);
  } finally {
    scene.close();
  }
}

async function kills(host: LabHost, ssh: string, { kills: wanted, seed }: Options): Promise<number> {
  const tried = await killClients(host, ssh, wanted, randomNumbers(seed), ({ at, problems }) =>
    tell({ name: `killed after ${Math.round(at * 100)} % of a run`, problems }),
  );
  const bad = tried.filter(({ problems }) => problems.length > 0).length;
  console.log(`${tried.length} kills, ${bad} bad`);
  await verifyHost(host);
  return bad;
}

async function answers(host: LabHost, ssh: string, { text }: Options): Promise<number> {
  const shell = readFileSync(new URL("../test/attack/hostile-shell.pl", import.meta.url), "utf8");
  await startHostile(host, shell);
  const rig = hostileProject(host, ssh);
  try {
    const tried = [];
    for (const name of Object.keys(ANSWERS).filter((one) => one.includes(text))) {
      const result = { name, problems: await tryAnswer(host, rig, name) };
      tell(result);
      tried.push(result);
    }
    console.log(`${tried.length} forged answers, ${count(tried)} bad`);
    return count(tried);
  } finally {
    await stopHostile(host);
    rig.remove();
  }
}

async function inLab(parts: readonly string[], options: Options): Promise<number> {
  // A place for ssh's sockets that no other suite uses.
  process.env.TMPDIR = makeDirectory();
  const lab = await openLab(["multi"]);
  try {
    const killed = parts.includes("kills") ? await kills(lab.multi, lab.sshOptions, options) : 0;
    const forged = parts.includes("answers") ? await answers(lab.multi, lab.sshOptions, options) : 0;
    return killed + forged;
  } finally {
    await lab.stop();
    removeWorkspaces();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: "string", default: "56" },
    corruptions: { type: "string", default: "Infinity" },
    shard: { type: "string", default: "1/1" },
    seed: { type: "string", default: "1" },
    text: { type: "string", default: "" },
    help: { type: "boolean", short: "h" },
  },
});
const parts = PARTS.filter((part) => positionals.length === 0 || positionals.includes(part));
const options = {
  kills: Number(values.kills),
  corruptions: Number(values.corruptions),
  shard: parseShard(values.shard),
  seed: Number(values.seed),
  text: values.text,
};
const known = positionals.every((word) => PARTS.some((part) => part === word));
if (!values.help && known) setUpFor("test:attack");
const needsLab = parts.some((part) => part !== "corruptions");
const missing = needsLab && !values.help ? labMissing() : [];
if (values.help || !known) {
  console.log(HELP);
  process.exitCode = known ? 0 : 2;
} else if (missing.length > 0) {
  console.error(`the lab cannot run: ${missing.join("; ")}`);
  process.exitCode = 1;
} else {
  const corrupted = parts.includes("corruptions") ? await corruptions(options) : 0;
  const others = needsLab ? await inLab(parts, options) : 0;
  process.exitCode = corrupted + others === 0 ? 0 : 1;
}
