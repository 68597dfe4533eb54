import { ESC, LineSanitiser } from "../sanitise.ts";
import { escapeHtml } from "./escape.ts";

interface Style {
  readonly foreground: string | null;
  readonly background: string | null;
  readonly flags: ReadonlySet<string>;
}

const PLAIN: Style = { foreground: null, background: null, flags: new Set() };
const FLAGS: Readonly<Record<number, string>> = { 1: "b", 2: "d", 3: "i", 4: "u", 7: "r", 9: "s" };
const ENDS: Readonly<Record<number, readonly string[]>> = {
  22: ["b", "d"],
  23: ["i"],
  24: ["u"],
  27: ["r"],
  29: ["s"],
};
const EXTENDED: Readonly<Record<number, "foreground" | "background" | "underline">> = {
  38: "foreground",
  48: "background",
  58: "underline",
};
const SGR = new RegExp(`${ESC}\\[([\\d;:]*)m`);

/** Lines of a log as HTML: its colours as classes, everything else of it as text. */
export function ansiToHtml(log: string): string[] {
  let style = PLAIN;
  const lines = log.replace(/\r+\n/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => {
    const parts = line.split(SGR);
    let html = "";
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] ?? "";
      if (index % 2 === 1) style = afterSgr(style, part);
      else html += styled(lineText(part), style);
    }
    return html;
  });
}

/** What a carriage return would have written over is kept, on the same line. */
function lineText(text: string): string {
  const sanitiser = new LineSanitiser();
  return [...sanitiser.push(Buffer.from(text)), ...sanitiser.end()].join(" ");
}

function styled(text: string, { foreground, background, flags }: Style): string {
  if (text === "") return "";
  const classes = [
    ...(foreground === null ? [] : [`f${foreground}`]),
    ...(background === null ? [] : [`k${background}`]),
    ...[...flags].map((flag) => `t${flag}`),
  ];
  return classes.length === 0
    ? escapeHtml(text)
    : `<span class="${classes.join(" ")}">${escapeHtml(text)}</span>`;
}

function afterSgr(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = style;
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    const place = EXTENDED[code];
    if (place === undefined) next = afterCode(next, code);
    else {
      const { color, used } = extendedColor(codes.slice(index + 1));
      if (place !== "underline") next = { ...next, [place]: color };
      index += used;
    }
  }
  return next;
}

function afterCode(style: Style, code: number): Style {
  const flag = FLAGS[code];
  const ended = ENDS[code];
  if (code === 0) return PLAIN;
  if (flag !== undefined) return { ...style, flags: new Set([...style.flags, flag]) };
  if (ended !== undefined)
    return { ...style, flags: new Set([...style.flags].filter((one) => !ended.includes(one))) };
  if (code >= 30 && code <= 37) return { ...style, foreground: String(code - 30) };
  if (code >= 90 && code <= 97) return { ...style, foreground: String(code - 82) };
  if (code === 39) return { ...style, foreground: null };
  if (code >= 40 && code <= 47) return { ...style, background: String(code - 40) };
  if (code >= 100 && code <= 107) return { ...style, background: String(code - 92) };
  return code === 49 ? { ...style, background: null } : style;
}

/** Of `38;5;N` and `38;2;R;G;B` the nearest of the sixteen colours, so that a page needs no styles of the log's own. */
function extendedColor([kind, ...values]: readonly number[]): { color: string | null; used: number } {
  const [first = 0, second = 0, third = 0] = values;
  if (kind === 5) return { color: first < 16 ? String(first) : nearest(paletteRgb(first)), used: 2 };
  if (kind === 2) return { color: nearest([first, second, third]), used: 4 };
  return { color: null, used: values.length + 1 };
}

function paletteRgb(index: number): readonly number[] {
  if (index >= 232) return Array.from({ length: 3 }, () => 8 + 10 * (index - 232));
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
}

function nearest([red = 0, green = 0, blue = 0]: readonly number[]): string {
  const most = Math.max(red, green, blue);
  if (most < 64) return "0";
  const bits = [red, green, blue].reduce((sum, value, bit) => sum + (value > most / 2 ? 1 << bit : 0), 0);
  return String(bits + (most > 191 ? 8 : 0));
}
