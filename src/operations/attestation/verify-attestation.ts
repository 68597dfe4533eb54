import { readFileSync, statSync } from "node:fs";
import { loadProject } from "../../config/load.ts";
import { selectNeeds } from "../../config/needs.ts";
import { isOutside } from "../../config/origin.ts";
import { selectJobs } from "../../config/targets.ts";
import {
  ATTESTATION_NAMESPACE,
  STATEMENT_MEDIA_TYPE,
  type Statement,
  statementSchema,
} from "../../core/attestation.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { Context } from "../../core/context.ts";
import { firstIssue } from "../../core/document.ts";
import { TrustError, UsageError } from "../../core/errors.ts";
import type { JobSpec } from "../../core/job.ts";
import { refusals, type Wanted } from "../../runs/attestation/acceptance.ts";
import { readAllowedSigners } from "../../runs/attestation/allowed-signers.ts";
import { attestedRun } from "../../runs/attestation/attested-run.ts";
import { openEnvelope } from "../../runs/attestation/envelope.ts";
import { checkSignatures, type Signer } from "../../runs/attestation/signatures.ts";
import { configurationDigest, makeStatement } from "../../runs/attestation/statement.ts";
import { openRun } from "../../runs/stored-runs.ts";
import type { Finding } from "../../runs/verify-files.ts";
import { gitKey, readGitState } from "../../tree/git-dir/state.ts";
import { hash } from "../../tree/hash.ts";
import { snapshot } from "../../tree/snapshot.ts";

interface VerifyRequest {
  /** Absolute path of the attestation. */
  readonly file: string;
  /** Absolute path of the allowed signers. */
  readonly allowedSigners: string;
  /** The principal that must have signed; null: any of the file. */
  readonly signer: string | null;
  /** Whether it must stand for a run of this tree; null: not asked. */
  readonly tree: TreeRequest | null;
  /** A run of this workspace that it must be about; null: not asked. */
  readonly run: string | null;
}

interface TreeRequest {
  /** Absolute path of the configuration that decides, outside of the tree. */
  readonly config: string | null;
  readonly target: string | null;
  readonly jobs: readonly string[];
  readonly maxAgeMs: number;
}

/** What a signed statement says, and what of it does not hold. */
export interface Attested {
  readonly signers: readonly Signer[];
  readonly statement: Statement;
  readonly wrong: readonly Finding[];
}

/** An attestation of a hundred thousand artifacts is smaller. */
const LARGEST = 64 << 20;

/**
 * Checks an attestation's signatures, all of them, and what else is asked. TrustError when a signature does not count or the
 * payload is no statement of this pikaci's; UsageError, ConfigError, SnapshotRefused.
 */
export async function verifyAttestation(request: VerifyRequest, context: Context): Promise<Attested> {
  const { tree } = request;
  if (tree !== null) checkConfig(tree, context.workspace);
  const allowed = readAllowedSigners(
    { file: request.allowedSigners, named: "--allowed-signers" },
    context.workspace,
    ATTESTATION_NAMESPACE,
  );
  const envelope = openEnvelope(readAttestation(request.file), STATEMENT_MEDIA_TYPE);
  const signers = await checkSignatures(
    envelope,
    { allowedSigners: allowed, namespace: ATTESTATION_NAMESPACE, principal: request.signer },
    context,
  );
  const statement = parseStatement(envelope.payload);
  const wrong = [
    ...(tree === null
      ? []
      : refusals(statement, await wantedBy(tree, tree.config, context), context.clock())),
    ...(request.run === null ? [] : differences(statement, request.run, context)),
  ];
  return { signers, statement, wrong };
}

function checkConfig({ config }: TreeRequest, workspace: string): void {
  if (config !== null && isOutside(workspace, config)) return;
  throw new TrustError(
    `the configuration${config === null ? "" : ` ${config}`} is of the tree, whose author would say what must pass`,
    {
      hint: "name that of the base branch: `git worktree add ../base origin/main`, then `--config ../base/pikaci.config.ts`",
    },
  );
}

function readAttestation(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true)
    throw new UsageError(`${file} is not a file`, { hint: "`pikaci attest RUN --out FILE` writes one" });
  if (stat.size > LARGEST) throw new TrustError(`${file} has ${stat.size} bytes: no attestation is as large`);
  return readFileSync(file, "utf8");
}

function parseStatement(payload: Buffer): Statement {
  const parsed = statementSchema.safeParse(jsonOf(payload));
  if (parsed.success) return parsed.data;
  throw new TrustError(
    `it is signed, but no statement about a run: ${firstIssue(parsed.error, "statement")}`,
    {
      hint: "another version of pikaci may have written it",
    },
  );
}

/** Null, which is no statement either, where the payload is no JSON. */
function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The jobs that would run on the tree as it is now. */
async function wantedBy(
  { target, jobs: names, maxAgeMs }: TreeRequest,
  config: string | null,
  context: Context,
): Promise<Wanted> {
  const { workspace } = context;
  // The file is not the tree's, whoever wrote that, and the run was not an untrusted one.
  const project = await loadProject(workspace, config, { ...context, author: "trusted" });
  const { jobs, target: selected } = selectNeeds(project, selectJobs(project, target, names));
  if (selected?.checks === true && names.length === 0)
    throw new UsageError(
      `the target ${selected.name} has the flake's checks, which only its evaluation names`,
      {
        hint: "name the jobs that must have passed: `--job JOB`, again and again",
      },
    );
  if (jobs.length === 0) throw new UsageError("no job is wanted, so nothing can stand for it");
  const tree = await snapshot({ workspace, filters: project.filters }, context);
  const { contentHash } = await hash(tree, context);
  const key = jobs.some(seesGit) ? gitKey(await readGitState(workspace, context)) : null;
  const wanted = jobs.map((job) => ({
    name: job.name,
    digest: configurationDigest(job),
    gitKey: seesGit(job) ? key : null,
  }));
  return { project: project.id, contentHash, flakeFiles: project.flake.files, jobs: wanted, maxAgeMs };
}

function seesGit({ git }: JobSpec): boolean {
  return git === true;
}

/** What of the statement is not what a run of this workspace says. */
function differences(statement: Statement, run: string, context: Context): Finding[] {
  const own = makeStatement(attestedRun(openRun(context, run)));
  const facts = ({ subject, predicate: { buildDefinition, runDetails } }: Statement) => ({
    ...{ "its subjects": subject, "its parameters": buildDefinition },
    ...{
      "its host": runDetails.builder.id,
      "its run": runDetails.metadata,
      "its verdicts": runDetails.byproducts,
    },
  });
  const mine = new Map(Object.entries(facts(own)));
  return Object.entries(facts(statement))
    .filter(([what, value]) => canonicalJson(value) !== canonicalJson(mine.get(what)))
    .map(([what]) => ({
      what,
      why: `are not those of run ${own.predicate.runDetails.metadata.invocationId}`,
    }));
}
