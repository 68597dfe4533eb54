import { parseArgs } from "node:util";
import { parseShard } from "../test/attack/corrupt.ts";
import { labMissing, openLab } from "../test/lab/lab.ts";
import { makeDirectory, removeWorkspaces } from "../test/workspace.ts";
import { type CorruptionsAsked, runCorruptions } from "./attack/corruptions.ts";
import { FILE_PARTS, isFilePart } from "./attack/files.ts";
import { runAnswers, runKills, runTricks } from "./attack/in-lab.ts";
import { runFileParts } from "./attack/run-files.ts";
import { setUpFor } from "./setup/ensure.ts";

const LAB_PARTS: readonly string[] = ["guests", "answers", "kills"];
const PARTS: readonly string[] = [...Object.keys(FILE_PARTS), ...LAB_PARTS, "corruptions"];
const HELP = `npm run test:attack -- [--kills N] [--corruptions N] [--shard N/M] [--seed N] [--text TEXT] [PART ...]

Tries to make pikaci lose something, or believe it, in parts (default: all), and ends with 1 when it did:
  state        a \`.pikaci\` that came with the tree: committed, forged, symlinks
  work-dir     a directory of a host that is somebody else's
  untrusted    what a stranger's tree and configuration ask for
  verdicts     verdicts that are out of date, or forged
  secrets      secrets on disks, in command lines and environments
  words        unknown values in what a host's programs read
  artifacts    archives and directories that a job leaves
  guests       jobs that attack the guard or the host's kernel, in sandboxes and in Nix builds
  answers      a host behind a real sshd that forges one of its answers, archives of artifacts included
  kills        clients killed at random moments; what is left, and whether the next run is right
  corruptions  every document of a run, of the client's memory and of a host's work dir, hurt in every way
The first seven are test files of \`npm test\`.

  --kills        how many; default 56
  --corruptions  only an even sample of so many; default: all, which takes most of an hour of a core
  --shard        only the N-th of M parts of the corruptions, each with some of every document
  --seed         of the moments of the kills; default 1
  --text         only corruptions, answers and jobs whose name contains it`;

interface Asked extends CorruptionsAsked {
  readonly parts: readonly string[];
  readonly kills: number;
  readonly seed: number;
}

async function inLab({ parts, kills, seed, text }: Asked): Promise<number> {
  if (!parts.some((part) => LAB_PARTS.includes(part))) return 0;
  const missing = labMissing();
  if (missing.length > 0) {
    console.log(`the lab cannot run: ${missing.join("; ")}`);
    return 1;
  }
  // A place for ssh's sockets that no other suite uses.
  process.env.TMPDIR = makeDirectory();
  const lab = await openLab(parts.includes("guests") ? ["single", "multi"] : ["multi"]);
  const { sshOptions } = lab;
  const target = (host: (typeof lab.hosts)[number]) => ({ host, sshOptions });
  let bad = 0;
  try {
    if (parts.includes("guests")) for (const host of lab.hosts) bad += await runTricks(target(host), text);
    if (parts.includes("answers")) bad += await runAnswers(target(lab.multi), text);
    if (parts.includes("kills")) bad += await runKills(target(lab.multi), kills, seed);
    return bad;
  } finally {
    await lab.stop();
    removeWorkspaces();
  }
}

async function main(asked: Asked): Promise<number> {
  setUpFor("test:attack");
  const files = await runFileParts(asked.parts.filter(isFilePart));
  const lab = await inLab(asked);
  return files + lab + (asked.parts.includes("corruptions") ? await runCorruptions(asked) : 0);
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
const known = positionals.every((word) => PARTS.includes(word));
if (values.help || !known) {
  console.log(HELP);
  process.exitCode = known ? 0 : 2;
} else {
  const bad = await main({
    parts: PARTS.filter((part) => positionals.length === 0 || positionals.includes(part)),
    kills: Number(values.kills),
    limit: Number(values.corruptions),
    shard: parseShard(values.shard),
    seed: Number(values.seed),
    text: values.text,
  });
  process.exitCode = bad === 0 ? 0 : 1;
}
