/** An earlier one of these names that differs from the one at `index` by case only. */
export function caseTwin(names: readonly string[], index: number): string | undefined {
  const name = names[index]?.toLowerCase();
  return names.slice(0, index).find((other) => other.toLowerCase() === name);
}
