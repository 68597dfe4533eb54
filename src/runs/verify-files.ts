import { join } from "node:path";
import { displayPath, toPath } from "../core/byte-path.ts";
import type { RunRecord } from "../core/run-record.ts";
import { readBytes } from "../system/client-files.ts";
import { digestFile } from "../system/file-digest.ts";
import type { TreeDigests } from "../tree/tree-digests.ts";
import type { FileDigests } from "./sealed-record.ts";

/** Something that was checked, and what is wrong with it or why it could not be checked. */
export interface Finding {
  readonly what: string;
  readonly why: string;
}

export interface Checked {
  /** How many files are as recorded. */
  readonly right: number;
  readonly wrong: readonly Finding[];
  readonly unchecked: readonly Finding[];
}

const EVENTS = "events.jsonl";

/** Files in a run's directory that have no digest: the record, which has its seal, and what later commands put there. */
const BESIDES = ["run.json", "pinned", "report.html", ".reserve"];

/** Compares the present files of a run's directory with the digests in its record; pure. */
export function checkFiles(record: RunRecord, digests: FileDigests, now: TreeDigests): Checked {
  const sealed = isSealedToItsEnd(record, digests);
  const found = new Map(Object.entries(now).filter(([path, digest]) => isOfRun(path, digest)));
  const recorded = new Map(Object.entries(digests));
  const names = [...new Set([...recorded.keys(), ...found.keys()])].filter((path) => path !== EVENTS).sort();
  const wrong: Finding[] = [];
  const unchecked: Finding[] = [];
  for (const path of names) {
    const why = whatIsWrong(found.get(path), recorded.get(path));
    if (why === null) continue;
    const finding = { what: displayPath(toPath(path)), why };
    const open = why === ADDED && !sealed && !isArtifact(path);
    if (open) unchecked.push({ ...finding, why: NOT_SEALED });
    else wrong.push(finding);
  }
  return { right: names.length - wrong.length - unchecked.length, wrong, unchecked };
}

const ADDED = "was added";
const NOT_SEALED =
  "has no digest: the run has not ended, its client was killed, or an older pikaci recorded it";

/** Whether the record has digests of the logs: those are taken last, when only one event follows. */
function isSealedToItsEnd({ state, exit_code }: RunRecord, digests: FileDigests): boolean {
  return state === "finished" && exit_code !== null && Object.hasOwn(digests, EVENTS);
}

/** Whether a path belongs to the run; directories count only among artifacts. */
function isOfRun(path: string, digest: string): boolean {
  if (BESIDES.includes(path)) return false;
  return isArtifact(path) || !digest.startsWith("directory ");
}

function isArtifact(path: string): boolean {
  return /^jobs\/[^/]+\/artifacts\/./s.test(path);
}

/** A digest without a type before it is that of a file. */
function whatIsWrong(now: string | undefined, recorded: string | undefined): string | null {
  if (recorded === undefined) return ADDED;
  if (now === undefined) return "is gone";
  return now === (recorded.includes(" ") ? recorded : `file ${recorded}`) ? null : "was changed";
}

/** Checks the events: the recorded number of bytes, and after them the one line for the finished run. */
export function checkEvents(record: RunRecord, digests: FileDigests, directory: string): Checked {
  if (!isSealedToItsEnd(record, digests))
    return { right: 0, wrong: [], unchecked: [{ what: EVENTS, why: NOT_SEALED }] };
  const why = whatIsWrongWithEvents(digests[EVENTS] ?? "", join(directory, EVENTS));
  return why === null
    ? { right: 1, wrong: [], unchecked: [] }
    : { right: 0, wrong: [{ what: EVENTS, why }], unchecked: [] };
}

function whatIsWrongWithEvents(recorded: string, path: string): string | null {
  const [bytes, digest] = recorded.split(" ");
  const found = digestFile(path, Number(bytes));
  if (found === null) return "is gone";
  if (found.digest !== digest) return "was changed";
  const rest = readBytes(path)?.subarray(found.bytes).toString("utf8") ?? "";
  return /^(\{[^\n]*"type":"run-finished"[^\n]*\}\n)?$/.test(rest)
    ? null
    : "has more lines than the run wrote";
}
