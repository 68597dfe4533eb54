import { resolve } from "node:path";
import type { Context } from "./core/context.ts";
import type { PikaciEvent } from "./core/events.ts";
import type { MachineShape } from "./core/machine-shape.ts";
import type { Plan } from "./core/plan.ts";
import type { RunRecord } from "./core/run-record.ts";
import type { HashedSnapshot, Published } from "./core/snapshot.ts";
import type { RunnerFlake } from "./guest/runner-flake.ts";
import { EventQueue } from "./operations/event-queue.ts";
import type { RunRequest } from "./operations/run.ts";

export { defineConfig } from "./config/define.ts";
export type { ConfigInput } from "./config/load.ts";
export * from "./core/errors.ts";
export type { PikaciEvent, StageName } from "./core/events.ts";
export type * from "./core/ids.ts";
export type * from "./core/job.ts";
export type * from "./core/job-result.ts";
export type * from "./core/machine-shape.ts";
export type * from "./core/plan.ts";
export type * from "./core/prepared.ts";
export type * from "./core/project.ts";
export type * from "./core/run-record.ts";
export type * from "./core/snapshot.ts";
export type { RunnerFlake } from "./guest/runner-flake.ts";

/** Where a call works, and how it is stopped. Everything is optional. */
export interface PlaceOptions {
  /** Directory of the project; default: found from the current directory upwards. */
  readonly cwd?: string;
  /** Configuration file, relative to `cwd`; default: the workspace's own. */
  readonly config?: string;
  /** The tree is a stranger's: none of its code runs outside a guest, and it has what a file outside of it allows. */
  readonly untrusted?: boolean;
  /** Abort it to cancel; the promise then settles when nothing is left on the host. */
  readonly signal?: AbortSignal;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface PlanOptions extends PlaceOptions {
  readonly target?: string;
  readonly jobs?: readonly string[];
  /** `local`, a name of the configuration, or whatever ssh takes: `user@host`, an alias, `ssh://[user@]host[:port]`. */
  readonly on?: string;
  /** Commit that changed files are taken against. */
  readonly base?: string;
  /** Runs what the target's filters would skip. */
  readonly force?: boolean;
}

export interface RunOptions extends PlanOptions {
  /** Mends what is found wrong on the host. */
  readonly repair?: boolean;
  /** Hashes every published file on the host. */
  readonly verify?: boolean;
}

export interface SnapshotOptions extends PlaceOptions {
  readonly onEvent?: (event: PikaciEvent) => void;
}

export interface PublishOptions extends SnapshotOptions {
  readonly on?: string;
  readonly repair?: boolean;
  readonly verify?: boolean;
}

/** A run under way: iterate over its events (once, or not at all), await its `result`. */
export interface Run extends AsyncIterable<PikaciEvent> {
  /**
   * The terminal record, whatever the verdict and also when an error ended the run (`record.error`). Rejects with what
   * makes no run: UsageError, ConfigError, and InfraError when no record can be written.
   */
  readonly result: Promise<RunRecord>;
}

/** Starts a run. */
export function run(options: RunOptions = {}): Run {
  const events = new EventQueue();
  const result = start(options, events).finally(() => events.close());
  result.catch(() => {});
  return { result, [Symbol.asyncIterator]: () => events.read() };
}

async function start(options: RunOptions, events: EventQueue): Promise<RunRecord> {
  const { executeRun } = await import("./operations/run.ts");
  const context = await contextOf(options, (event) => events.push(event));
  return executeRun(requestOf(options), context);
}

/** What `run` would do. ConfigError, UsageError. */
export async function plan(options: PlanOptions = {}): Promise<Plan> {
  const { resolveRun } = await import("./operations/run.ts");
  const resolved = await resolveRun(requestOf(options), await contextOf(options, () => {}));
  return resolved.plan;
}

/** The workspace's files and their content hash; needs no configuration. SnapshotRefused. */
export async function snapshot(options: SnapshotOptions = {}): Promise<HashedSnapshot> {
  const [stages, hashing] = await Promise.all([import("./tree/snapshot.ts"), import("./tree/hash.ts")]);
  const context = await contextOf(options, options.onEvent ?? (() => {}));
  const { workspace, snapshot: filters } = await projectOf(options, context);
  return hashing.hash(await stages.snapshot({ workspace, filters }, context), context);
}

/** Puts the workspace on a host and runs nothing; needs no configuration. */
export async function publish(options: PublishOptions = {}): Promise<Published> {
  const [{ publishWorkspace }, { selectHost }] = await Promise.all([
    import("./operations/publish.ts"),
    import("./config/host.ts"),
  ]);
  const context = await contextOf(options, options.onEvent ?? (() => {}));
  const project = await projectOf(options, context);
  const care = { repair: options.repair ?? false, verify: options.verify ?? false };
  const host = await selectHost(project, options.on ?? null, context);
  return publishWorkspace(project, host, care, context);
}

/** The runner flake of a machine shape: the same shape gives the same bytes. */
export async function renderRunner(shape: MachineShape): Promise<RunnerFlake> {
  const flakes = await import("./guest/runner-flake.ts");
  return flakes.renderRunner(shape);
}

async function contextOf(options: PlaceOptions, emit: Context["emit"]): Promise<Context> {
  const [{ findWorkspace }, { contextIn, openPlace }] = await Promise.all([
    import("./config/config-file.ts"),
    import("./runs/place.ts"),
  ]);
  const workspace = options.cwd === undefined ? findWorkspace(process.cwd()) : resolve(options.cwd);
  const { signal = new AbortController().signal, env = process.env } = options;
  const author = options.untrusted === true ? "stranger" : "trusted";
  return contextIn(await openPlace(workspace, { env, signal }), { env, signal, author }, emit);
}

async function projectOf(options: PlaceOptions, context: Context) {
  const { loadProjectOrBare } = await import("./config/bare.ts");
  return loadProjectOrBare(context.workspace, configOf(options), context);
}

function requestOf(options: RunOptions): RunRequest {
  return {
    config: configOf(options),
    target: options.target ?? null,
    jobs: options.jobs ?? [],
    host: options.on ?? null,
    base: options.base ?? null,
    force: options.force ?? false,
    repair: options.repair ?? false,
    verify: options.verify ?? false,
  };
}

function configOf({ cwd, config }: PlaceOptions): string | null {
  return config === undefined ? null : resolve(cwd ?? ".", config);
}
