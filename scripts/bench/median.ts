import { spawnSync } from "node:child_process";
import { loadavg } from "node:os";

/** Milliseconds: what the clock says, and what the program and its children had of the processors. */
export interface Times {
  readonly wall: number;
  readonly cpu: number;
}

/** Milliseconds below which a ratio says nothing: processor time is told in steps of ten. */
const COARSE = 10;

/** Each case once a round, in turn, so that other load meets all alike; the median of each figure. */
export function medians<Name extends string>(
  cases: Readonly<Record<Name, () => Times>>,
  rounds: number,
): Record<Name, Times> {
  const names = Object.keys(cases) as Name[];
  const taken = new Map<Name, Times[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) taken.get(name)?.push(cases[name]());
  return Object.fromEntries([...taken].map(([name, times]) => [name, middle(times)])) as Record<Name, Times>;
}

function middle(times: readonly Times[]): Times {
  return { wall: median(times.map(({ wall }) => wall)), cpu: median(times.map(({ cpu }) => cpu)) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs a program, its output dropped. Throws when it fails. */
export function timed(
  argv: readonly string[],
  options: { readonly cwd?: string; readonly input?: Buffer } = {},
): Times {
  const started = performance.now();
  const script = '"$@" >/dev/null || exit; times';
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "sh", ...argv], options);
  const wall = performance.now() - started;
  if (status !== 0) throw new Error(`${argv.join(" ")} failed: ${stderr}`);
  return { wall, cpu: cpuOf(stdout.toString()) };
}

/** Milliseconds: `times` says user and system time of the shell, then of its children: `0m0.250000s 0m0.120000s`. */
export function cpuOf(answer: string): number {
  const children = answer.trim().split("\n").at(-1) ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

/** Wall times by name, then the ratio of two of them, by the clock and by processor time. */
export function compared<Name extends string>(
  times: Readonly<Record<Name, Times>>,
  ours: Name,
  theirs: Name,
): Record<string, number | string> {
  const walls = Object.entries<Times>(times).map(([name, { wall }]) => [name, Math.round(wall)]);
  const ratio = (figure: keyof Times) =>
    times[theirs][figure] < COARSE ? "-" : (times[ours][figure] / times[theirs][figure]).toFixed(2);
  return { ...Object.fromEntries(walls), [`÷ ${theirs}`]: ratio("wall"), "of cpu time": ratio("cpu") };
}

export function load(): string {
  return loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
}
