import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync } from "node:fs";
import type { Writable } from "node:stream";
import type { JobName, RunId } from "../core/ids.ts";
import { LineSanitiser } from "../report/sanitise.ts";
import { jobFile, runDirectory, runFile } from "../runs/layout.ts";
import type { Env } from "../system/exec.ts";
import { findProgram } from "../system/find-program.ts";
import { withoutInterrupts } from "../system/terminal.ts";
import type { Place } from "./call.ts";

/** A job's part of a run. */
export interface JobOfRun {
  readonly runId: RunId;
  readonly job: JobName;
}

/**
 * Shows the log of the first of these that has one in the user's pager, and returns when that has ended. Returns what is to be
 * said instead where there is no log or no pager.
 */
export async function showLog(
  runs: readonly JobOfRun[],
  { stateDir, invocation }: Place,
): Promise<string | null> {
  const logs = runs.map(({ runId, job }) =>
    jobFile.guestLog(runFile.job(runDirectory(stateDir, runId), job)),
  );
  const log = logs.find((file) => existsSync(file));
  if (log === undefined) return "no job has a log yet";
  const { env } = invocation;
  const pager =
    env.PAGER?.trim() || ["less", "more"].find((name) => findProgram(name, env.PATH ?? "").length > 0);
  if (pager === undefined) return `no pager is installed; the log is ${log}`;
  const status = await withoutInterrupts(() => page(pager, log, env));
  return status === 127 ? `the pager \`${pager}\` does not start; the log is ${log}` : null;
}

/** A pager writes to the terminal that stderr is, and reads its keys from it. */
async function page(pager: string, log: string, env: Env): Promise<number | null> {
  const child = spawn("sh", ["-c", pager], { env: { ...env }, stdio: ["pipe", 2, 2] });
  const ended = once(child, "close");
  const { stdin } = child;
  if (stdin === null) throw new Error("a pipe was asked for");
  stdin.on("error", () => {});
  await feed(log, stdin);
  const [status] = await ended;
  return typeof status === "number" ? status : null;
}

/** Without what would change the terminal. Ends early when the reader has gone. */
async function feed(log: string, reader: Writable): Promise<void> {
  const sanitiser = new LineSanitiser();
  const write = async (lines: readonly string[]) => {
    const text = lines.map((line) => `${line}\n`).join("");
    if (!reader.destroyed && text !== "" && !reader.write(text))
      await Promise.race([once(reader, "drain"), once(reader, "close")]).catch(() => {});
  };
  for await (const piece of createReadStream(log)) {
    if (reader.destroyed) return;
    await write(sanitiser.push(piece));
  }
  await write(sanitiser.end());
  reader.end();
}
