import type { JobName, RunId, StorePath } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import { PUBLISHED_TIME } from "../core/layout.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { MachineParts } from "../remote/machine-parts.ts";
import { servicesProgram } from "../remote/programs.ts";
import { posixCommand, posixQuote } from "../system/quote.ts";
import { withServices } from "./service-documents.ts";

/** What the guard stores in the job directory: the contract, and its two renderings for shells. */
export interface JobDocuments {
  /** `job.json`, the contract itself. */
  readonly job: string;
  /** Assignments that a runner sources on the host. */
  readonly launch: string;
  /** The script that the guest runs: environment, working directory, command. */
  readonly command: string;
  /** The guest's environment. */
  readonly env: Readonly<Record<string, string>>;
}

export const guestPath =
  "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin";

/** The guest's environment: pikaci's own variables, then the job's, which win. */
export function guestEnv(runId: RunId, job: JobSpec): Record<string, string> {
  return {
    PATH: guestPath,
    HOME: job.user === "root" ? "/root" : "/tmp",
    USER: job.user === "root" ? "root" : "ci",
    LANG: "C.UTF-8",
    TERM: "dumb",
    CI: "true",
    SOURCE_DATE_EPOCH: String(PUBLISHED_TIME),
    PIKACI_RUN_ID: runId,
    PIKACI_JOB: job.name,
    ...(job.git === true ? gitEnv : {}),
    ...job.env,
  };
}

/** Tells git to trust the workspace: in a virtual machine its files belong to another account. */
const gitEnv = {
  GIT_OPTIONAL_LOCKS: "0",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "/workspace",
};

export function jobDocuments(
  runId: RunId,
  job: JobSpec,
  prepared: Readonly<Record<string, StorePath>>,
  machine: MachineWords | null = null,
  needs: Readonly<Record<string, string>> = {},
): JobDocuments {
  return {
    job: `${JSON.stringify(jobContract(runId, job, { prepared, needs }), null, 2)}\n`,
    launch: launchFile(job, machine),
    command: commandFile(guestEnv(runId, job), job, jobScript(job)),
    env: guestEnv(runId, job),
  };
}

/** What a job finds from elsewhere, by its names there: store paths, and digests of what its needs left. */
interface Found {
  readonly prepared: Readonly<Record<string, StorePath>>;
  readonly needs: Readonly<Record<string, string>>;
}

function jobContract(runId: RunId, job: JobSpec, { prepared, needs }: Found): object {
  return {
    schema_version: SCHEMA_VERSION,
    run_id: runId,
    job: job.name,
    command: job.command.kind === "argv" ? job.command.argv : job.command.text,
    env: guestEnv(runId, job),
    cwd: job.cwd,
    user: job.user,
    timeout_ms: job.timeoutMs,
    network: job.network,
    ...(job.services === undefined ? {} : { services: job.services }),
    shares: {
      "/workspace": job.workspace,
      ...Object.fromEntries(mountsOf(job).map(([, place]) => [`/workspace/${place}`, "read-only"])),
      ...Object.fromEntries((job.caches ?? []).map((cache) => [`/cache/${cache}`, "read-write"])),
      "/artifacts": "read-write",
      "/nix/store": "read-only",
      ...Object.fromEntries(Object.keys(needs).map((need) => [`/needs/${need}`, "read-only"])),
      prepared,
      ...(Object.keys(needs).length === 0 ? {} : { needs }),
    },
  };
}

/** Each place in the workspace, with the name of what is mounted there. */
function mountsOf({ mounts = {} }: JobSpec): (readonly [name: string, place: string])[] {
  return Object.entries(mounts).flatMap(([name, places]) => places.map((place) => [name, place] as const));
}

/** Raise it when older runners must refuse a launch document; nix/runners/launch accepts one version. */
const LAUNCH_VERSION = 1;

function launchFile(job: JobSpec, machine: MachineWords | null): string {
  const values: Record<string, string> = {
    launch_version: String(LAUNCH_VERSION),
    launch_user: job.user,
    launch_workspace: job.workspace,
    launch_network: job.network,
    launch_cwd: job.cwd,
    launch_mounts: mountsOf(job)
      .map((mount) => mount.join("="))
      .join("\n"),
    launch_timeout_ms: String(job.timeoutMs),
    launch_hostname: hostname(job.name),
    launch_keep: job.keepFailedMs === undefined ? "no" : "yes",
    launch_memory: number(job.limits?.memoryBytes),
    launch_processes: number(job.limits?.processes),
    launch_file_size: number(job.limits?.fileBytes),
    launch_open_files: number(job.limits?.openFiles),
    ...(machine === null ? {} : machineWords(machine)),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${posixQuote(value)}\n`)
    .join("");
}

function number(value: number | undefined): string {
  return value === undefined ? "" : String(value);
}

/** After so many seconds without a message, a machine is ended. */
const MACHINE_SILENCE_S = 60;

/** What a launcher needs to know about the host: the parts of the machine, or facts for the machine's own parts. */
export type MachineWords = MachineParts | Pick<MachineParts, "accel">;

function machineWords(parts: MachineWords): Record<string, string> {
  const common = { machine_accel: parts.accel, machine_silence_s: String(MACHINE_SILENCE_S) };
  if (!("qemu" in parts)) return common;
  return {
    ...common,
    machine_qemu: parts.qemu,
    machine_kernel: parts.kernel,
    machine_modules: parts.modules.join(" "),
    machine_transport: parts.transport,
    machine_virtiofsd: parts.virtiofsd ?? "",
    machine_passt: parts.passt ?? "",
  };
}

/** At TERM a shell waits for its child, which gets the signal too, before the guest ends with it. */
function jobScript({ command }: JobSpec): string {
  return command.kind === "argv"
    ? `exec ${posixCommand(command.argv)}\n`
    : `trap 'exit 143' TERM\neval ${posixQuote(command.text)}\n`;
}

/** The script of a guest: a job's environment, its services, and `script`. */
export function commandFile(env: Readonly<Record<string, string>>, job: JobSpec, script: string): string {
  const prologue = commandPrologue(env, job);
  const { services = {} } = job;
  if (Object.keys(services).length === 0) return `${prologue}${script}`;
  return withServices(services, { prologue, script, program: servicesProgram() });
}

/** What comes before a command: its environment, secrets and working directory. */
function commandPrologue(
  env: Readonly<Record<string, string>>,
  { cwd, secrets = [], shard }: JobSpec,
): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${posixQuote(value)}\n`);
  const read = secrets.length === 0 ? "" : ". /run/pikaci/secrets || exit 1\n";
  const list = shard?.files === undefined ? "" : shardList(shard.files);
  return `${exports.join("")}${read}${list}cd -- ${posixQuote(cwd)} || exit 1\n`;
}

/** The file with the paths that are a shard's, a line each. */
function shardList(files: readonly string[]): string {
  return `printf '%s\\n' ${files.map(posixQuote).join(" ")} >"$PIKACI_SHARD_FILES" || exit 1\n`;
}

/** A job's name as a host name label (RFC 1123), which has at most 63 characters; two jobs may have the same. */
export function hostname(job: JobName): string {
  return job
    .replace(/[^A-Za-z0-9-]+/g, "-")
    .slice(0, 63)
    .replace(/-+$/, "");
}
