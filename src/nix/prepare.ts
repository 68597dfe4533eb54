import { pathBytes } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { abortError, InfraError, TimeoutError } from "../core/errors.ts";
import type { RunId, StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { NixOptions } from "../core/plan.ts";
import type { OutputRecord, Prepared, PreparedOutput, UnbuiltOutput } from "../core/prepared.ts";
import type { HashedSnapshot, Published } from "../core/snapshot.ts";
import { documentBytes } from "../remote/channel.ts";
import type { Frame } from "../remote/connection.ts";
import { converse } from "../remote/program.ts";
import type { ProgramChannel } from "../remote/program-types.ts";
import type { HostSession } from "../remote/session.ts";
import { isDurable } from "../system/durable.ts";
import { explainNix } from "./errors.ts";
import { type Item, identify, prepareParams } from "./items.ts";
import { nixListener } from "./listener.ts";
import { nixLogText } from "./log.ts";
import { NO_NIX_OPTIONS } from "./options.ts";
import { prepareKey, type Wanted, wantedOutputs } from "./outputs.ts";
import { parseAnswer } from "./records.ts";
import { selectFiles } from "./select-files.ts";
import { sendClosure } from "./send-closure.ts";
import { sendInputs } from "./send-inputs.ts";
import { BuildFailed, UnbuiltReader } from "./unbuilt.ts";

export interface PrepareOptions {
  readonly runId: RunId;
  /** Globs that select the flake's source out of the snapshot; none: all of it. */
  readonly flakeFiles: readonly string[];
  readonly nix?: NixOptions;
  /** Default one hour. */
  readonly timeoutMs?: number;
}

/** `Prepared` with the host's records, for `prepared-outputs.json`. */
export interface Realised extends Prepared {
  readonly records: readonly OutputRecord[];
}

const hourMs = 3_600_000;

/**
 * Realises and roots what the jobs need on the host, each distinct thing once, in one remote command; none when
 * they need nothing. An output whose builder failed is `unbuilt`, and the others are built. ConfigError for what the
 * workspace names wrongly, InfraError("nix") for what Nix cannot build or evaluate, TrustError for signatures,
 * TimeoutError after `timeoutMs`.
 */
export async function prepare(
  published: Published,
  jobs: readonly Pick<JobSpec, "prepare">[],
  session: HostSession,
  options: PrepareOptions,
  context: Context,
): Promise<Realised> {
  const wanted = wantedOutputs(jobs);
  if (wanted.length === 0) return { published, outputs: new Map(), unbuilt: new Map(), records: [] };
  const limitMs = options.timeoutMs ?? hourMs;
  const deadline = AbortSignal.timeout(limitMs);
  const limited = { ...context, signal: AbortSignal.any([context.signal, deadline]) };
  try {
    return await realise(published, wanted, session, options, limited);
  } catch (error) {
    if (context.signal.aborted) throw abortError(context.signal);
    if (deadline.aborted) throw tooLate(limitMs, error);
    throw error;
  }
}

/** The store paths of a job's prepared outputs, by the names that the job gives them. */
export function storePathsOf(prepared: Prepared, job: Pick<JobSpec, "prepare">): Record<string, StorePath> {
  const entries = Object.entries(job.prepare).map(([name, spec]) => {
    const output = prepared.outputs.get(prepareKey(spec));
    if (output === undefined) throw new Error(`${prepareKey(spec)} was not prepared`);
    return [name, output.storePath] as const;
  });
  return Object.fromEntries(entries);
}

async function realise(
  published: Published,
  wanted: readonly Wanted[],
  session: HostSession,
  options: PrepareOptions,
  context: Context,
): Promise<Realised> {
  const selected = selectFiles(published.hashed, options.flakeFiles);
  const sources = { whole: published.hashed, selected };
  const { author } = context;
  const asked = {
    runId: options.runId,
    nix: options.nix ?? NO_NIX_OPTIONS,
    author,
    durable: isDurable(context),
  };
  const unbuilt = new Map<string, UnbuiltOutput>();
  const items: Item[] = [];
  for (const one of wanted) {
    const found = await identify(one, sources, session, asked, context).catch(builtNot);
    if (found instanceof BuildFailed) unbuilt.set(prepareKey(one.spec), { ...one, ...found.output });
    else items.push(found);
  }
  if (items.length === 0) return { published, outputs: new Map(), unbuilt, records: [] };
  const params = prepareParams(items, sources, session, asked);
  const call = { program: "prepare", params, onStderr: nixListener(context.emit) } as const;
  const answers = await converse(session.connection, call, context, (channel) =>
    supplyAll(channel, { items, selected, session, nix: asked.nix }, context),
  );
  const collected = collectOutputs(published, items, answers, context);
  return { ...collected, unbuilt: new Map([...unbuilt, ...collected.unbuilt]) };
}

function builtNot(error: unknown): BuildFailed {
  if (error instanceof BuildFailed) return error;
  throw error;
}

/** What the host had to say. */
interface Answers {
  readonly prepared: readonly Frame[];
  readonly unbuilt: UnbuiltReader;
}

/** What the host may ask for. */
interface Supplies {
  readonly items: readonly Item[];
  readonly selected: HashedSnapshot;
  readonly session: HostSession;
  readonly nix: NixOptions;
}

/** Serves the host until it has everything; gives its answers, or null when they are not whole. */
async function supplyAll(
  channel: ProgramChannel<"prepare">,
  { items, selected, session, nix }: Supplies,
  context: Context,
): Promise<Answers | null> {
  const prepared: Frame[] = [];
  const unbuilt = new UnbuiltReader();
  let ended = false;
  for await (const frame of channel.frames()) {
    switch (frame.type) {
      case "list":
        await channel.write(documentBytes(fileList(selected)));
        break;
      case "need":
        await supply(frame.body.toString("utf8").split("\n"), items, session, context);
        await channel.write("done\n");
        break;
      case "inputs":
        await sendInputs(
          items.map(({ wanted }) => wanted),
          selected,
          session,
          nix,
          context,
        );
        await channel.write("done\n");
        break;
      case "waiting":
        context.emit({ type: "waiting", what: frame.body.toString("utf8") });
        break;
      case "nix-failed":
        throw explainNix(nixLogText(frame.body.toString("utf8")));
      case "prepared":
        prepared.push(frame);
        break;
      case "failures":
      case "unbuilt":
      case "build-log":
        unbuilt.push(frame.type, frame.body);
        break;
      case "end":
        ended = true;
        break;
    }
  }
  return ended ? { prepared, unbuilt } : null;
}

/** NUL-separated bytes: names survive whatever they hold. */
function fileList({ entries }: HashedSnapshot): Buffer {
  const zero = Buffer.alloc(1);
  return Buffer.concat(entries.flatMap(({ path }) => [pathBytes(path), zero]));
}

/** Brings client paths into the host's store; on `local` that is the client's own. */
async function supply(
  needed: readonly string[],
  items: readonly Item[],
  session: HostSession,
  context: Context,
): Promise<void> {
  const sources = items.flatMap(({ source }) =>
    source === null ? [] : [[source.storePath, source] as const],
  );
  const asked = [...new Map(sources).values()].filter(({ storePath }) => needed.includes(storePath));
  for (const source of asked) await source.supply(session, context);
  const built = asked.filter((source) => source.built).map(({ storePath }) => storePath);
  await sendClosure(built, session, { substitute: true }, context);
}

function collectOutputs(
  published: Published,
  items: readonly Item[],
  { prepared, unbuilt: reader }: Answers,
  context: Context,
): Realised {
  const failures = reader.judge();
  const answers = new Map(
    prepared.map(({ body }) => parseAnswer(body)).map((answer) => [answer.record.key, answer]),
  );
  const unasked = [...answers.keys(), ...failures.keys()].find(
    (answered) => !items.some(({ key }) => key === answered),
  );
  if (unasked !== undefined)
    throw new InfraError("host", `prepare: the host answered for ${unasked}, which was not asked for`);
  const found = new Map<string, PreparedOutput>();
  const unbuilt = new Map<string, UnbuiltOutput>();
  for (const { wanted, key } of items) {
    const failed = failures.get(key);
    if (failed !== undefined) {
      unbuilt.set(prepareKey(wanted.spec), { ...wanted, ...failed });
      continue;
    }
    const answer = answers.get(key);
    if (answer === undefined)
      throw new InfraError("host", `prepare: the host did not answer for ${wanted.name}`);
    const { record, outcome } = answer;
    context.emit({ type: "prepared", name: wanted.name, storePath: record.store_path, outcome });
    found.set(prepareKey(wanted.spec), { ...wanted, storePath: record.store_path, outcome });
  }
  return { published, outputs: found, unbuilt, records: [...answers.values()].map(({ record }) => record) };
}

function tooLate(limitMs: number, cause: unknown): TimeoutError {
  return new TimeoutError(`prepare: not finished within ${Math.round(limitMs / 1000)} s`, {
    hint: "`pikaci logs --kind host` shows how far Nix came; the next run goes on from there",
    cause,
  });
}
