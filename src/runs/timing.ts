import * as z from "zod";

/** A timed part of a run; `end` is null when it did not end properly. Milliseconds since the epoch. */
export interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number | null;
}

interface JobTiming {
  readonly job: string;
  /** The phases and what follows them; each ends when the next begins. */
  readonly phases: readonly Span[];
}

/** The times of a run, from `events.jsonl`. */
export interface Timing {
  readonly start: number;
  readonly end: number;
  /** Stages of the whole run. */
  readonly stages: readonly Span[];
  readonly jobs: readonly JobTiming[];
  /** When the host had answered; null when it never did. */
  readonly connectedAt: number | null;
  readonly host: { readonly nixVersion: string; readonly workDir: string } | null;
}

const line = z.looseObject({ at: z.iso.datetime() });

/** The events with timing; of the others only `at` is used. */
const known = z.discriminatedUnion("type", [
  z.object({ type: z.literal("connected"), nix_version: z.string(), work_dir: z.string() }),
  z.object({ type: z.literal("stage-started"), stage: z.string(), job: z.string().nullable() }),
  z.object({ type: z.literal("stage-finished"), stage: z.string(), job: z.string().nullable() }),
  z.object({ type: z.literal("job-phase"), job: z.string(), phase: z.string() }),
  z.object({ type: z.literal("job-finished"), job: z.string() }),
]);

type Line = z.output<typeof line>;
type Known = z.output<typeof known>;

/** Parses `events.jsonl`; lines that a killed client left unfinished are ignored. Null when there is no event. */
export function timingOf(text: string): Timing | null {
  const lines = text.split("\n").flatMap(parseLine);
  const [first] = lines;
  const last = lines.at(-1);
  if (first === undefined || last === undefined) return null;
  const reader = new Reader();
  for (const one of lines) {
    const event = known.safeParse(one);
    if (event.success) reader.note(event.data, Date.parse(one.at));
  }
  return { start: Date.parse(first.at), end: Date.parse(last.at), ...reader.timing() };
}

function parseLine(text: string): Line[] {
  if (text === "") return [];
  try {
    const parsed = line.safeParse(JSON.parse(text));
    return parsed.success ? [parsed.data] : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

class Reader {
  readonly #stages: Span[] = [];
  readonly #jobs = new Map<string, Span[]>();
  #host: Timing["host"] = null;
  #connectedAt: number | null = null;

  timing(): Pick<Timing, "stages" | "jobs" | "host" | "connectedAt"> {
    const jobs = [...this.#jobs].map(([job, phases]) => ({ job, phases }));
    return { stages: this.#stages, jobs, host: this.#host, connectedAt: this.#connectedAt };
  }

  note(event: Known, at: number): void {
    switch (event.type) {
      case "connected":
        this.#connectedAt ??= at;
        this.#host = { nixVersion: event.nix_version, workDir: event.work_dir };
        break;
      case "stage-started":
        if (event.job === null) this.#stages.push({ name: event.stage, start: at, end: null });
        else if (event.stage === "collect") this.#phase(event.job, "collecting", at);
        break;
      case "stage-finished":
        if (event.job === null) this.#endStage(event.stage, at);
        break;
      case "job-phase":
        this.#phase(event.job, event.phase, at);
        break;
      case "job-finished":
        this.#endPhase(event.job, at);
        break;
    }
  }

  #endStage(stage: string, at: number): void {
    const index = this.#stages.findLastIndex(({ name, end }) => name === stage && end === null);
    const open = this.#stages[index];
    if (open !== undefined) this.#stages[index] = { ...open, end: at };
  }

  #phase(job: string, name: string, at: number): void {
    if (this.#jobs.get(job)?.at(-1)?.name === name) return;
    this.#endPhase(job, at);
    this.#jobs.set(job, [...(this.#jobs.get(job) ?? []), { name, start: at, end: null }]);
  }

  #endPhase(job: string, at: number): void {
    const phases = this.#jobs.get(job) ?? [];
    const last = phases.at(-1);
    if (last?.end === null) this.#jobs.set(job, [...phases.slice(0, -1), { ...last, end: at }]);
  }
}
