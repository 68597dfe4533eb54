import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseContentHash, parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import type { JobSpec } from "../../src/core/job.ts";
import type { JobResult } from "../../src/core/job-result.ts";
import { parseResult } from "../../src/guest/guard-result.ts";
import { jobDocuments } from "../../src/guest/job-documents.ts";
import { renderRunner } from "../../src/guest/runner-flake.ts";
import { maskFile, secretsFile } from "../../src/guest/secrets.ts";
import { documentBytes } from "../../src/remote/channel.ts";
import type { Channel, Connection, Frame, Params } from "../../src/remote/connection.ts";
import { connectLocal } from "../../src/remote/local.ts";
import type { Env } from "../../src/system/exec.ts";
import { writeFiles } from "../../src/system/write-files.ts";
import { makeDirectory } from "../workspace.ts";
import { callHost } from "./call.ts";

const runId = parseRunId("20260101T000000Z-0123abcd");
const contentHash = parseContentHash("a".repeat(64));

const host = { name: "local", url: parseHostUrl("local"), workDir: null, leaseMs: 60_000 };

/** The sandbox's own files work as a runner where they are written. */
function sandboxRunner(): string {
  const dir = join(makeDirectory(), "runner");
  writeFiles(dir, renderRunner({ backend: "sandbox" }).files);
  return join(dir, "tree");
}

export interface GuardOptions {
  readonly job?: Partial<JobSpec>;
  readonly params?: Params;
  readonly env?: Env;
  /** The text of a `bin/microvm-run` that takes the sandbox's place. */
  readonly runner?: string;
  /** Makes the launch document that is sent out of the right one. */
  readonly launch?: (document: string) => string;
  /** Without one the guard hears nothing of its client. */
  readonly heartbeat?: boolean;
  /** Values of the job's `secrets`. */
  readonly secrets?: Env;
  /** What the host masks, instead of the right document. */
  readonly mask?: string;
  /** How many bytes of the documents with secrets are sent; all of them unless said otherwise. */
  readonly sent?: number;
}

/** One guard on this machine, without client stages, Nix or a session. */
export interface Guarded {
  readonly workDir: string;
  readonly jobDir: string;
  readonly channel: Channel;
  /** Follows the same job over a new connection, as its own client does when one has broken. */
  attach(heartbeat?: "heard" | "silent"): Promise<Guarded>;
  /** Follows the guard up to the frame `type`; what came before it is kept for `log` and `result`. */
  until(type: string): Promise<void>;
  log(): string;
  /** The bytes of the archive. */
  artifacts(): string;
  result(): JobResult;
}

export async function startGuard(options: GuardOptions): Promise<Guarded> {
  const workDir = makeDirectory();
  const tree = join(workDir, "snapshots", contentHash, "snapshot");
  mkdirSync(tree, { recursive: true });
  showEtc(workDir);
  const secrets = Object.keys(options.secrets ?? {});
  const job = jobSpec({ ...(secrets.length > 0 ? { secrets } : {}), ...options.job });
  const connection = connectLocal(host, { ...process.env, ...options.env });
  const documents = jobDocuments(runId, job, {});
  const params = {
    ...guardParams(workDir, job, options.runner),
    job_document: documents.job,
    launch_document: (options.launch ?? String)(documents.launch),
    command_document: documents.command,
    ...options.params,
  };
  const channel = await connection.open("guard", params, { heartbeat: options.heartbeat ?? true });
  const texts = secretTexts(job, options).map(documentBytes);
  await channel.write(Buffer.concat(texts).subarray(0, options.sent));
  return follow(channel, connection, params);
}

/** What a session does before any guard. */
function showEtc(workDir: string): void {
  const params = { work_dir: workDir };
  const { status, stderr } = callHost("sh", ["busybox", "etc", "seen"], ["show_etc", "", "0".repeat(64)], {
    params,
  });
  if (status !== 0) throw new Error(`no copy of /etc: ${stderr}`);
}

function secretTexts(job: JobSpec, { secrets, mask }: GuardOptions): string[] {
  return secrets === undefined ? [] : [secretsFile(job, secrets), mask ?? maskFile(job, secrets)];
}

const opened: Channel[] = [];

/** Ends what a test that failed left open: its process would wait for it until its time limit. */
export function endGuards(): void {
  for (const channel of opened.splice(0)) channel.kill();
}

function follow(channel: Channel, connection: Connection, params: Params): Guarded {
  opened.push(channel);
  const { work_dir: workDir = "", job: name = "", lease_ms = "", artifact_bytes = "" } = params;
  const job = parseJobName(name);
  const jobDir = join(workDir, "runs", runId, "jobs", job);
  const frames = channel.frames()[Symbol.asyncIterator]();
  const seen: Frame[] = [];
  const bodies = (type: string) =>
    Buffer.concat(seen.filter((one) => one.type === type).map((one) => one.body));
  return {
    workDir,
    jobDir,
    channel,
    async attach(heartbeat = "heard") {
      const told = { work_dir: workDir, run_id: runId, job, lease_ms, artifact_bytes };
      const from = { offset: "0", phases: "0", own: "yes", collect: "yes" };
      const next = await connection.open(
        "attach",
        { ...told, ...from },
        {
          heartbeat: heartbeat === "heard",
        },
      );
      return follow(next, connection, params);
    },
    async until(type) {
      while (seen.at(-1)?.type !== type) {
        const next = await frames.next();
        if (next.done) throw new Error(`the guard ended before \`${type}\`: ${channel.stderr()}`);
        seen.push(next.value);
      }
    },
    log: () => bodies("log").toString("utf8"),
    artifacts: () => bodies("artifacts").toString("latin1"),
    result: () => parseResult(bodies("result"), { runId, job }),
  };
}

/** Runs one job to its end, artifacts included. */
export async function runGuard(options: GuardOptions): Promise<Guarded> {
  const guard = await startGuard(options);
  await guard.until("end");
  guard.channel.end();
  await guard.channel.closed;
  return guard;
}

export function shell(text: string): JobSpec["command"] {
  return { kind: "shell", text };
}

function guardParams(workDir: string, job: JobSpec, runner: string | undefined): Params {
  return {
    work_dir: workDir,
    run_id: runId,
    job: job.name,
    content_hash: contentHash,
    runner: runner === undefined ? sandboxRunner() : makeRunner(runner),
    prepared: "",
    lease_ms: "60000",
    boot_ms: "20000",
    timeout_ms: String(job.timeoutMs),
    grace_ms: "5000",
    secrets: job.secrets === undefined ? "no" : "yes",
    artifact_bytes: "1000000000",
  };
}

function makeRunner(text: string): string {
  const dir = makeDirectory();
  mkdirSync(join(dir, "bin"));
  writeFileSync(join(dir, "bin/microvm-run"), text, { mode: 0o755 });
  return dir;
}

export function jobSpec(job: Partial<JobSpec>): JobSpec {
  return {
    name: parseJobName("job"),
    description: "",
    command: shell("true"),
    shape: { backend: "sandbox" },
    prepare: {},
    timeoutMs: 60_000,
    env: {},
    cwd: "/workspace",
    user: "user",
    workspace: "read-only",
    network: "none",
    ...job,
  };
}
