import { formatDuration } from "../../config/duration.ts";
import { columnsOf, type PlanGraph } from "../../runs/plan-graph.ts";
import type { Timing } from "../../runs/timing.ts";
import { sanitise } from "../sanitise.ts";
import { waterfallRows } from "../waterfall.ts";
import { escapeHtml } from "./escape.ts";

/** How a picture fits a screen: its style shows one of them. */
interface Fit {
  readonly kind: "wide" | "narrow";
  readonly width: number;
  /** Room for the rows' names, and how many characters of them fit. */
  readonly label: number;
  readonly letters: number;
  readonly ticks: number;
}

const WIDTH = 900;
const ROW = 24;
const TIMES = 80;

export const WIDE: Fit = { kind: "wide", width: WIDTH, label: 150, letters: 22, ticks: 5 };
export const NARROW: Fit = { kind: "narrow", width: 336, label: 84, letters: 12, ticks: 2 };

/** When each stage and each job's phases were, as a picture. */
export function waterfallSvg(timing: Timing, fit: Fit, critical: readonly string[] = []): string {
  const { kind, label: labelled, letters, ticks: steps } = fit;
  const rows = waterfallRows(timing, critical);
  const room = fit.width - labelled - TIMES;
  const height = rows.length * ROW + 24;
  const ticks = Array.from({ length: steps + 1 }, (_, index) => {
    const x = labelled + (room * index) / steps;
    const time = formatDuration(((timing.end - timing.start) * index) / steps);
    return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height - 20}"/><text class="dim" x="${x}" y="${height - 6}" text-anchor="middle">${time}</text>`;
  });
  const drawn = rows.map(({ label, bars, ms, critical: decides }, index) => {
    const y = index * ROW;
    const parts = bars.map(({ name, from, to, ms: took }) => {
      const width = Math.max(2, (to - from) * room);
      const kind = ["launching", "booting", "ending", "collecting"].includes(name) ? "bar2" : "bar";
      return `<rect class="${kind}${decides ? " critical" : ""}" x="${labelled + from * room}" y="${y + 4}" width="${width}" height="${ROW - 9}" rx="2"><title>${text(name)}: ${formatDuration(took)}</title></rect>`;
    });
    const end = labelled + (bars.at(-1)?.to ?? 0) * room + 6;
    return `<text x="0" y="${y + 16}"${decides ? ' class="critical"' : ""}>${text(cut(label, letters))}</text>${parts.join("")}<text class="dim" x="${end}" y="${y + 16}">${formatDuration(ms)}</text>`;
  });
  return svg({ kind, width: fit.width, height }, "when stages and jobs ran", [...ticks, ...drawn]);
}

const BOX = { width: 300, height: 34, gap: 14 };
/** Between two columns, at least. */
const ROOM = 40;
const LETTER = 7;

/** What needs what: prepared outputs on the left, each job right of what it needs. */
export function planSvg(plan: PlanGraph): string {
  const { nodes } = plan;
  const columns = columnsOf(plan);
  const step = BOX.height + BOX.gap;
  const rows = Math.max(1, ...columns.map((column) => column.length));
  const wide = Math.min(BOX.width, (WIDTH + ROOM) / columns.length - ROOM);
  const width = Math.max(wide, 80);
  const stride = Math.max((WIDTH - width) / (columns.length - 1), width + ROOM);
  const places = new Map(
    columns.flatMap((column, x) =>
      column.map((node, y) => [node.id, { x: x * stride, y: y * step, width }] as const),
    ),
  );
  const edges = nodes.flatMap((node) => {
    const to = places.get(node.id);
    return to === undefined
      ? []
      : node.needs.flatMap((need) => {
          const from = places.get(need);
          return from === undefined ? [] : [edge(from, to)];
        });
  });
  const boxes = nodes.map((node) => box(node, places.get(node.id) ?? { x: 0, y: 0, width }));
  const whole = Math.max(WIDTH, (columns.length - 1) * stride + width);
  return svg({ kind: "wide", width: whole, height: rows * step }, "what needs what", [...edges, ...boxes]);
}

/** Where a box is, and how wide. */
interface Place {
  readonly width: number;
  readonly x: number;
  readonly y: number;
}

function edge(from: Place, to: Place): string {
  const [x1, y1] = [from.x + from.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `<path class="edge" d="M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

function box({ id, label }: PlanGraph["nodes"][number], { x, y, width }: Place): string {
  return `<g><title>${text(id)}</title><rect class="box" x="${x + 0.5}" y="${y + 0.5}" width="${width - 1}" height="${BOX.height - 1}" rx="4"/><text x="${x + 10}" y="${y + 21}">${text(cut(label, Math.floor((width - 10) / LETTER)))}</text></g>`;
}

/** A plan as a list in words, for a narrow screen. */
export function planList({ nodes }: PlanGraph): string {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  const items = nodes.map(({ label, needs }) => {
    const after = needs.map((need) => labels.get(need) ?? need).join(", ");
    return `<li>${text(label)}${after === "" ? "" : ` <span class="dim">after ${text(after)}</span>`}</li>`;
  });
  return `<ul class="narrow">${items.join("")}</ul>`;
}

interface Size {
  readonly kind: Fit["kind"];
  readonly width: number;
  readonly height: number;
}

function svg({ kind, width, height }: Size, label: string, parts: readonly string[]): string {
  return `<svg class="${kind}" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${label}">${parts.join("")}</svg>`;
}

function cut(label: string, length: number): string {
  return label.length > length ? `${label.slice(0, length - 1)}…` : label;
}

function text(untrusted: string): string {
  return escapeHtml(sanitise(untrusted));
}
