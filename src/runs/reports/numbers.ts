/** Seconds of a `time` attribute: `1.5`, `1,234.5`, `0,5`, `2e-05`; null for what is no time. */
export function parseSeconds(word: string | undefined): number | null {
  const text = (word ?? "").trim();
  const plain = /^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)
    ? text.replaceAll(",", "")
    : text.replace(/^(\d*),(\d+)$/, "$1.$2");
  return /^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? finite(Number(plain)) : null;
}

/** A whole number that is not negative; null for anything else. */
export function parseCount(word: string | undefined): number | null {
  const text = (word ?? "").trim();
  return /^\d+$/.test(text) ? finite(Number(text)) : null;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
