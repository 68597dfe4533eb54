import type { Context } from "../../core/context.ts";
import type { HashedSnapshot } from "../../core/snapshot.ts";
import type { DecidedJob } from "../../guest/decide.ts";
import type { EarlySession, HostSession } from "../../remote/session.ts";
import type { CacheMode } from "../cached-jobs.ts";
import { partsOf } from "../job-parts.ts";
import { lookupKey } from "../key.ts";
import { judgeTold, type SignedVerdict } from "./judge.ts";
import { parseTold } from "./told.ts";

/** Whose verdicts are believed of which jobs. */
interface Question {
  readonly mode: CacheMode;
  readonly signers: string | null;
  readonly jobs: readonly DecidedJob[];
  readonly hashed: HashedSnapshot;
  readonly git: string;
}

/** The host's shell reads the line with the keys byte by byte: so many are 32 kB. */
const MOST_KEYS = 500;

/** Asks for the snapshot and, in the same round trip, for verdicts that others shared; no question when nobody is believed. */
export async function askShared(
  early: EarlySession,
  question: Question,
  context: Context,
): Promise<{ readonly session: HostSession; readonly shared: ReadonlyMap<string, SignedVerdict> }> {
  const { signers, hashed } = question;
  const keys = signers === null ? [] : keysOf(question, early);
  const { session, told } = await early.askVerdicts(hashed.contentHash, keys);
  const parsed = parseTold(told);
  if (parsed === null) {
    const message = `what ${session.connection.host.url} says of shared verdicts cannot be read, so all jobs run`;
    context.emit({
      type: "warning",
      message,
      hint: "use the same version of pikaci for all who use this host",
    });
  }
  const wanted = (parsed ?? []).filter(({ key }) => keys.includes(key));
  return { session, shared: signers === null ? new Map() : await judgeTold(wanted, signers, context) };
}

function keysOf({ mode, jobs, hashed, git }: Question, { facts }: EarlySession): string[] {
  if (mode !== "use") return [];
  const parts = jobs.map((job) => partsOf(job, { hashed, git, prepared: {}, needs: {} }, facts));
  return [...new Set(parts.flatMap((one) => (one === null ? [] : lookupKey(one))))].slice(0, MOST_KEYS);
}
