import { formatDuration } from "../../config/duration.ts";
import type { Attempt } from "../../runs/history/attempts.ts";
import { text } from "../html/text.ts";

interface Fit {
  readonly kind: "wide" | "narrow";
  readonly width: number;
  readonly bars: number;
}

const WIDE: Fit = { kind: "wide", width: 900, bars: 60 };
const NARROW: Fit = { kind: "narrow", width: 336, bars: 24 };
const HEIGHT = 120;
const HEAD = 18;
const FOOT = 4;
/** A bar that can be seen and pointed at, however short its time was. */
const LEAST = 3;

/** How long a job took in its latest runs, the newest right, each in its verdict's colour; for a wide and a narrow screen. */
export function timesChart(attempts: readonly Attempt[], usual: number | null): string {
  return [WIDE, NARROW].map((fit) => chart(attempts, usual, fit)).join("");
}

function chart(all: readonly Attempt[], usual: number | null, { kind, width, bars }: Fit): string {
  const attempts = all.slice(0, bars).toReversed();
  const most = Math.max(1, usual ?? 0, ...attempts.map(({ ms }) => ms ?? 0));
  const step = width / bars;
  const heightOf = (ms: number) => Math.max(LEAST, (ms / most) * (HEIGHT - HEAD - FOOT));
  const drawn = attempts.map(({ run_id, status, ms }, index) => {
    const height = heightOf(ms ?? 0);
    const told = `${status}${ms === null ? "" : ` in ${formatDuration(ms)}`}, ${run_id}`;
    const x = width - (attempts.length - index) * step;
    return `<rect class="verdict ${text(status)}" x="${(x + 1).toFixed(1)}" y="${(HEIGHT - FOOT - height).toFixed(1)}" width="${(step - 2).toFixed(1)}" height="${height.toFixed(1)}" rx="1"><title>${text(told)}</title></rect>`;
  });
  const y = usual === null ? 0 : HEIGHT - FOOT - heightOf(usual);
  const line =
    usual === null
      ? ""
      : `<line class="usual" x1="0" x2="${width}" y1="${y}" y2="${y}"/><text class="dim" x="0" y="11">usually ${formatDuration(usual)}</text>`;
  const label = `times of the latest ${attempts.length} runs, the longest ${formatDuration(most)}`;
  return `<svg class="${kind} chart" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" role="img" aria-label="${label}"><line class="grid" x1="0" x2="${width}" y1="${HEIGHT - FOOT}" y2="${HEIGHT - FOOT}"/>${drawn.join("")}${line}</svg>`;
}

/** The latest verdicts as small marks, the newest right; said in words for who cannot see them. */
export function marks(attempts: readonly Attempt[]): string {
  const shown = attempts.slice(0, 20).toReversed();
  const words = shown.map(({ status }) => status).join(", ");
  const drawn = shown.map(
    ({ status }, index) =>
      `<rect class="verdict ${text(status)}" x="${index * 8}" y="1" width="6" height="14" rx="1"><title>${text(status)}</title></rect>`,
  );
  return `<svg class="marks" viewBox="0 0 160 16" width="160" height="16" role="img" aria-label="${text(words === "" ? "no verdicts" : words)}">${drawn.join("")}</svg>`;
}
