const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

export const SIZE_PATTERN = /^\d+ ?(B|kB|MB|GB|KiB|MiB|GiB)$/;

/** Bytes of `100MiB`, `2 GB` or a number of bytes; null when it is no size. */
export function parseSize(value: string | number): number | null {
  const bytes = typeof value === "number" ? value : product(value);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
}

function product(text: string): number {
  if (!SIZE_PATTERN.test(text)) return Number.NaN;
  const [, amount, unit] = /^(\d+) ?(\w+)$/.exec(text) ?? [];
  return Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN);
}
