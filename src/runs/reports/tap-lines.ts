/** What a test line says behind an unescaped `#`. */
export interface TapDirective {
  readonly kind: "skip" | "todo";
  readonly reason: string;
}

/** `ok` or `not ok`, with what the line says of the test. */
export interface TapTest {
  readonly type: "test";
  readonly ok: boolean;
  readonly number: number | null;
  readonly description: string;
  readonly directive: TapDirective | null;
  readonly seconds: number | null;
  /** It ends with `{`: its subtests follow, to the `}`. */
  readonly opens: boolean;
}

/** A line of TAP 13 or 14, less the indentation of its level. */
export type TapLine =
  | TapTest
  | { readonly type: "plan"; readonly planned: number; readonly reason: string }
  | { readonly type: "bail"; readonly reason: string }
  | { readonly type: "subtest"; readonly name: string }
  | { readonly type: "open" }
  | { readonly type: "close" }
  | { readonly type: "other" };

const DIRECTIVE = /(?:^|\s)#\s*(?:(skip)\S*|todo\b:?)(?:\s+(.*))?$/i;
/** `# time=1.5ms` of tap and vitest, `# in 15 ms` of bats. */
const TIME = /(?:^|\s)#\s*(?:time=|in )(\d+(?:\.\d+)?) ?(ms|s|sec)\s*$/;

export function readTapLine(line: string): TapLine {
  const test = /^(not )?ok\b(.*)$/.exec(line);
  if (test !== null) return testOf(test[1] === undefined, test[2] ?? "");
  const plan = /^1\.\.(\d+)(?=\s|$)(.*)$/.exec(line);
  if (plan !== null) return planOf(Number(plan[1]), plan[2] ?? "");
  const bail = /^bail out!(.*)$/i.exec(line);
  if (bail !== null) return { type: "bail", reason: (bail[1] ?? "").trim() };
  const subtest = /^# Subtest(?:: (.*))?$/i.exec(line);
  if (subtest !== null) return { type: "subtest", name: unescaped((subtest[1] ?? "").trim()) };
  if (/^\{\s*$/.test(line)) return { type: "open" };
  return /^\}\s*$/.test(line) ? { type: "close" } : { type: "other" };
}

function testOf(ok: boolean, afterOk: string): TapTest {
  const line = afterOk.trim();
  const opens = /(?:^|\s)\{$/.test(line);
  const number = /^\d+(?=\s|-|$)/.exec(line)?.[0];
  const numbered = line.slice(number?.length ?? 0, opens ? -1 : undefined).trim();
  const timed = takeTime(/^-(?=\s|$)/.test(numbered) ? numbered.slice(1).trim() : numbered);
  const directive = DIRECTIVE.exec(timed.text);
  const described = directive === null ? timed : takeTime(timed.text.slice(0, directive.index).trim());
  return {
    type: "test",
    ok,
    number: number === undefined ? null : Number(number),
    description: unescaped(described.text),
    directive: directive === null ? null : directiveOf(directive),
    seconds: timed.seconds ?? described.seconds,
    opens,
  };
}

function directiveOf([, skip, reason = ""]: RegExpExecArray): TapDirective {
  return { kind: skip === undefined ? "todo" : "skip", reason: unescaped(reason.trim()).replace(/^-$/, "") };
}

/** Some producers say in a comment how long a test took; it is no part of the test's name. */
function takeTime(text: string): { readonly text: string; readonly seconds: number | null } {
  const time = TIME.exec(text);
  if (time === null) return { text, seconds: null };
  return { text: text.slice(0, time.index).trim(), seconds: Number(time[1]) / (time[2] === "ms" ? 1000 : 1) };
}

function planOf(planned: number, rest: string): TapLine {
  const comment = rest.trim().replace(/^#\s*/, "");
  const reason = comment.replace(/^skip\S*(?:\s+|$)/i, "");
  return { type: "plan", planned, reason };
}

/** TAP 14 escapes `\` and `#` in descriptions; a backslash before anything else is one. */
function unescaped(text: string): string {
  return text.replace(/\\([\\#])/g, "$1");
}
