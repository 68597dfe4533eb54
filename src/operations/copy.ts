import { resolve } from "node:path";
import type { Context } from "../core/context.ts";
import { TrustError, UsageError } from "../core/errors.ts";
import { parseStorePath, type StorePath } from "../core/ids.ts";
import type { HostSpec } from "../core/project.ts";
import type { RunRecord } from "../core/run-record.ts";
import {
  type CopyOptions,
  closureOf,
  copyClosure,
  missingHere,
  readRoot,
  rootHere,
  trustHere,
} from "../nix/client.ts";
import { incomingSignatureError, refusedPaths } from "../nix/closure-trust.ts";
import { progressListener } from "../nix/listener.ts";
import { sendClosure } from "../nix/send-closure.ts";
import { connect } from "../remote/connect.ts";
import type { Connection } from "../remote/connection.ts";
import { type HostSession, openSession } from "../remote/session.ts";
import { newRunId } from "../system/run-id.ts";

/** Where paths come from and go to; null: this machine. */
interface CopyRoute {
  readonly from: HostSpec | null;
  readonly to: HostSpec | null;
}

/**
 * The store paths that a copy is about: those named, also by a link such as `./result`, and what a run prepared.
 * UsageError when there is none.
 */
export function pathsToCopy(named: readonly string[], run: RunRecord | null, cwd: string): StorePath[] {
  const prepared = run?.jobs.flatMap((job) => Object.values(job.prepared)) ?? [];
  const meant = named.map((name) => readRoot(resolve(cwd, name)) ?? parseStorePath(name));
  const paths = [...new Set([...meant, ...prepared])];
  if (paths.length > 0) return paths;
  throw new UsageError(run === null ? "no store path to copy" : `run ${run.run_id} prepared nothing`, {
    hint: "name store paths, or `--run RUN` for what a run prepared; `pikaci status RUN` shows it",
  });
}

interface CopyPathsOptions extends Pick<CopyOptions, "substitute" | "checkSigs"> {
  /** Absolute path of the GC roots for paths that come to this machine. */
  readonly outLink: string | null;
}

/** Where the roots of copied paths are made: LINK, LINK-1, LINK-2…, as `nix build --out-link` names them; pure. */
function outLinks(
  paths: readonly StorePath[],
  link: string,
): readonly { readonly path: StorePath; readonly link: string }[] {
  return paths.map((path, number) => ({ path, link: number === 0 ? link : `${link}-${number}` }));
}

/**
 * Copies store paths with everything they refer to: to a host, from one, or from one to another through this machine. With
 * `outLink`, GC roots are made for what comes here. TrustError, InfraError.
 */
export async function copyPaths(
  paths: readonly StorePath[],
  { from, to }: CopyRoute,
  options: CopyPathsOptions,
  context: Context,
): Promise<void> {
  if (from !== null)
    await onHost(from, context, ({ connection }) => fetch(paths, connection, options, context));
  const links = options.outLink === null ? [] : outLinks(paths, options.outLink);
  for (const { path, link } of links) await rootHere(path, link, context);
  if (to !== null) await onHost(to, context, (session) => sendClosure(paths, session, options, context));
}

async function fetch(
  paths: readonly StorePath[],
  connection: Connection,
  options: Pick<CopyOptions, "checkSigs">,
  context: Context,
): Promise<void> {
  if (connection.host.url === "local") return;
  if (options.checkSigs !== false) await checkIncoming(paths, connection, context);
  try {
    const onLog = progressListener(context.emit);
    await copyClosure(paths, connection.nixStore(), context, { ...options, from: true, onLog });
  } catch (error) {
    if (!(error instanceof TrustError) || !error.message.includes("signature")) throw error;
    throw new TrustError(
      `this machine's store does not take what ${connection.host.url} built: ${error.message}`,
      {
        hint: "`--no-check-sigs` takes it (Nix must trust your account here), or let the host sign it: `nix store sign` there, and its public key in `trusted-public-keys` here",
        cause: error,
      },
    );
  }
}

/** Refuses, before the first byte, paths that this machine's Nix would refuse in the middle of the copy. */
async function checkIncoming(
  paths: readonly StorePath[],
  connection: Connection,
  context: Context,
): Promise<void> {
  const closure = await closureOf(paths, context, connection.nixStore());
  const asked = closure.filter(({ contentAddressed }) => !contentAddressed);
  if (asked.length === 0) return;
  const here = asked.map(({ path }) => path);
  const [missing, trust] = [await missingHere(here, context), await trustHere(context)];
  const refused = refusedPaths(asked, missing, trust);
  if (refused.length > 0) throw incomingSignatureError(refused, connection.host.url, trust);
}

async function onHost(
  host: HostSpec,
  context: Context,
  work: (session: HostSession) => Promise<void>,
): Promise<void> {
  const connection = await connect(host, context);
  try {
    const runId = newRunId(context.clock());
    const questions = { runId, projectId: "copy", contentHash: null, runners: [], backends: [] };
    await work(await openSession(connection, questions, context));
  } finally {
    await connection.close();
  }
}
