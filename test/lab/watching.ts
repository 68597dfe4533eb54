import type { ChildProcess } from "node:child_process";
import type { RunRecord } from "../../src/core/run-record.ts";
import { type Ended, eventually, type Rig } from "./rig.ts";

/** A `pikaci watch` without a terminal: what it says on stderr, and the runs that it has finished. */
export interface Watching {
  readonly child: ChildProcess;
  /** Everything on stderr so far. */
  said(): string;
  /** Records of finished runs, the cancelled ones included, oldest first. */
  runs(): readonly RunRecord[];
  /** Records of finished runs that were not cancelled. */
  answered(): readonly RunRecord[];
  /** Waits until so many runs have an answer, and returns the last of them. */
  answer(count: number): Promise<RunRecord>;
  /** Waits until stderr has a text, `times` times. */
  says(text: string, times?: number): Promise<void>;
  /** Ctrl-C, and what it ended with. */
  stop(signal?: "SIGINT" | "SIGTERM"): Promise<Ended>;
}

export function startWatch(rig: Rig, ...words: string[]): Watching {
  const { child, ended } = rig.start("watch", "--events", "-", ...words);
  let stderr = "";
  let open = "";
  const finished: RunRecord[] = [];
  child.stderr?.on("data", (part: Buffer) => {
    stderr += part.toString("utf8");
  });
  child.stdout?.on("data", (part: Buffer) => {
    const lines = (open + part.toString("utf8")).split("\n");
    open = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line);
      if (event.type === "run-finished") finished.push(event.record);
    }
  });
  const answered = () => finished.filter(({ status }) => status !== "cancelled");
  const count = (text: string) => stderr.split(text).length - 1;
  return {
    child,
    said: () => stderr,
    runs: () => finished,
    answered,
    answer: (wanted) =>
      eventually(`${wanted} runs are finished`, 90, () => {
        const run = answered()[wanted - 1] ?? null;
        if (run === null && child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
        return run;
      }).catch((error) => {
        throw new Error(`${error instanceof Error ? error.message : error}\nIt said:\n${stderr}`);
      }),
    says: async (text, times = 1) => {
      await eventually(`it says ${times} times: ${text}`, 90, () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${stderr}`);
        return count(text) >= times ? true : null;
      }).catch((error) => {
        throw new Error(`${error instanceof Error ? error.message : error}\nIt said:\n${stderr}`);
      });
    },
    stop: (signal = "SIGINT") => {
      child.kill(signal);
      return ended;
    },
  };
}
