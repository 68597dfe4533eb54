import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Published, PublishOptions } from "../../src/index.ts";

/** One client: publishes its workspace once, or edits and publishes it in a number of rounds. */
export interface ClientTask {
  readonly cwd: string;
  readonly repair: boolean;
  readonly rounds: "once" | number;
}

export interface ManyRequest {
  readonly url: string;
  /** The built library. */
  readonly library: string;
  readonly tasks: readonly ClientTask[];
}

export interface ManyReport {
  readonly published: readonly { readonly outcome: string; readonly bytesSent: number }[];
  /** Messages of what failed. */
  readonly failed: readonly string[];
  /** Of the whole process at its largest, with all its clients. */
  readonly maxMebibytes: number;
}

interface Library {
  publish(options: PublishOptions): Promise<Published>;
}

// Many clients that share nothing but this process: many-client.js REQUEST; the report is JSON on stdout.
const { url, library, tasks } = JSON.parse(process.argv[2] ?? "") as ManyRequest;
const { publish } = (await import(library)) as Library;
const published: { outcome: string; bytesSent: number }[] = [];
const failed: string[] = [];

async function once({ cwd, repair }: ClientTask): Promise<void> {
  try {
    const { outcome, bytesSent } = await publish({ cwd, on: url, repair });
    published.push({ outcome, bytesSent });
  } catch (error) {
    failed.push(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }
}

/** Edits that are alike at all clients, so that they also meet at one hash. */
async function perform(task: ClientTask, number: number): Promise<void> {
  const rounds = task.rounds === "once" ? 1 : task.rounds;
  for (let round = 0; round < rounds; round++) {
    if (task.rounds !== "once" && !task.repair)
      writeFileSync(join(task.cwd, "edited"), `edit ${(round + number) % 7}`);
    await once(task);
  }
}

await Promise.all(tasks.map((task, number) => perform(task, number)));
const report: ManyReport = { published, failed, maxMebibytes: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(JSON.stringify(report));
