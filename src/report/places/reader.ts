import { blockMatchers } from "./blocks.ts";
import { anyOf } from "./gate.ts";
import { lineMatchers } from "./lines.ts";
import type { Matcher } from "./matcher.ts";
import type { NamedFiles } from "./named-files.ts";
import { type Level, levelOf, levelOfMessage, lineNumber, type Place } from "./place.ts";

/** Of a line, so much is looked at; no tool puts a place behind it, and no expression takes long for it. */
const LOOKED_AT = 1000;
/** Lines of one report, and characters of its message. */
const LONGEST = 2000;
const LONGEST_MESSAGE = 1000;
/** Directories of makes that call each other. */
const DEEPEST = 32;
const MAKE = /^(?:g?make|ninja)(?:\[\d+\])?: (?<turn>Entering|Leaving) directory [`'](?<directory>\/.+)'$/;

/** Whether a line may begin a report or be a heading. */
const mayOpen = anyOf([
  ...blockMatchers.flatMap(({ begins, heading }) =>
    heading === undefined ? begins : [begins, heading.line],
  ),
  ...lineMatchers.map(({ begins }) => begins),
]);

type Groups = Readonly<Record<string, string | undefined>>;

/** What a tool has said so far. */
interface Report {
  readonly matcher: Matcher;
  readonly file: string | null;
  readonly line: number | null;
  readonly level: Level | null;
  readonly message: string;
  readonly lines: number;
}

interface Heading {
  readonly level: Level;
  readonly message: string;
  readonly at: number;
}

/** Finds the places in a log, line by line: what matches the first line of a tool's report opens one. */
export class PlaceReader {
  readonly #files: NamedFiles;
  /** The directories that tools run in, the innermost first. */
  #directories: readonly string[];
  readonly #headings = new Map<Matcher, Heading>();
  #open: readonly Report[] = [];
  #at = 0;

  /** `cwd` is the job's directory in the guest. */
  constructor(cwd: string, files: NamedFiles) {
    this.#directories = [cwd];
    this.#files = files;
  }

  /** The places that are told when this line is; it is sanitised. */
  push(whole: string): Place[] {
    const line = whole.slice(0, LOOKED_AT);
    this.#at += 1;
    this.#noteDirectory(line);
    const goesOn = this.#open.map((report) => this.#goOn(report, line));
    const places = goesOn.flatMap(({ told }) => told);
    const open = goesOn.flatMap(({ report }) => report ?? []);
    if (goesOn.some(({ belongs }) => belongs)) {
      this.#open = open;
      return places;
    }
    if (!mayOpen(line)) {
      this.#open = [];
      return places;
    }
    const begun = blockMatchers.flatMap((matcher) => this.#begin(matcher, line) ?? []);
    this.#open = begun;
    this.#noteHeadings(line);
    return begun.length > 0 ? places : [...places, ...this.#inLine(line)];
  }

  /** What was still open when the log ended. */
  end(): Place[] {
    const places = this.#open.flatMap(told);
    this.#open = [];
    return places;
  }

  #begin(matcher: Matcher, line: string): Report | null {
    const match = matcher.begins.exec(line);
    if (match === null) return null;
    const heading = this.#headings.get(matcher);
    const isNear = heading !== undefined && this.#at - heading.at <= (matcher.heading?.within ?? 0);
    this.#headings.delete(matcher);
    const empty = { matcher, file: null, line: null, level: null, message: "", lines: 0 };
    const report = isNear ? { ...empty, level: heading.level, message: heading.message } : empty;
    return this.#add(report, match.groups ?? {});
  }

  #goOn(
    report: Report,
    line: string,
  ): { readonly report: Report | null; readonly told: Place[]; readonly belongs: boolean } {
    const { next = [], goesOn = [], ends, counts } = report.matcher;
    const due = next[report.lines];
    const expected = due === undefined ? goesOn : [due];
    const found = expected.map((one) => one.exec(line)).find((match) => match !== null);
    const last = due === undefined && found === undefined ? ends?.exec(line) : null;
    const match = found ?? last ?? null;
    if (match === null || report.lines > LONGEST) return { report: null, told: told(report), belongs: false };
    const groups = match.groups ?? {};
    const fresh = counts === "each" ? { ...report, level: null, message: "" } : report;
    const added = { ...this.#add(fresh, groups), lines: report.lines + 1 };
    if (counts === "each") return { report: added, told: toldEach(added), belongs: true };
    return last
      ? { report: null, told: told(added), belongs: true }
      : { report: added, told: [], belongs: true };
  }

  /** One line more: its place, unless an earlier one counts, and its words. */
  #add(report: Report, groups: Groups): Report {
    const { matcher } = report;
    const level = groups["level"] === undefined ? report.level : (report.level ?? levelOf(groups["level"]));
    const message = joined(report.message, groups["message"] ?? "", matcher.says ?? "first");
    const isSettled = (matcher.counts ?? "first") === "first" && report.file !== null && report.line !== null;
    const place = isSettled ? null : this.#place(report, groups);
    return { ...report, level, message, ...place };
  }

  #place(report: Report, groups: Groups): { readonly file: string; readonly line: number | null } | null {
    const { file: name, line: number, package: inPackage = "" } = groups;
    const path = `${inPackage.replaceAll(".", "/")}${name ?? ""}`;
    const file =
      name === undefined ? report.file : this.#files.find(path, this.#directories, report.matcher.naming);
    if (file === null) return null;
    if (number === undefined) return name === undefined ? null : { file, line: null };
    const line = lineNumber(number);
    return line === null ? null : { file, line };
  }

  #inLine(line: string): Place[] {
    for (const matcher of lineMatchers) {
      const report = this.#begin(matcher, line);
      const places = report === null ? [] : told(report);
      if (places.length > 0) return places;
    }
    return [];
  }

  #noteHeadings(line: string): void {
    for (const matcher of blockMatchers) {
      const groups = matcher.heading?.line.exec(line)?.groups;
      if (groups === undefined) continue;
      const message = groups["message"] ?? line.trim();
      const level = groups["level"] === undefined ? levelOfMessage(message) : levelOf(groups["level"]);
      this.#headings.set(matcher, { level, message, at: this.#at });
    }
  }

  #noteDirectory(line: string): void {
    const groups = MAKE.exec(line)?.groups;
    if (groups === undefined) return;
    const { turn, directory = "" } = groups;
    const left = this.#directories.indexOf(directory);
    const isEntered = left !== -1 && left < this.#directories.length - 1;
    if (turn === "Leaving" && isEntered) this.#directories = this.#directories.filter((_, at) => at !== left);
    if (turn === "Entering" && this.#directories.length < DEEPEST)
      this.#directories = [directory, ...this.#directories];
  }
}

function joined(before: string, message: string, says: "first" | "all"): string {
  if (before === "") return message.slice(0, LONGEST_MESSAGE);
  return says === "all" && message !== "" ? `${before} ${message}`.slice(0, LONGEST_MESSAGE) : before;
}

/** The place of a report that is over: none when lines are missing, or no file of it is the project's. */
function told({ matcher, file, line, level, message, lines }: Report): Place[] {
  if (file === null || line === null || matcher.counts === "each") return [];
  if (lines < (matcher.next?.length ?? 0)) return [];
  return [{ level: level ?? levelOfMessage(message), file, line, message }];
}

function toldEach({ file, line, level, message }: Report): Place[] {
  if (file === null || line === null || message === "") return [];
  return [{ level: level ?? levelOfMessage(message), file, line, message }];
}
