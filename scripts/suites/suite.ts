const NEEDS = ["lab", "nix", "tmux"] as const;

/** What a suite may need beyond Node: hosts of the lab, or Nix or a terminal of tmux's on this machine. */
export type Need = (typeof NEEDS)[number];

export interface Suite {
  /** Relative to the repository. */
  readonly file: string;
  readonly needs: readonly Need[];
  /** Seconds of a quiet machine until its process is killed. */
  readonly timeLimit: number;
  /** It measures time, so nothing runs beside it. */
  readonly alone: boolean;
  /** It has cases that only `npm run test:exhaustive` runs. */
  readonly exhaustive: boolean;
}

export interface LeftOut {
  readonly file: string;
  readonly why: string;
  /** Nobody asked for it, and this is CI: a failure. */
  readonly fatal: boolean;
}

export interface Circumstances {
  readonly unit: boolean;
  readonly ci: boolean;
  /** PIKACI_TEST_LAB=0 asks to leave the lab out. */
  readonly labDeclined: boolean;
  /** Why a need cannot be met here, one reason an entry; empty when it can. */
  readonly missing: Readonly<Record<Need, readonly string[]>>;
}

const UNIT_SECONDS = 60;
const NEEDY_SECONDS = 180;

/**
 * Reads `// needs: lab, nix`, `// time-limit: SECONDS`, `// alone: WHY` and `// exhaustive: WHICH CASES` in the comment lines
 * that open a file.
 */
export function parseSuite(file: string, text: string): Suite {
  const head = text.split("\n");
  const end = head.findIndex((line) => !line.startsWith("//"));
  const value = (key: string) => {
    const line = head.slice(0, end).find((one) => one.startsWith(`// ${key}:`));
    return line?.slice(line.indexOf(":") + 1).trim();
  };
  const needs = (value("needs") ?? "").split(/[\s,]+/).flatMap((word) => parseNeed(file, word));
  const timeLimit = Number(value("time-limit") ?? (needs.length > 0 ? NEEDY_SECONDS : UNIT_SECONDS));
  if (!(timeLimit > 0)) throw new Error(`${file}: time-limit is not a number of seconds`);
  const alone = value("alone");
  if (alone === "") throw new Error(`${file}: alone, but not why`);
  const exhaustive = value("exhaustive");
  if (exhaustive === "") throw new Error(`${file}: exhaustive, but not what`);
  return { file, needs, timeLimit, alone: alone !== undefined, exhaustive: exhaustive !== undefined };
}

/** Parts what runs here from what is left out, with the reason. */
export function choose(
  suites: readonly Suite[],
  here: Circumstances,
): { run: readonly Suite[]; leftOut: readonly LeftOut[] } {
  const judged = suites.map((suite) => ({ suite, leftOut: reasonToLeaveOut(suite, here) }));
  return {
    run: judged.flatMap(({ suite, leftOut }) => (leftOut === undefined ? [suite] : [])),
    leftOut: judged.flatMap(({ leftOut }) => leftOut ?? []),
  };
}

function reasonToLeaveOut({ file, needs }: Suite, here: Circumstances): LeftOut | undefined {
  if (here.unit && needs.length > 0)
    return { file, why: `needs ${needs.join(" and ")}, --unit`, fatal: false };
  for (const need of needs) {
    const reasons = here.missing[need];
    if (reasons.length === 0) continue;
    const asked = need === "lab" && here.labDeclined;
    return { file, why: `needs ${need}: ${reasons.join("; ")}`, fatal: here.ci && !asked };
  }
  return undefined;
}

function parseNeed(file: string, word: string): Need[] {
  if (word === "") return [];
  const need = NEEDS.find((one) => one === word);
  if (need !== undefined) return [need];
  throw new Error(`${file}: needs "${word}", which is none of ${NEEDS.join(", ")}`);
}
