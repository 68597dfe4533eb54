import { MOST_TESTS } from "./suite.ts";
import { readTapLine, type TapLine, type TapTest } from "./tap-lines.ts";

const DEEPEST = 100;
const INDENT = 4;
/** Lines that are kept of what looked like a subtest and is none. */
const MOST_NOTES = 10_000;

/** A test line and what belongs to it. */
export interface TapPoint {
  test: TapTest;
  /** The lines of its YAML block, less its indentation and its marks; null when it has none. */
  yaml: readonly string[] | null;
  /** Diagnostics between the test before and this one; some producers write them there. */
  readonly early: readonly string[];
  /** Diagnostics after it, its YAML block among them. */
  readonly notes: string[];
  subtests: TapStream | null;
}

/** The tests of one level: of the whole stream, or those of one subtest. */
export interface TapStream {
  readonly points: TapPoint[];
  /** What a `# Subtest` comment calls it. */
  name: string | null;
  planned: number | null;
  /** Why the plan says that nothing is run. */
  reason: string;
}

interface OpenStream extends TapStream {
  /** A comment or a brace said that it is a subtest; otherwise it needs a plan to be one. */
  announced: boolean;
  /** The test before it whose line ends with a brace. */
  readonly owner: TapPoint | null;
  /** Diagnostics since the last test, and of which it is not said which test they belong to. */
  loose: string[];
  /** Its plan came after its tests: what follows is a summary. */
  ended: boolean;
  /** The index of its first line. */
  readonly from: number;
}

/** A YAML block whose end has not come, with its indentation. */
interface OpenYaml {
  readonly point: TapPoint;
  readonly indent: string;
  /** Its lines, less the indentation of its test, which is `outer` spaces. */
  readonly lines: string[];
  readonly outer: number;
}

/** What a text says as TAP: the outermost stream, and why it was given up. */
interface TapDocument {
  readonly stream: TapStream;
  readonly bail: string | null;
}

/** Builds the tree of a TAP stream; a subtest belongs to the test line that follows it, or to the one that opens it. */
export function readTap(text: string): TapDocument {
  return new Reader(text.split(/\r\n|\n|\r/)).read();
}

