import { randomUUID } from "node:crypto";
import { availableParallelism, totalmem } from "node:os";
import { findSuites } from "../suites/find.ts";
import { laneCount } from "../suites/lanes.ts";
import { endWithSignals } from "../suites/marked.ts";
import { prepareSuites, runSuites } from "../suites/run-suites.ts";
import { summarize } from "../suites/summary.ts";
import { FILE_PARTS, type FilePart } from "./files.ts";

const MARK = randomUUID();

/** Runs the files of each part and prints its counts; gives how many parts failed. */
export async function runFileParts(parts: readonly FilePart[]): Promise<number> {
  if (parts.length === 0) return 0;
  endWithSignals(MARK);
  const all = findSuites(process.cwd(), []);
  const wanted = parts.flatMap((part): readonly string[] => FILE_PARTS[part]);
  const { run, leftOut, compiled } = await prepareSuites(
    all.filter(({ file }) => wanted.includes(file)),
    "all",
  );
  let bad = 0;
  for (const part of parts) {
    const isOurs = ({ file }: { readonly file: string }) =>
      FILE_PARTS[part].some((one: string) => one === file);
    const own = { run: run.filter(isOurs), leftOut: leftOut.filter(isOurs), compiled };
    const { verdicts, flaky } = await runSuites(own, {
      lanes: laneCount(availableParallelism(), totalmem()),
      mark: MARK,
    });
    const { lines, ok } = summarize(verdicts, [], own.leftOut, flaky);
    console.log([...lines.slice(0, -1), `${part}: ${lines.at(-1)}`].join("\n"));
    bad += ok ? 0 : 1;
  }
  return bad;
}
