import { z } from "zod";
import type { StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { LAYOUT_VERSION } from "../core/layout.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { KEY_PART_NAMES, type KeyParts } from "../core/verdict.ts";
import type { RunnerFlake } from "../guest/runner-flake.ts";
import { encodeFields } from "../nix/outputs.ts";
import { selectFiles } from "../nix/select-files.ts";
import type { MachineFacts } from "../remote/machine.ts";
import { chooseParts } from "../remote/machine-parts.ts";
import { blake3Hex } from "../system/blake3.ts";

/** What is cached of a job: a pass, a failure too, or nothing. */
type CachePolicy = "passed" | "all" | "never";

/** What a job that asks for nothing gets: a verdict that the network has a part in is not repeated. */
export function cachePolicy(job: Pick<JobSpec, "cache" | "network">): CachePolicy {
  return job.cache ?? (job.network === "none" ? "passed" : "never");
}

/** The runner's part of a key: its flake, on which system. */
export function runnerPart({ contentHash }: Pick<RunnerFlake, "contentHash">, system: string): string {
  return `${contentHash} ${system}`;
}

/** A virtual machine's part of a key: the host's QEMU and kernel, which the runner takes as they are; empty for others. */
export function machinePart(
  { backend }: MachineShape,
  machine: MachineFacts | null,
  network: JobSpec["network"],
): string {
  const choice = backend === "minivm" && machine !== null ? chooseParts(machine, network) : null;
  return choice?.ok ? `${machine?.qemuVersion ?? ""}, kernel ${choice.parts.kernelVersion}` : "";
}

/**
 * The parts of a job's key; `machine` is the `machinePart`, `prepared` are the store paths that it mounts, `runner` is the
 * `runnerPart`, `git` is the `gitKey` of the repository, for jobs that see it.
 */
export function keyParts(
  job: JobSpec,
  hashed: HashedSnapshot,
  prepared: Readonly<Record<string, StorePath>>,
  runner: string,
  machine: string,
  git: string,
): KeyParts {
  return {
    name: job.name,
    files: selectFiles(hashed, job.inputs ?? []).contentHash,
    git: job.git === true ? git : "",
    layout: String(LAYOUT_VERSION),
    command: JSON.stringify(job.command),
    environment: sortedJson(job.env),
    "prepared outputs": preparedPart(prepared),
    runner,
    machine,
    timeout: JSON.stringify([job.timeoutMs, job.silenceMs ?? null]),
    limits: JSON.stringify(Object.entries(job.limits ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
    place: placePart(job),
    secrets: JSON.stringify([...(job.secrets ?? [])].sort()),
  };
}

/** Where a job runs and what is mounted there; without mounts as it was before there were any. */
export function placePart({ cwd, user, workspace, network, mounts = {} }: JobSpec): string {
  const mounted = Object.entries(mounts).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([cwd, user, workspace, network, ...(mounted.length === 0 ? [] : [mounted])]);
}

/** 64 hex digits; every change of a part is another key. */
export function verdictKey(parts: KeyParts): string {
  return blake3Hex(
    encodeFields([`pikaci-verdict/${SCHEMA_VERSION}`, ...KEY_PART_NAMES.map((name) => parts[name])]),
  );
}

/** Which parts differ; of what a client alone cannot know (null), nothing is said. */
export function changedParts(before: KeyParts, now: { readonly [Name in keyof KeyParts]: string | null }) {
  return KEY_PART_NAMES.filter((name) => now[name] !== null && now[name] !== (before[name] ?? ""));
}

/** The part of prepared outputs: their names and store paths. */
export function preparedPart(prepared: Readonly<Record<string, string>>): string {
  return sortedJson(prepared);
}

const pairs = z.array(z.tuple([z.string(), z.string()]));

/** Names and store paths of a `preparedPart`. */
export function parsePreparedPart(text: string): Record<string, string> {
  return Object.fromEntries(pairs.parse(JSON.parse(text)));
}

function sortedJson(record: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