class Reader {
  readonly #lines: readonly string[];
  /** The index of the line that is read. */
  #now = 0;
  readonly #open: OpenStream[] = [newStream(null, 0)];
  #bail: string | null = null;
  #tests = 0;
  #announced: { readonly level: number; readonly name: string } | null = null;
  #yaml: OpenYaml | null = null;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  read(): TapDocument {
    for (const line of this.#lines) {
      this.#take(line);
      this.#now += 1;
    }
    if (this.#yaml !== null) append(this.#yaml.point.notes, this.#yaml.lines);
    this.#closeTo(0);
    return { stream: this.#at(0), bail: this.#bail };
  }

  #take(line: string): void {
    if (this.#yaml !== null && this.#takeYaml(line, this.#yaml)) return;
    const indent = line.search(/\S|$/);
    const level = Math.floor(indent / INDENT);
    if (line.slice(indent).trimEnd() === "---" && this.#opensYaml(line, indent)) return;
    const read: TapLine = indent % INDENT === 0 ? readTapLine(line.slice(indent)) : { type: "other" };
    if (read.type === "subtest") this.#openAnnounced(level);
    const isTooDeep = level > this.#open.length || level > DEEPEST;
    if (isTooDeep || !this.#takeTap(read, level)) this.#note(line);
  }

  /** A second comment, one level deeper, is the first thing in the subtest that the last one announced. */
  #openAnnounced(level: number): void {
    if (this.#announced?.level !== level - 1 || level > DEEPEST) return;
    if (level === this.#open.length || level === this.#open.length + 1) this.#streamAt(this.#open.length);
  }

  /** False when the line is a note. */
  #takeTap(line: TapLine, level: number): boolean {
    switch (line.type) {
      case "test":
        this.#test(line, level);
        return true;
      case "plan": {
        const stream = this.#streamAt(level);
        stream.planned = line.planned;
        stream.reason = line.reason;
        stream.ended = stream.points.length > 0;
        return true;
      }
      case "bail":
        this.#bail ??= line.reason || "the stream says: Bail out!";
        return true;
      case "subtest":
        this.#closeTo(level);
        this.#announced = { level, name: line.name };
        return true;
      case "open":
        return this.#brace(level);
      case "close":
        return this.#closeBrace(level);
      case "other":
        return false;
    }
  }

  #test(test: TapTest, level: number): void {
    this.#tests += 1;
    if (this.#tests > MOST_TESTS) throw new Error(`more than ${MOST_TESTS.toLocaleString("en")} tests`);
    const stream = this.#streamAt(level);
    const subtests = this.#takeSubtests(level);
    const point: TapPoint = { test, yaml: null, early: stream.loose, notes: [], subtests };
    stream.loose = [];
    stream.points.push(point);
    if (test.opens) this.#open.push(newStream(point, this.#now + 1));
  }

  /** The stream of a level, opened if it is the next one; what is open below it stays for its test line. */
  #streamAt(level: number): OpenStream {
    if (level === this.#open.length) {
      const stream = newStream(null, this.#now);
      const { level: said, name } = this.#announced ?? { level: -1, name: "" };
      stream.announced = said === level || said === level - 1;
      if (stream.announced) stream.name = name;
      this.#open.push(stream);
    }
    this.#announced = null;
    this.#closeTo(level + 1);
    return this.#at(level);
  }

  /** Closes what is open deeper than a level: nothing says any more how it ended. */
  #closeTo(level: number): void {
    while (this.#open.length > level + 1) {
      const stream = this.#open.pop();
      const outer = this.#open.at(-1);
      if (stream === undefined || outer === undefined) return;
      if (stream.owner !== null) this.#giveToOwner(stream, stream.owner);
      else if (isSubtest(stream)) outer.points.push(orphan(stream));
      else noteIn(outer, this.#raw(stream));
    }
  }

  #takeSubtests(level: number): TapStream | null {
    const stream = this.#open[level + 1];
    if (stream === undefined) return null;
    this.#closeTo(level + 1);
    this.#open.pop();
    if (stream.owner !== null) {
      this.#giveToOwner(stream, stream.owner);
      return null;
    }
    if (isSubtest(stream)) return stream;
    noteIn(this.#at(level), this.#raw(stream));
    return null;
  }

  /** The lines since a stream was opened, before the one that is read. */
  #raw({ from }: OpenStream): readonly string[] {
    return this.#lines.slice(from, Math.min(this.#now, from + MOST_NOTES));
  }

  #giveToOwner(stream: OpenStream, owner: TapPoint): void {
    if (stream.points.length > 0 || stream.planned !== null) {
      owner.subtests = stream;
      return;
    }
    if (owner.test.opens) owner.test = { ...owner.test, description: `${owner.test.description} {` };
    append(owner.notes, this.#raw(stream));
  }

  /** A brace on a line of its own, after the YAML block of the test that it belongs to. */
  #brace(level: number): boolean {
    const point = this.#open[level]?.points.at(-1);
    if (point === undefined || this.#open.length !== level + 1) return false;
    this.#open.push(newStream(point, this.#now + 1));
    return true;
  }

  #closeBrace(level: number): boolean {
    if (this.#open[level + 1]?.owner == null) return false;
    this.#takeSubtests(level);
    return true;
  }

  /** Two spaces deeper than its test (TAP 13 and 14), or four (vitest). */
  #opensYaml(line: string, indent: number): boolean {
    const level = this.#open.length - 1;
    const point = this.#at(level).points.at(-1);
    const deeper = indent - level * INDENT;
    if (point === undefined || point.yaml !== null || deeper < 1 || deeper > INDENT) return false;
    this.#yaml = {
      point,
      indent: " ".repeat(indent),
      lines: [line.slice(level * INDENT)],
      outer: level * INDENT,
    };
    return true;
  }

  /** False when the block ends before this line, without its mark. */
  #takeYaml(line: string, { point, indent, lines, outer }: OpenYaml): boolean {
    const isInside = line.startsWith(indent) || line.trim() === "";
    if (isInside) lines.push(line.slice(outer));
    const isEnd = line.trimEnd() === `${indent}...`;
    if (isInside && !isEnd) return true;
    if (isEnd) point.yaml = lines.slice(1, -1).map((one) => one.slice(indent.length - outer));
    append(point.notes, lines);
    this.#yaml = null;
    return isInside;
  }

  #note(line: string): void {
    if (/^(?: {2,}|\t|#)/.test(line)) noteIn(this.#at(this.#open.length - 1), [line]);
  }

  #at(level: number): OpenStream {
    const stream = this.#open[level];
    if (stream === undefined) throw new Error(`no stream of level ${level}`);
    return stream;
  }
}

function newStream(owner: TapPoint | null, from: number): OpenStream {
  return {
    points: [],
    name: null,
    planned: null,
    reason: "",
    announced: owner !== null,
    owner,
    loose: [],
    ended: false,
    from,
  };
}

/** Indented lines of other programs look like tests, too, but have neither a comment before them nor a plan. */
function isSubtest({ announced, planned }: OpenStream): boolean {
  return announced || planned !== null;
}

function noteIn(stream: OpenStream, lines: readonly string[]): void {
  const last = stream.points.at(-1);
  append(last === undefined || last.test.ok || stream.ended ? stream.loose : last.notes, lines);
}

/** However many: arguments of a call are limited. */
function append(to: string[], lines: readonly string[]): void {
  for (const line of lines) to.push(line);
}

/** The stream ended before the subtest's own test line. */
function orphan(stream: TapStream): TapPoint {
  const test: TapTest = {
    type: "test",
    ok: false,
    number: null,
    description: stream.name ?? "",
    directive: null,
    seconds: null,
    opens: false,
  };
  return { test, yaml: null, early: [], notes: ["its own test line never came"], subtests: stream };
}
