import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadProject } from "../../../src/config/load.ts";
import { plainHost } from "../../../src/config/project.ts";
import {
  ATTESTATION_NAMESPACE,
  type Envelope,
  STATEMENT_MEDIA_TYPE,
  type Statement,
} from "../../../src/core/attestation.ts";
import type { Context } from "../../../src/core/context.ts";
import { parseHostUrl } from "../../../src/core/ids.ts";
import type { Status } from "../../../src/core/job-result.ts";
import { attestRun } from "../../../src/operations/attestation/attest.ts";
import { verifyAttestation } from "../../../src/operations/attestation/verify-attestation.ts";
import { makePlan } from "../../../src/operations/plan.ts";
import { encodeForSignature, makeEnvelope } from "../../../src/runs/attestation/envelope.ts";
import { Recorder } from "../../../src/runs/recorder.ts";
import { closedJob, pendingJob } from "../../../src/runs/transitions.ts";
import { newRunId } from "../../../src/system/run-id.ts";
import { signWithSsh } from "../../../src/system/ssh-sign.ts";
import { hash } from "../../../src/tree/hash.ts";
import { snapshot } from "../../../src/tree/snapshot.ts";
import { makeContext, makeDirectory } from "../../workspace.ts";

/** A new key without a passphrase; gives the private key's file. */
export function makeKey(): string {
  const file = join(makeDirectory(), "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
  return file;
}

/** A file of allowed signers: each line without its key, and whose key it is. */
export function allow(...lines: readonly (readonly [before: string, key: string])[]): string {
  const file = join(makeDirectory(), "allowed");
  const text = lines.map(([before, key]) => `${before} ${readFileSync(`${key}.pub`, "utf8")}`);
  writeFileSync(file, `# who may sign\n${text.join("")}`);
  return file;
}

export const OURS = `namespaces="${ATTESTATION_NAMESPACE}"`;

export const CONFIG = {
  project: "app",
  jobs: {
    unit: { command: "make test", env: { MODE: "ci" } },
    lint: { command: "make lint", description: "style" },
  },
};

interface Recorded {
  readonly context: Context;
  /** Outside of the tree. */
  readonly config: string;
  readonly recorder: Recorder;
}

interface Choice {
  readonly config?: object;
  readonly statuses?: Readonly<Record<string, Status>>;
  readonly author?: "stranger";
  readonly nix?: Parameters<typeof makePlan>[0]["nix"];
  /** Leaves the run before it ends. */
  readonly end?: "finished" | "detached" | "running";
}

/** A workspace, and in it the record of a run of its jobs as they were passed on the tree. */
export async function recordedRun(choice: Choice = {}): Promise<Recorded> {
  const { end = "finished", statuses = {}, author, nix } = choice;
  const context = makeContext({ HOME: makeDirectory() });
  mkdirSync(context.workspace, { recursive: true });
  writeFileSync(join(context.workspace, "source"), "one\n");
  const config = writeConfig(choice.config ?? CONFIG);
  const project = await loadProject(context.workspace, config, context);
  const jobs = Object.values(project.jobs).map((job) => (author === undefined ? job : { ...job, author }));
  const local = parseHostUrl("local");
  const host = plainHost("local", local);
  const start = { runId: newRunId(context.clock()), projectId: project.id, host, onFailure: () => {} };
  const recorder = new Recorder(start, context);
  const planned = { projectId: project.id, target: null, host, jobs, skipped: [] };
  recorder.begin(makePlan({ ...planned, flakeFiles: project.flake.files, ...(nix && { nix }) }), jobs);
  const tree = await snapshot({ workspace: context.workspace, filters: project.filters }, context);
  recorder.hashed(await hash(tree, context));
  for (const { name } of jobs) {
    if (end !== "finished" && name === "unit") continue;
    mkdirSync(join(recorder.jobDirectory(name), "artifacts"), { recursive: true });
    writeFileSync(join(recorder.jobDirectory(name), "artifacts/report"), `of ${name}`);
    const status = statuses[name] ?? "passed";
    const closed = closedJob(pendingJob(name), recorder.runId, { status, message: "", at: context.clock() });
    if (closed.result === null) throw new Error("a closed job has a result");
    recorder.job({ ...closed, result: { ...closed.result, exit_code: status === "passed" ? 0 : 1 } });
  }
  if (end === "finished") recorder.finish(null);
  if (end === "detached") recorder.detach();
  return { context, config, recorder };
}

export function writeConfig(config: object): string {
  const file = join(makeDirectory(), "pikaci.config.json");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

export function writeAttestation(envelope: unknown): string {
  const file = join(makeDirectory(), "attestation.json");
  writeFileSync(file, typeof envelope === "string" ? envelope : JSON.stringify(envelope));
  return file;
}

export async function attest({ context }: Recorded, key: string): Promise<Envelope> {
  return attestRun({ run: "latest", key }, context);
}

export function statementOf({ payload }: Envelope): Statement {
  return JSON.parse(Buffer.from(payload, "base64").toString("utf8"));
}

/** Signs whatever is given, as somebody who has a key can. */
export async function signAnything(
  statement: unknown,
  key: string,
  { context }: Recorded,
  namespace = ATTESTATION_NAMESPACE,
  payloadType = STATEMENT_MEDIA_TYPE,
): Promise<Envelope> {
  const payload = Buffer.from(typeof statement === "string" ? statement : JSON.stringify(statement));
  const message = encodeForSignature(payloadType, payload);
  const signature = await signWithSsh(message, { key: { kind: "file", path: key }, namespace }, context);
  return makeEnvelope(payloadType, payload, signature, "");
}

type Wanted = Parameters<typeof verifyAttestation>[0];

/** Verifies an attestation for the tree of a recorded run, as CI would. */
export async function verify(
  envelope: unknown,
  allowedSigners: string,
  { context, config }: Recorded,
  change: Partial<Omit<Wanted, "tree">> & { readonly tree?: Partial<Wanted["tree"]> } = {},
) {
  const { tree, ...rest } = change;
  const wanted = { config, target: null, jobs: [], maxAgeMs: 3_600_000, ...tree };
  return verifyAttestation(
    { file: writeAttestation(envelope), allowedSigners, signer: null, run: null, ...rest, tree: wanted },
    context,
  );
}
