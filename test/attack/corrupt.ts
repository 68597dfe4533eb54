import { call } from "./call.ts";
import { type Corruption, corruptionsOf } from "./corruptions.ts";
import { AREAS, type Area, type Scene } from "./scene.ts";

/** One corrupted document. `sealed`: as this account would have written it, so that no seal stands before its parser. */
export interface Case {
  readonly area: Area;
  readonly file: string;
  readonly corruption: Corruption;
  readonly sealed: boolean;
}

export interface Tried {
  readonly name: string;
  readonly commands: number;
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
}

/** Seconds of a quiet machine that a command may take before it counts as hanging. */
const PATIENCE = 60;

/** The n-th of m parts, which together are all corruptions. */
export interface Shard {
  readonly n: number;
  readonly m: number;
}

const WHOLE: Shard = { n: 1, m: 1 };

export function parseShard(text: string): Shard {
  const [, n, m] = (/^([1-9]\d*)\/([1-9]\d*)$/.exec(text) ?? []).map(Number);
  if (n === undefined || m === undefined || n > m) throw new Error(`${text} is no shard, as 2/8 is`);
  return { n, m };
}

/** Each file's corruptions are divided by themselves, because names of files, and so their order, differ between scenes. */
export function casesOf(scene: Scene, { n, m }: Shard = WHOLE): Case[] {
  return AREAS.flatMap((area) =>
    scene.files[area].flatMap((file) => {
      const bytes = scene.read(area, file);
      const plain = corruptionsOf(bytes).map((corruption) => ({ area, file, corruption, sealed: false }));
      return [...plain, ...sealedOnes(area, file, bytes)].filter((_, at) => at % m === n - 1);
    }),
  );
}

/** The documents of a run by which something is done again. */
const DECIDES = /^runs\/[^/]+\/(run|plan|jobs\/[^/]+\/(job|verdict-key))\.json$/;

function sealedOnes(area: Area, file: string, bytes: Buffer): Case[] {
  if (area !== "records" || !DECIDES.test(file)) return [];
  const isRecord = file.endsWith("/run.json");
  return corruptionsOf(bytes)
    .filter(({ bytes: now }) => now !== null && (!isRecord || isObject(now)))
    .map((corruption) => ({ area, file, corruption, sealed: true }));
}

function isObject(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) && "digests" in value;
  } catch {
    return false;
  }
}

export const nameOf = ({ area, file, corruption, sealed }: Case): string =>
  `${area} ${file}: ${corruption.what}${sealed ? ", sealed" : ""}`;

/** Every command that reads the document; each must end as itself, or by an error that names what is wrong. */
export async function tryCase(scene: Scene, one: Case): Promise<Tried> {
  scene.restore();
  scene.corrupt(one.area, one.file, one.corruption, one.sealed);
  const problems: string[] = [];
  const commands = commandsFor(scene, one);
  for (const words of commands) {
    const { code, text, problem } = await call(scene.dir, scene.env, words, PATIENCE);
    const wrong = problem ?? believed(words, code);
    if (wrong !== null) problems.push(`${words.join(" ")}: ${wrong}\n${text.slice(-1500)}`);
  }
  return { name: nameOf(one), commands: commands.length, problems };
}

/** A job that fails is in every run of these: none of them may pass. */
function believed(words: readonly string[], code: number): string | null {
  const runs = ["run", "rerun", "attach"].includes(words[0] ?? "");
  return runs && code === 0 ? "passed, where a job fails" : null;
}

function commandsFor(scene: Scene, { area, file, sealed }: Case): string[][] {
  if (area === "memory") return [["run"], ["why", "good"], ["gc", "--dry-run"]];
  if (area === "host") return [["doctor"], ["attach", scene.detached], ["run"], ["gc"]];
  const run = file.includes(scene.detached) ? scene.detached : scene.finished;
  if (!DECIDES.test(file)) return looking(run, scene);
  return [...(sealed ? [] : [["gc", "--dry-run"]]), ...looking(run, scene), ...acting(run, scene)];
}

function looking(run: string, { finished }: Scene): string[][] {
  return [
    ...[
      ["list"],
      ["list", "--json"],
      ["status", run],
      ["status", run, "--json"],
      ["status", run, "--timing"],
    ],
    ...[
      ["logs", run],
      ["report", run],
      ["verify", run],
      ["verify", run, "--json"],
      ["compare", finished, run],
    ],
    ["compare"],
  ];
}

function acting(run: string, { detached }: Scene): string[][] {
  const pins = [
    ["pin", run],
    ["pin", run, "--remove"],
    ["shell", "bad", "--run", run, "--", "true"],
    ["why", "good"],
  ];
  return [
    ...pins,
    ...(run === detached
      ? [
          ["attach", run],
          ["cancel", run],
        ]
      : [
          ["cancel", run],
          ["rerun", run],
        ]),
  ];
}

/** A sample that is the same each time: every n-th, so that all areas and kinds are in it. */
export function sample<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count);
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}
