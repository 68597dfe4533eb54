import { loadProjectOrBare } from "../../config/bare.ts";
import { selectHost } from "../../config/host.ts";
import type { Context } from "../../core/context.ts";
import { installNix } from "../../core/distribution.ts";
import { PikaciError } from "../../core/errors.ts";
import type { HostSpec } from "../../core/project.ts";
import { distributionHere, pathWithNix } from "../../nix/place.ts";
import { connect } from "../../remote/connect.ts";
import type { Connection } from "../../remote/connection.ts";
import type { HostFacts } from "../../remote/facts.ts";
import { chooseParts } from "../../remote/machine-parts.ts";
import { ask } from "../../remote/program.ts";
import { type HostSession, openSession } from "../../remote/session.ts";
import { run } from "../../system/exec.ts";
import { newRunId } from "../../system/run-id.ts";
import { CHANNELS, type Finding, judgeHost } from "./findings.ts";

/** What was found in one place. */
export interface Examined {
  /** `client`, or the host's name. */
  readonly place: string;
  readonly findings: readonly Finding[];
}

interface DoctorRequest {
  /** Names or addresses; none: every host of the configuration. */
  readonly hosts: readonly string[];
  readonly config: string | null;
  /** Marks work dirs of an older pikaci, which have no marker. */
  readonly adopt: boolean;
}

/** Looks at this machine and at hosts. UsageError, ConfigError. */
export async function examine(
  { hosts: names, config, adopt }: DoctorRequest,
  context: Context,
): Promise<Examined[]> {
  const project = await loadProjectOrBare(context.workspace, config, context);
  const words = names.length > 0 ? names : [null];
  const chosen = await Promise.all(words.map((word) => selectHost(project, word, context)));
  const hosts = names.length > 0 ? chosen : [...chosen, ...Object.values(project.hosts)];
  const distinct = [...new Map(hosts.map((host) => [`${host.url} ${host.workDir}`, host])).values()];
  const examined = await Promise.all(distinct.map((host) => examineHost(host, { adopt }, context)));
  return [await examineClient(context), ...examined];
}

async function examineClient({ env }: Context): Promise<Examined> {
  const found = { ...env, PATH: pathWithNix(env) };
  const version = async (
    check: string,
    argv: readonly string[],
    need: string,
    fix: string | null = null,
  ): Promise<Finding> => {
    try {
      const { stdout, stderr } = await run(argv, { env: found });
      const said = `${stdout.toString("utf8")}${stderr}`.trim().split("\n")[0] ?? "";
      return { check, status: "ok", said, fix: null };
    } catch (error) {
      if (!(error instanceof PikaciError)) throw error;
      return { check, status: "warning", said: `${error.message}; ${need}`, fix: fix ?? error.hint ?? null };
    }
  };
  return {
    place: "client",
    findings: [
      { check: "node", status: "ok", said: process.version, fix: null },
      await version("git", ["git", "--version"], "git decides which files count"),
      await version("ssh", ["ssh", "-V"], "hosts other than this machine need it"),
      await version(
        "nix",
        ["nix", "--version"],
        "the host `local`, and what is built here, need it",
        installNix(distributionHere()),
      ),
    ],
  };
}

async function examineHost(
  host: HostSpec,
  { adopt }: Pick<DoctorRequest, "adopt">,
  context: Context,
): Promise<Examined> {
  const began = performance.now();
  const connection = await connect(host, context);
  try {
    const questions = {
      runId: newRunId(context.clock()),
      projectId: "",
      contentHash: null,
      runners: [],
      backends: [],
      observer: true,
      adopt,
      anew: true,
      alternatives: ["sandbox", "minivm"],
    };
    const session = await openSession(connection, questions, context);
    const connectMs = Math.round(performance.now() - began);
    return { place: host.name, findings: await examineSession(session, connectMs, context) };
  } catch (error) {
    if (!(error instanceof PikaciError) || context.signal.aborted) throw error;
    const finding = { check: "reachable", status: "problem", said: error.message } as const;
    return { place: host.name, findings: [{ ...finding, fix: error.hint ?? null }] };
  } finally {
    await connection.close();
  }
}

async function examineSession(
  { connection, facts }: HostSession,
  connectMs: number,
  context: Context,
): Promise<Finding[]> {
  const askedMs = context.clock().getTime();
  const { clock = "", ...versions } = await versionsOn(connection, context);
  const clocks = { askedMs, hostMs: Number(clock), answeredMs: context.clock().getTime() };
  const began = performance.now();
  await askForNothing(connection, facts, context);
  const roundTripMs = Math.round(performance.now() - began);
  const many = await Promise.allSettled(
    Array.from({ length: CHANNELS - 1 }, () => versionsOn(connection, context)),
  );
  const kvm = await askKvm(connection, facts, context);
  const channels = many.filter(({ status }) => status === "fulfilled").length + 1;
  return judgeHost(facts, { connectMs, roundTripMs, clocks, channels, versions, kvm });
}

/** Boots a virtual machine, for some seconds at most, where the host can run one. */
async function askKvm(
  connection: Connection,
  { machine }: HostFacts,
  context: Context,
): Promise<string | null> {
  const choice = machine === null ? null : chooseParts(machine, "none");
  if (choice === null || !choice.ok) return null;
  const { qemu, kernel } = choice.parts;
  const frames = await ask(connection, { program: "kvm", params: { qemu, kernel } }, context);
  return frames.map(({ body }) => body.toString("utf8").trim()).join("");
}

/** Makes one round trip, by asking for a run that does not exist. */
async function askForNothing(
  connection: Connection,
  { workDir }: HostFacts,
  context: Context,
): Promise<void> {
  const params = { work_dir: workDir, run_id: "none" } as const;
  try {
    await ask(connection, { program: "jobs", params }, context);
  } catch (error) {
    if (!(error instanceof PikaciError) || context.signal.aborted) throw error;
  }
}

async function versionsOn(connection: Connection, context: Context): Promise<Record<string, string>> {
  const frames = await ask(connection, { program: "doctor", params: {} }, context);
  const lines = frames
    .flatMap(({ body }) => body.toString("utf8").split("\n"))
    .map((line) => [line.split(" ", 1)[0] ?? "", line.replace(/^\S+ ?/, "")] as const);
  return Object.fromEntries(lines.filter(([name]) => name !== ""));
}
