import { posix } from "node:path";
import { groupOf, type JobName, parseJobName, parseName } from "../core/ids.ts";
import type { JobLimits, JobSpec } from "../core/job.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import { shardOf } from "../core/shards.ts";
import { formatInstallable, parseInstallable } from "../nix/installable.ts";
import { milliseconds } from "./duration.ts";
import { mapRecord } from "./map-record.ts";
import { placesOf } from "./mounts.ts";
import type { Config } from "./schema.ts";
import { makeCommand, makeServices } from "./services.ts";
import { makeShape } from "./shape.ts";
import { parseSize } from "./size.ts";

type JobInput = Config["jobs"][string];
type PrepareInput = NonNullable<JobInput["prepare"]>[string];

const HOUR_MS = 3_600_000;

/** A job with every default filled in. */
export function makeJob(input: JobInput, name: JobName): JobSpec {
  const group = groupOf(name);
  const shard = shardOf(name);
  const cwd = posix.resolve("/workspace", input.cwd ?? ".");
  return {
    name,
    ...(group === null ? {} : { group }),
    ...(shard === null
      ? {}
      : { shard: { index: shard.index, count: shard.count, ...filesOf(input.shards) } }),
    description: input.description ?? "",
    command: makeCommand(input.command),
    limits: makeLimits(input.limits ?? {}),
    shape: makeShape(input.runner ?? "sandbox"),
    prepare: mapRecord(input.prepare ?? {}, makePrepare),
    ...makeMounts(input.prepare ?? {}),
    ...(input.needs === undefined || input.needs.length === 0
      ? {}
      : { needs: input.needs.map(parseJobName) }),
    timeoutMs: milliseconds(input.timeout, HOUR_MS),
    ...(input.inputs === undefined ? {} : { inputs: input.inputs }),
    ...(input.cache === undefined ? {} : { cache: input.cache }),
    ...(input.caches === undefined ? {} : { caches: input.caches.map(parseName) }),
    ...(input.git === true ? { git: true } : {}),
    ...(input.secrets === undefined ? {} : { secrets: input.secrets }),
    ...makeServices(input.services ?? {}, cwd),
    ...(input.silence === undefined ? {} : { silenceMs: milliseconds(input.silence, HOUR_MS) }),
    ...(input.retries === undefined ? {} : { retries: input.retries }),
    ...(input.quarantine === undefined ? {} : { quarantine: input.quarantine }),
    env: input.env ?? {},
    cwd,
    user: input.user ?? "user",
    workspace: input.workspace ?? "read-only",
    network: input.network ?? "none",
  };
}

function filesOf(shards: JobInput["shards"]): { readonly globs?: readonly string[] } {
  return typeof shards === "object" ? { globs: shards.files } : {};
}

function makeLimits({ memory, processes, fileSize, openFiles }: NonNullable<JobInput["limits"]>): JobLimits {
  const bytes = (value: string | number | undefined) =>
    value === undefined ? undefined : (parseSize(value) ?? undefined);
  const all = { memoryBytes: bytes(memory), fileBytes: bytes(fileSize), processes, openFiles };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function makePrepare(input: PrepareInput): PrepareSpec {
  if (typeof input === "object" && "path" in input) {
    const { path, exclude } = input;
    return { kind: "path", path: cleanPath(path), ...(exclude === undefined ? {} : { exclude }) };
  }
  const { installable: text, from = "host" } = typeof input === "string" ? { installable: input } : input;
  const kind = from === "local" ? "local" : "installable";
  return { kind, installable: formatInstallable(parseInstallable(text)) };
}

function makeMounts(prepare: NonNullable<JobInput["prepare"]>): Pick<JobSpec, "mounts"> {
  const mounts = Object.entries(mapRecord(prepare, (output) => placesOf(output).sort()));
  const some = mounts.filter(([, places]) => places.length > 0);
  return some.length === 0 ? {} : { mounts: Object.fromEntries(some) };
}

/** `./a//b/` as `a/b`. */
function cleanPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/+$/, "");
}
