import { formatDuration } from "../../config/duration.ts";
import type { PlanGraph } from "../../runs/plan-graph.ts";
import type { Timing } from "../../runs/timing.ts";
import { sanitise } from "../sanitise.ts";
import { waterfallRows } from "../waterfall.ts";
import { escapeHtml } from "./escape.ts";

const WIDTH = 900;
const LABEL = 150;
const ROW = 24;
const TICKS = 5;

/** When each stage and each job's phases were, as a picture. */
export function waterfallSvg(timing: Timing): string {
  const rows = waterfallRows(timing);
  const room = WIDTH - LABEL - 80;
  const height = rows.length * ROW + 24;
  const ticks = Array.from({ length: TICKS + 1 }, (_, index) => {
    const x = LABEL + (room * index) / TICKS;
    const time = formatDuration(((timing.end - timing.start) * index) / TICKS);
    return `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height - 20}"/><text class="dim" x="${x}" y="${height - 6}" text-anchor="middle">${time}</text>`;
  });
  const drawn = rows.map(({ label, bars, ms }, index) => {
    const y = index * ROW;
    const parts = bars.map(({ name, from, to, ms: took }) => {
      const width = Math.max(2, (to - from) * room);
      const kind = ["launching", "booting", "ending", "collecting"].includes(name) ? "bar2" : "bar";
      return `<rect class="${kind}" x="${LABEL + from * room}" y="${y + 4}" width="${width}" height="${ROW - 9}" rx="2"><title>${text(name)}: ${formatDuration(took)}</title></rect>`;
    });
    const end = LABEL + (bars.at(-1)?.to ?? 0) * room + 6;
    return `<text x="0" y="${y + 16}">${text(cut(label, 22))}</text>${parts.join("")}<text class="dim" x="${end}" y="${y + 16}">${formatDuration(ms)}</text>`;
  });
  return svg(WIDTH, height, "when stages and jobs ran", [...ticks, ...drawn]);
}

const BOX = { width: 300, height: 34, gap: 14 };

/** What needs what: prepared outputs on the left, jobs on the right. */
export function planSvg({ nodes }: PlanGraph): string {
  const columns = [
    nodes.filter((node) => node.kind === "prepare"),
    nodes.filter((node) => node.kind === "execute"),
  ];
  const step = BOX.height + BOX.gap;
  const rows = Math.max(1, ...columns.map((column) => column.length));
  const places = new Map(
    columns.flatMap((column, x) =>
      column.map((node, y) => [node.id, { x: x * (WIDTH - BOX.width), y: y * step }] as const),
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
  const boxes = nodes.map((node) => box(node, places.get(node.id) ?? { x: 0, y: 0 }));
  return svg(WIDTH, rows * step, "what needs what", [...edges, ...boxes]);
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function edge(from: Point, to: Point): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `<path class="edge" d="M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}"/>`;
}

function box({ id, label }: PlanGraph["nodes"][number], { x, y }: Point): string {
  return `<g><title>${text(id)}</title><rect class="box" x="${x + 0.5}" y="${y + 0.5}" width="${BOX.width - 1}" height="${BOX.height - 1}" rx="4"/><text x="${x + 10}" y="${y + 21}">${text(cut(label, 42))}</text></g>`;
}

function svg(width: number, height: number, label: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${label}">${parts.join("")}</svg>`;
}

function cut(label: string, length: number): string {
  return label.length > length ? `${label.slice(0, length - 1)}…` : label;
}

function text(untrusted: string): string {
  return escapeHtml(sanitise(untrusted));
}
