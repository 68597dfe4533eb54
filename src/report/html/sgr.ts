/** How text is shown, as names of classes in style.ts: `f` and `k` with one of sixteen colours, `t` with a flag. */
export interface Style {
  readonly foreground: string | null;
  readonly background: string | null;
  readonly flags: ReadonlySet<string>;
}

export const PLAIN: Style = { foreground: null, background: null, flags: new Set() };

/** What a parameter sets, and what it ends first. */
interface Change {
  readonly ends: readonly string[];
  readonly sets: readonly string[];
}

const UNDERLINES = ["u", "u2", "u3", "u4", "u5"];
const CHANGES: Readonly<Record<string, Change>> = {
  1: { ends: [], sets: ["b"] },
  2: { ends: [], sets: ["d"] },
  3: { ends: [], sets: ["i"] },
  4: { ends: UNDERLINES, sets: ["u"] },
  "4:0": { ends: UNDERLINES, sets: [] },
  "4:1": { ends: UNDERLINES, sets: ["u"] },
  "4:2": { ends: UNDERLINES, sets: ["u", "u2"] },
  "4:3": { ends: UNDERLINES, sets: ["u", "u3"] },
  "4:4": { ends: UNDERLINES, sets: ["u", "u4"] },
  "4:5": { ends: UNDERLINES, sets: ["u", "u5"] },
  7: { ends: [], sets: ["r"] },
  9: { ends: [], sets: ["s"] },
  21: { ends: UNDERLINES, sets: ["u", "u2"] },
  22: { ends: ["b", "d"], sets: [] },
  23: { ends: ["i"], sets: [] },
  24: { ends: UNDERLINES, sets: [] },
  27: { ends: ["r"], sets: [] },
  29: { ends: ["s"], sets: [] },
};
const EXTENDED: Readonly<Record<string, "foreground" | "background" | "underline">> = {
  38: "foreground",
  48: "background",
  58: "underline",
};

/** The style after `ESC [ parameters m`: ECMA-48, with the parts that ITU T.416 writes with colons. */
export function afterSgr(style: Style, parameters: string): Style {
  const words = parameters.split(";");
  let next = style;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const [code = "", ...parts] = word.split(":");
    const place = EXTENDED[code];
    if (place === undefined) {
      next = afterWord(next, word);
      continue;
    }
    const { color, used } =
      parts.length > 0 ? colorOfParts(parts) : colorOfWords(words.slice(index + 1, index + 5));
    if (color !== null && place !== "underline") next = { ...next, [place]: color };
    index += used;
  }
  return next;
}

/** One parameter; what is unknown changes nothing. */
function afterWord(style: Style, word: string): Style {
  const change = CHANGES[word];
  if (change !== undefined) {
    const kept = [...style.flags].filter((flag) => !change.ends.includes(flag));
    return { ...style, flags: new Set([...kept, ...change.sets]) };
  }
  if (word.includes(":")) return style;
  const code = Number(word);
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return { ...style, foreground: String(code - 30) };
  if (code >= 90 && code <= 97) return { ...style, foreground: String(code - 82) };
  if (code === 39) return { ...style, foreground: null };
  if (code >= 40 && code <= 47) return { ...style, background: String(code - 40) };
  if (code >= 100 && code <= 107) return { ...style, background: String(code - 92) };
  return code === 49 ? { ...style, background: null } : style;
}

interface Color {
  readonly color: string | null;
  /** Words after the first that belong to it. */
  readonly used: number;
}

/** `38;5;N` and `38;2;R;G;B`, as most programs write it; of another kind, all that follows is taken for its own. */
function colorOfWords([kind = "", ...words]: readonly string[]): Color {
  if (kind === "5") return { color: indexed(words[0]), used: 2 };
  if (kind === "2") return { color: direct(words.slice(0, 3)), used: 4 };
  return { color: null, used: Number.POSITIVE_INFINITY };
}

/** `38:5:N` and `38:2:ID:R:G:B:…` of T.416, whose ID of a colour space is mostly empty; and `38:2:R:G:B`, without it. */
function colorOfParts([kind = "", ...parts]: readonly string[]): Color {
  if (kind === "5") return { color: indexed(parts[0]), used: 0 };
  if (kind !== "2") return { color: null, used: 0 };
  return { color: direct(parts.length > 3 ? parts.slice(1, 4) : parts), used: 0 };
}

function indexed(word: string | undefined): string | null {
  const [index] = word === undefined ? [] : bytes([word]);
  if (index === undefined) return null;
  return index < 16 ? String(index) : nearest(paletteRgb(index));
}

function direct(words: readonly string[]): string | null {
  const values = bytes(words);
  return values.length === 3 && words.length === 3 ? nearest(values) : null;
}

/** Those that are a byte; what is left out is 0. */
function bytes(words: readonly string[]): number[] {
  return words.map(Number).filter((value) => value <= 255);
}

function paletteRgb(index: number): readonly number[] {
  if (index >= 232) return Array.from({ length: 3 }, () => 8 + 10 * (index - 232));
  const level = (value: number) => (value === 0 ? 0 : 55 + 40 * value);
  const cube = index - 16;
  return [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
}

/** The nearest of the sixteen colours, so that a page needs no styles of the log's own. */
function nearest([red = 0, green = 0, blue = 0]: readonly number[]): string {
  const most = Math.max(red, green, blue);
  if (most < 64) return "0";
  const bits = [red, green, blue].reduce((sum, value, bit) => sum + (value > most / 2 ? 1 << bit : 0), 0);
  return String(bits + (most > 191 ? 8 : 0));
}
