import { formatDuration } from "../config/duration.ts";
import { accountOf, sumsOf } from "../runs/account.ts";
import type { Timing } from "../runs/timing.ts";
import { sanitise } from "./sanitise.ts";

/** A row of a waterfall: a stage or a job, with its parts as shares (0 to 1) of the run's time. */
interface WaterfallRow {
  readonly label: string;
  readonly ms: number;
  /** A job of the critical path. */
  readonly critical: boolean;
  readonly bars: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly ms: number;
  }[];
}

const BETWEEN = ["connecting", "waiting", "closing"];

/** Stages, then jobs, then what no stage and no job took of the time; in the order in which they began; what never ended lasts to the run's end. */
export function waterfallRows(timing: Timing, critical: readonly string[] = []): WaterfallRow[] {
  const { start, end, stages, jobs } = timing;
  const between = accountOf(timing).filter(({ name }) => BETWEEN.includes(name));
  const total = Math.max(1, end - start);
  const bar = (span: { name: string; start: number; end: number | null }) => {
    const to = span.end ?? end;
    return {
      name: span.name,
      from: (span.start - start) / total,
      to: (to - start) / total,
      ms: to - span.start,
    };
  };
  return [
    ...stages.map((span) => row(span.name, [bar(span)])),
    ...jobs.map(({ job, phases }) => ({
      ...row(job, phases.map(bar)),
      critical: critical.includes(job),
    })),
    ...BETWEEN.flatMap((name) => {
      const bars = between.filter((one) => one.name === name).map(bar);
      return bars.length === 0 ? [] : [row(name, bars)];
    }),
  ];
}

function row(label: string, bars: WaterfallRow["bars"]): WaterfallRow {
  return { label, bars, critical: false, ms: bars.reduce((sum, { ms }) => sum + ms, 0) };
}

/** Where all of a run's time went, in a line: `connecting 1.2 s + jobs 8 s = 9.2 s`. */
export function formatAccount(timing: Timing): string {
  const parts = sumsOf(accountOf(timing)).map(({ name, ms }) => `${sanitise(name)} ${formatDuration(ms)}`);
  return `${parts.join(" + ")} = ${formatDuration(timing.end - timing.start)}`;
}

const LABEL_WIDTH = 20;
const MARKS: Readonly<Record<string, string>> = {
  launching: "░",
  booting: "▒",
  ending: "▒",
  collecting: "░",
};

/** A critical path in words; nothing where there is none. */
export function formatCriticalPath(critical: readonly string[]): string[] {
  return critical.length === 0 ? [] : [`* critical path: ${critical.map(sanitise).join(" → ")}`];
}

/** A waterfall in text, `columns` wide; a star marks the jobs of the critical path. */
export function formatWaterfall(timing: Timing, columns: number, critical: readonly string[] = []): string[] {
  const rows = waterfallRows(timing, critical).map((one) =>
    one.critical ? { ...one, label: `* ${one.label}` } : one,
  );
  const label = Math.min(LABEL_WIDTH, Math.max(1, ...rows.map((one) => one.label.length)));
  const times = rows.map(({ ms }) => formatDuration(ms));
  const time = Math.max(1, ...times.map((text) => text.length));
  const width = Math.max(10, columns - label - time - 4);
  return rows.map((one, index) => {
    const name = sanitise(one.label).slice(0, label).padEnd(label);
    return `${name}  ${barText(one, width)}  ${(times[index] ?? "").padStart(time)}`;
  });
}

function barText({ bars }: WaterfallRow, width: number): string {
  const cells = Array.from({ length: width }, () => "·");
  for (const { name, from, to } of bars) {
    const first = Math.min(width - 1, Math.floor(from * width));
    const last = Math.max(first + 1, Math.round(to * width));
    cells.fill(MARKS[name] ?? "█", first, last);
  }
  return cells.slice(0, width).join("");
}
