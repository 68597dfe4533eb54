export type Level = "error" | "warning" | "notice";

/** The worst first. */
export const LEVELS: readonly Level[] = ["error", "warning", "notice"];

/** Where a tool says that something is wrong: `file` is relative to the workspace, and in its snapshot. */
export interface Place {
  readonly level: Level;
  readonly file: string;
  readonly line: number;
  /** Empty where the tool says none. */
  readonly message: string;
}

/** What a tool calls a level; any other word is an error, as its job did not pass. */
export function levelOf(word: string): Level {
  if (/^(?:(?:\w+ )?\w*warning|warn|!|⚠)$/i.test(word)) return "warning";
  return /^(?:note|notice|info|hint|help|remark|style|message|deprecated|i|ℹ)$/i.test(word)
    ? "notice"
    : "error";
}

/** By the first word of what was said: `warning: unused`, `DeprecationWarning: old`. */
export function levelOfMessage(message: string): Level {
  return levelOf(/^\w*/.exec(message)?.[0] ?? "");
}

/** A line's number as tools write it; null where it is none. */
export function lineNumber(text: string): number | null {
  const line = Number(text);
  return Number.isSafeInteger(line) && line >= 1 ? line : null;
}
