import { call } from "./call.ts";
import { type Corruption, corruptionsOf, wholeFile } from "./corruptions.ts";
import type { Witness } from "./evidence.ts";
import { AREAS, type Area, type Scene } from "./scene.ts";
import { type Touched, touches } from "./touched.ts";

/** One corrupted document, or files of a tree that are corrupted together in one way. `sealed`: as this account would have written it, so that no seal stands before its parser. */
export interface Case {
  readonly area: Area;
  readonly file: string;
  readonly corruption: Corruption;
  readonly sealed: boolean;
  /** What is corrupted besides, in the same area. */
  readonly besides: readonly (readonly [file: string, corruption: Corruption])[];
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
  const part = (cases: readonly Case[]) => cases.filter((_, at) => at % m === n - 1);
  const alone = AREAS.flatMap((area) =>
    scene.files[area].flatMap((file) => part(casesOfFile(scene, area, file))),
  );
  return [...alone, ...part(togetherOnes(scene))];
}

function casesOfFile(scene: Scene, area: Area, file: string): Case[] {
  const bytes = scene.read(area, file);
  const plain = corruptionsOf(bytes).map((corruption) => ({
    area,
    file,
    corruption,
    sealed: false,
    besides: [],
  }));
  return [...plain, ...sealedOnes(area, file, bytes)];
}

/** All files that lie deeper in the host's copy of its /etc at once: pikaci mounts it for its jobs, which read the files. */
function togetherOnes(scene: Scene): Case[] {
  const [first, ...others] = scene.mounted.map(
    (file) => [file, wholeFile(scene.read("host", file))] as const,
  );
  if (first === undefined) return [];
  const [file, kinds] = first;
  return kinds.flatMap((corruption, at) => {
    const besides = others.flatMap(([other, { [at]: same }]) =>
      same === undefined ? [] : [[other, same] as const],
    );
    return [{ area: "host", file, corruption, sealed: false, besides }];
  });
}

/** The documents of a run by which something is done again. */
const DECIDES = /^runs\/[^/]+\/(run|plan|jobs\/[^/]+\/(job|verdict-key))\.json$/;

function sealedOnes(area: Area, file: string, bytes: Buffer): Case[] {
  if (area !== "records" || !DECIDES.test(file)) return [];
  const isRecord = file.endsWith("/run.json");
  return corruptionsOf(bytes)
    .filter(({ bytes: now }) => now !== null && (!isRecord || isObject(now)))
    .map((corruption) => ({ area, file, corruption, sealed: true, besides: [] }));
}

function isObject(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) && "digests" in value;
  } catch {
    return false;
  }
}

export const nameOf = ({ area, file, corruption, sealed, besides }: Case): string =>
  `${area} ${file}${besides.length > 0 ? ` and ${besides.length} more` : ""}: ${corruption.what}${sealed ? ", sealed" : ""}`;

/**
 * Calls the commands of a document; each must end as itself, or by an error that names what is wrong. With a witness, those
 * that do not touch the document are left out: until one does, it can only do what it does where nothing is corrupted.
 */
export async function tryCase(scene: Scene, one: Case, witness?: Witness): Promise<Tried> {
  const commands = commandsFor(scene, one);
  const evidence = await witness?.(commands);
  scene.restore();
  scene.corrupt(one.area, one.file, one.corruption, one.sealed);
  for (const [file, corruption] of one.besides) scene.corrupt(one.area, file, corruption, false);
  const problems: string[] = [];
  let called = 0;
  let differs = evidence === undefined;
  for (const [at, words] of commands.entries()) {
    const seen = evidence?.[at] ?? [];
    if (!differs && !seen.some(({ touched }) => isTouched(scene, one, touched))) continue;
    const { code, text, problem } = await call(scene.dir, scene.env, words, PATIENCE);
    called++;
    // Whatever comes after it may meet something new.
    differs ||= seen.every((before) => before.code !== code);
    const wrong = problem ?? believed(words, code);
    if (wrong !== null) problems.push(`${words.join(" ")}: ${wrong}\n${text.slice(-1500)}`);
  }
  return { name: nameOf(one), commands: called, problems };
}

function isTouched(scene: Scene, { area, file, corruption, besides }: Case, touched: Touched): boolean {
  const kind = corruption.bytes === null ? "directory" : "file";
  return [file, ...besides.map(([other]) => other)].some((one) =>
    touches(touched, scene.root[area], one, kind),
  );
}

/** A job that fails is in every run of these: none of them may pass. */
function believed(words: readonly string[], code: number): string | null {
  const runs = ["run", "rerun", "attach"].includes(words[0] ?? "");
  return runs && code === 0 ? "passed, where a job fails" : null;
}

function commandsFor(scene: Scene, { area, file, sealed }: Case): string[][] {
  if (area === "memory")
    return [
      ["run"],
      ["why", "good"],
      ["why", "bad"],
      ["snapshot", "--diff", scene.finished],
      ["gc", "--dry-run"],
    ];
  if (area === "host") return hostCommands(scene);
  const run = file.includes(scene.detached) ? scene.detached : scene.finished;
  if (!DECIDES.test(file)) return looking(run, scene);
  return [...(sealed ? [] : [["gc", "--dry-run"]]), ...looking(run, scene), ...acting(run, scene)];
}

/** Both jobs run once more, and one in another workspace with another tree, whose base is the one that is there. */
function hostCommands({ detached, changed }: Scene): string[][] {
  const runs = [["run"], ["run", "--no-cache"], ["run", "-C", changed]];
  return [["doctor"], ["attach", detached], ...runs, ["gc"]];
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
    ["history"],
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

/** An order in which the beginning, however long, is an even sample: steps of the golden section through all. */
export function interleaved<T>(all: readonly T[]): T[] {
  const step = firstCoprime(Math.round(all.length * 0.618), all.length);
  return all.map((_, at) => all[(at * step) % all.length]).filter((one) => one !== undefined);
}

function firstCoprime(from: number, to: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, from);
  while (divisor(step, to) !== 1) step += 1;
  return step;
}

/** A sample that is the same each time: every n-th, so that all areas and kinds are in it. */
export function sample<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count);
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}
