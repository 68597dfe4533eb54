const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest duration that timers and shell arithmetic on a host hold: 24 days, in milliseconds. */
export const LONGEST_MS = 24 * 86_400_000;

export const DURATION_PATTERN = /^(\d+(ms|s|m|h|d))+$/;

/** Milliseconds of `90s`, `10m`, `1h30m`, `500ms` or a number of milliseconds; null when it is no duration. */
export function parseDuration(value: string | number): number | null {
  const ms = typeof value === "number" ? value : sumParts(value);
  return ms !== null && Number.isSafeInteger(ms) && ms > 0 && ms <= LONGEST_MS ? ms : null;
}

function sumParts(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  const parts = text.matchAll(/(\d+)(ms|s|m|h|d)/g);
  return [...parts].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN),
    0,
  );
}

/** `850 ms`, `12.3 s`, `4 min 5 s`, `2 h`: a duration for people. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? joinParts(minutes, "min", seconds % 60, "s")
    : joinParts(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

function joinParts(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;
}

/** A duration of the configuration in milliseconds; `fallback` where there is none. */
export function milliseconds(value: string | number | undefined, fallback: number): number {
  return value === undefined ? fallback : (parseDuration(value) ?? fallback);
}
