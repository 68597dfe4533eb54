import { once } from "node:events";
import { dirname } from "node:path";
import type { Context } from "../../src/core/context.ts";
import { InfraError, PikaciError } from "../../src/core/errors.ts";
import type { Published } from "../../src/core/snapshot.ts";
import { publish } from "../../src/publish/publish.ts";
import { connect } from "../../src/remote/connect.ts";
import { openSession } from "../../src/remote/session.ts";
import { newRunId } from "../../src/system/run-id.ts";
import { hashTree, hostSpec } from "../publish/publish-rig.ts";
import { makeMemory } from "../workspace.ts";
import type { Step } from "./grid.ts";
import { pausing } from "./pausing.ts";
import { IDLE_SECONDS, LEASE_MS } from "./times.ts";

/** What the client is asked to do, as JSON in its only argument. */
export interface ClientRequest {
  readonly url: string;
  readonly workDir: string;
  readonly tree: string;
  readonly stateDir: string;
  readonly step: Step;
  readonly halfBytes: number;
  readonly repair: boolean;
}

/** What it says in the end, as JSON in its last line. */
export interface ClientReport {
  readonly ending: string;
  readonly message: string;
  readonly hint: string | null;
}

// A publisher to be hurt: does what `pikaci publish` does, says `at` when it is at the step and waits for a line.
const request = JSON.parse(process.argv[2] ?? "{}") as ClientRequest;

async function pause(): Promise<void> {
  const go = once(process.stdin, "data");
  process.stdout.write("at\n");
  await go;
}

async function run(context: Context): Promise<Published> {
  const { url, workDir, tree, step, halfBytes, repair } = request;
  const hashed = await hashTree(tree, context);
  const connection = await connect(hostSpec(url, workDir, LEASE_MS), context);
  try {
    const runId = newRunId(new Date());
    const { contentHash } = hashed;
    const questions = { runId, projectId: "test", contentHash, runners: [], backends: [] };
    const opened = await openSession(connection, questions, context);
    if (step === "after-probe") await pause();
    const session = { ...opened, connection: pausing(connection, step, halfBytes, pause) };
    return await publish(hashed, session, { projectId: "test", repair, idleSeconds: IDLE_SECONDS }, context);
  } finally {
    await connection.close();
  }
}

function reportOf(error: unknown): ClientReport {
  if (!(error instanceof PikaciError))
    return {
      ending: "crash",
      message: error instanceof Error ? `${error.stack}` : String(error),
      hint: null,
    };
  const ending = error instanceof InfraError ? error.where : error.kind;
  return { ending, message: error.message, hint: error.hint ?? null };
}

const { stateDir } = request;
const report = await run({
  emit: () => {},
  signal: new AbortController().signal,
  clock: () => new Date(),
  author: "trusted",
  env: process.env,
  workspace: dirname(stateDir),
  stateDir,
  memory: makeMemory(`${stateDir}-memory`),
}).then(
  ({ outcome }): ClientReport => ({ ending: "published", message: outcome, hint: null }),
  (error: unknown) => reportOf(error),
);
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
