import type { CaseResult } from "./case.ts";
import { type Case, FAULTS, leftOut, MODES, type Mode, STEPS } from "./grid.ts";

/** The cases of some modes that make sense, and why the others do not. */
export function casesOf(modes: readonly Mode[]): { readonly run: Case[]; readonly without: string[] } {
  const all = modes.flatMap((mode) =>
    STEPS.flatMap((step) => FAULTS.map((fault): Case => ({ step, fault, mode }))),
  );
  const reasons = all.flatMap((one) => {
    const reason = leftOut(one);
    return reason === null ? [] : [`${one.mode} ${one.step}: ${reason}`];
  });
  return { run: all.filter((one) => leftOut(one) === null), without: [...new Set(reasons)] };
}

export function lineOf({ mode, step, fault, outcome, problems, seconds }: CaseResult): string {
  const head = `${problems.length === 0 ? "ok  " : "BAD "} ${mode} ${step} ${fault} (${seconds.toFixed(1)} s): ${outcome}`;
  return [head, ...problems.map((problem) => `       ${problem}`)].join("\n");
}

/** Faults across, steps down, one table a mode: how the publisher ended, then how the next one did. */
export function tableOf(results: readonly CaseResult[]): string {
  const tables = MODES.flatMap((mode) => {
    const some = results.filter((one) => one.mode === mode);
    return some.length === 0 ? [] : [render([[mode, ...FAULTS], ...rowsOf(some)])];
  });
  return tables.join("\n\n");
}

function rowsOf(results: readonly CaseResult[]): string[][] {
  return STEPS.filter((step) => results.some((one) => one.step === step)).map((step) => [
    step,
    ...FAULTS.map((fault) => cell(results.find((one) => one.step === step && one.fault === fault))),
  ]);
}

function cell(result: CaseResult | undefined): string {
  if (result === undefined) return "";
  const [ended = "", next = ""] = result.outcome.split("; ");
  return `${result.problems.length === 0 ? "" : "BAD "}${ended}, ${next.replace("next ", "")}`;
}

function render(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
