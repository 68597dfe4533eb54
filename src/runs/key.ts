import * as z from "zod";
import type { StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { LAYOUT_VERSION } from "../core/layout.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import {
  ALL_PART_NAMES,
  HOST_PART_NAMES,
  type HostParts,
  KEY_PART_NAMES,
  type KeyParts,
  OPTIONAL_PART_NAMES,
} from "../core/verdict.ts";
import type { RunnerFlake } from "../guest/runner-flake.ts";
import { encodeFields } from "../nix/outputs.ts";
import { selectFiles } from "../nix/select-files.ts";
import type { MachineFacts } from "../remote/machine.ts";
import { chooseParts } from "../remote/machine-parts.ts";
import { blake3Hex } from "../system/blake3.ts";

/** Which verdicts of a job are cached: passes, all, or none. */
type CachePolicy = "passed" | "all" | "never";

/** The job's own policy; by default passes are cached, but nothing of a job with a network. */
export function cachePolicy(job: Pick<JobSpec, "cache" | "network">): CachePolicy {
  return job.cache ?? (job.network === "none" ? "passed" : "never");
}

/** The runner's part of a key: its flake and the system. */
export function runnerPart({ contentHash }: Pick<RunnerFlake, "contentHash">, system: string): string {
  return `${contentHash} ${system}`;
}

/** The part of a key for a virtual machine: the host's QEMU and kernel; empty for other backends. */
export function machinePart(
  { backend }: MachineShape,
  machine: MachineFacts | null,
  network: JobSpec["network"],
): string {
  const choice = backend === "minivm" && machine !== null ? chooseParts(machine, network) : null;
  return choice?.ok ? `${machine?.qemuVersion ?? ""}, kernel ${choice.parts.kernelVersion}` : "";
}

/** What a job's verdict depends on besides the job and its tree. */
export interface KeyInputs {
  /** Store paths that the job mounts, by name. */
  readonly prepared: Readonly<Record<string, StorePath>>;
  /** Digests of what the job finds below /needs, by its names there; absent: nothing. */
  readonly needs?: Readonly<Record<string, string>>;
  /** The `runnerPart`. */
  readonly runner: string;
  /** The `machinePart`. */
  readonly machine: string;
  /** The `gitKey` of the repository; used for jobs that see one. */
  readonly git: string;
  /** The `hostParts`. */
  readonly host: HostParts;
}

/** The part of the files that a verdict depends on; of a shard that has files of its own, with these. */
export function filesPart(
  { inputs = [], shard }: Pick<JobSpec, "inputs" | "shard">,
  hashed: HashedSnapshot,
): string {
  const { contentHash } = selectFiles(hashed, inputs);
  return shard?.files === undefined ? contentHash : `${contentHash} ${blake3Hex(encodeFields(shard.files))}`;
}

/** The parts of a job's key. */
export function keyParts(
  job: JobSpec,
  hashed: HashedSnapshot,
  { prepared, needs = {}, runner, machine, git, host }: KeyInputs,
): KeyParts {
  return {
    name: job.name,
    files: filesPart(job, hashed),
    git: job.git === true ? git : "",
    layout: String(LAYOUT_VERSION),
    command: JSON.stringify(job.command),
    environment: sortedJson(job.env),
    "prepared outputs": preparedPart(prepared),
    runner,
    machine,
    "host packages": host["host packages"],
    "host /usr/local": host["host /usr/local"],
    "host /etc": host["host /etc"],
    "host architecture": host["host architecture"],
    timeout: JSON.stringify([job.timeoutMs, job.silenceMs ?? null]),
    retries: retriesPart(job),
    limits: JSON.stringify(Object.entries(job.limits ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
    place: placePart(job),
    secrets: JSON.stringify([...(job.secrets ?? [])].sort()),
    ...(Object.keys(needs).length === 0 ? {} : { needs: preparedPart(needs) }),
    ...servicesKey(job),
  };
}

function servicesKey(job: JobSpec): Pick<KeyParts, "services"> {
  const services = servicesPart(job);
  return services === "" ? {} : { services };
}

/** A job's services by name; empty for a job without any. */
export function servicesPart({ services = {} }: Pick<JobSpec, "services">): string {
  const sorted = Object.entries(services).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.map(([name, { command, ready, readyMs, env, cwd }]) => [
    name,
    command,
    ready,
    readyMs,
    sortedJson(env),
    cwd,
  ]);
  return parts.length === 0 ? "" : JSON.stringify(parts);
}

/**
 * How often it runs again, which its command is told, and where failures are remembered also the tests in quarantine: they
 * change nothing for a job that passes. Empty for a job without both.
 */
export function retriesPart({ retries, quarantine, cache }: JobSpec): string {
  const excused = cache === "all" ? quarantine : undefined;
  return retries === undefined && excused === undefined ? "" : JSON.stringify([retries ?? 0, excused ?? []]);
}

/** Where a job runs and what is mounted there; without mounts the text is the same as before mounts existed. */
export function placePart({ cwd, user, workspace, network, mounts = {} }: JobSpec): string {
  const mounted = Object.entries(mounts).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([cwd, user, workspace, network, ...(mounted.length === 0 ? [] : [mounted])]);
}

/** 64 hex digits; a change of any part gives another key. */
export function verdictKey(parts: KeyParts): string {
  const optional = OPTIONAL_PART_NAMES.flatMap((name) => {
    const part = parts[name];
    return part === undefined ? [] : [name, part];
  });
  const fields = [...KEY_PART_NAMES.map((name) => parts[name]), ...optional];
  return blake3Hex(encodeFields([`pikaci-verdict/${SCHEMA_VERSION}`, ...fields]));
}

/**
 * What shared verdicts of a job are asked for by, before it is known what its prepared outputs and its needs are: the key without
 * these two parts. 64 hex digits.
 */
export function lookupKey({ needs: _, ...parts }: KeyParts): string {
  return verdictKey({ ...parts, "prepared outputs": "" });
}

/** The parts as far as a client knows them; null: only a host knows. */
export type ClientParts = { readonly [Name in keyof KeyParts]: KeyParts[Name] | null };

/** Which parts differ; parts that the client does not know without a host (null) are left out. */
export function changedParts(before: KeyParts, now: ClientParts) {
  return ALL_PART_NAMES.filter((name) => now[name] !== null && (now[name] ?? "") !== (before[name] ?? ""));
}

/** The part of prepared outputs, or of needs: names with store paths or digests. */
export function preparedPart(prepared: Readonly<Record<string, string>>): string {
  return sortedJson(prepared);
}

const pairs = z.array(z.tuple([z.string(), z.string()]));

/** The names and store paths of a `preparedPart`; null for any other text, such as a newer pikaci's. */
export function parsePreparedPart(text: string): Record<string, string> | null {
  try {
    return Object.fromEntries(pairs.parse(JSON.parse(text)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Parts in words for people; those of the host are summed up. */
export function tellParts(changed: readonly (keyof KeyParts)[]): string {
  const host = HOST_PART_NAMES.filter((name) => changed.includes(name)).map((name) =>
    name.slice("host ".length),
  );
  const others = changed.filter((name) => !HOST_PART_NAMES.some((part) => part === name));
  return [
    ...others,
    ...(host.length > 0 ? [`what the guest sees of the host (${host.join(", ")})`] : []),
  ].join(", ");
}

function sortedJson(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
