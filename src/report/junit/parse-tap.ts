import { plural } from "../format.ts";
import type { TestCase, TestSuite } from "./suite.ts";

const LINE = /^(not )?ok\b(?: +(\d+))?(?: +-)?(?: +(.*))?$/;
const DIRECTIVE = /^(.*?)(?:^|\s+)# *(skip|todo)\b:?\s*(.*)$/i;

/**
 * The tests of a TAP stream (13 or 14), its outermost level; tests that the plan announced and that never came are
 * errors. Throws Error when it has no plan: it was cut off, or is no TAP.
 */
export function parseTap(text: string, name: string): TestSuite {
  const cases: TestCase[] = [];
  let planned: number | null = null;
  let bail: string | null = null;
  let notes: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const plan = /^1\.\.(\d+)(?=\s|$)/.exec(line);
    const found = LINE.exec(line);
    if (plan !== null) planned = Number(plan[1]);
    if (line.startsWith("Bail out!"))
      bail = line.slice("Bail out!".length).trim() || "the stream says: Bail out!";
    if (found === null && cases.length > 0 && /^( {2,}|#)/.test(line)) notes.push(line);
    if (found === null) continue;
    withNotes(cases, notes);
    notes = [];
    cases.push(caseOf(found, cases.length + 1));
  }
  withNotes(cases, notes);
  const lost = bail ?? wrongCount(planned, cases.length);
  return { name, cases: lost === null ? cases : [...cases, lostCase(lost)] };
}

function wrongCount(planned: number | null, came: number): string | null {
  if (planned === null)
    throw new Error(
      came === 0 ? "no TAP: it has neither a plan nor tests" : `cut off: ${plural(came, "test")}, no plan`,
    );
  if (came > planned) return `${came} tests came, ${planned} were planned`;
  return came < planned ? `${planned - came} of ${planned} planned tests never came` : null;
}

function caseOf([, not, number, rest = ""]: RegExpExecArray, position: number): TestCase {
  const directive = DIRECTIVE.exec(rest);
  const described = (directive === null ? rest : (directive[1] ?? "")).trim();
  const skipped = directive !== null && (directive[2]?.toLowerCase() === "skip" || not !== undefined);
  return {
    name: described || `test ${number ?? position}`,
    classname: "",
    seconds: null,
    outcome: skipped ? "skipped" : not === undefined ? "passed" : "failed",
    message: directive?.[3] ?? "",
    text: "",
  };
}

/** Diagnostics belong to the test before them; only of one that failed they are kept. */
function withNotes(cases: TestCase[], notes: readonly string[]): void {
  const last = cases.at(-1);
  if (last?.outcome === "failed") cases[cases.length - 1] = { ...last, text: notes.join("\n") };
}

function lostCase(message: string): TestCase {
  return { name: "the whole stream", classname: "", seconds: null, outcome: "error", message, text: "" };
}
