import { bytePath } from "../core/byte-path.ts";
import type { Context } from "../core/context.ts";
import { MismatchError } from "../core/errors.ts";
import type { StorePath } from "../core/ids.ts";
import type { Runner } from "../core/machine-shape.ts";
import { explainNix } from "../nix/errors.ts";
import { nixListener } from "../nix/listener.ts";
import { nixLogText } from "../nix/log.ts";
import { sendTree } from "../publish/send-tree.ts";
import { type TarItem, tarDirectory, tarFile } from "../publish/tar.ts";
import { converse } from "../remote/program.ts";
import type { ProgramChannel } from "../remote/program-types.ts";
import type { HostSession } from "../remote/session.ts";
import { isDurable } from "../system/durable.ts";
import type { RunnerFlake } from "./runner-flake.ts";
import { judgeRecord, parseRunnerAnswer, type RunnerAnswer } from "./runner-record.ts";

interface RenderOptions {
  /** Replaces what is found wrong on the host. */
  readonly repair: boolean;
}

/**
 * Makes sure that the host has a flake's runner, built and rooted; no remote command when the probe has found it.
 * MismatchError when its record on the host is cut off or names another hash and `repair` is off; InfraError("nix").
 */
export async function render(
  flake: RunnerFlake,
  session: HostSession,
  { repair }: RenderOptions,
  context: Context,
): Promise<Runner> {
  const judged = judgeRecord(session.facts.runners.get(flake.contentHash), flake.contentHash);
  if (judged.state === "wrong" && !repair) throw mismatch(flake, judged.found);
  if (judged.state === "ready") return ready(flake, "reused", judged.storePath, context);
  const { outcome, storePath } = await build(flake, session, { repair }, context);
  return ready(flake, outcome, storePath, context);
}

function ready(
  flake: RunnerFlake,
  outcome: Runner["outcome"],
  storePath: StorePath,
  context: Context,
): Runner {
  const { shape, contentHash } = flake;
  context.emit({ type: "runner-ready", backend: shape.backend, contentHash, outcome });
  return { shape, contentHash, storePath, outcome };
}

async function build(
  flake: RunnerFlake,
  { connection, facts }: HostSession,
  { repair }: RenderOptions,
  context: Context,
): Promise<RunnerAnswer> {
  const params = {
    work_dir: facts.workDir,
    content_hash: flake.contentHash,
    system: facts.system,
    repair,
    busybox: flake.busybox,
    durable: isDurable(context),
  };
  const call = { program: "runner", params, onStderr: nixListener(context.emit) } as const;
  return converse(connection, call, context, (channel) => sendFlake(channel, flake, context));
}

/** Serves the host until it has built the runner; null when it ended before. */
async function sendFlake(
  channel: ProgramChannel<"runner">,
  flake: RunnerFlake,
  context: Context,
): Promise<RunnerAnswer | null> {
  let answer: RunnerAnswer | null = null;
  for await (const { type, body } of channel.frames()) {
    switch (type) {
      case "waiting":
        context.emit({ type: "waiting", what: body.toString("utf8") });
        break;
      case "send":
        await sendTree(channel, tarItems(flake));
        break;
      case "nix-failed":
        throw explainNix(nixLogText(body.toString("utf8")));
      case "runner":
        answer = parseRunnerAnswer(body, flake.contentHash);
        break;
    }
  }
  return answer;
}

/** Each directory comes right before its contents: tar sets its mode and time when something outside it follows. */
function tarItems({ files }: RunnerFlake): TarItem[] {
  const bytes = (path: string) => bytePath(Buffer.from(path));
  const made = new Set<string>();
  return files.flatMap(({ path, content, executable }): TarItem[] => {
    const parts = path.split("/");
    const parents = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
    const missing = parents.filter((parent) => !made.has(parent));
    for (const parent of missing) made.add(parent);
    const type = executable ? "executable" : "file";
    return [
      ...missing.map((parent) => tarDirectory(bytes(parent))),
      { ...tarFile(bytes(path), content), type },
    ];
  });
}

function mismatch({ contentHash }: RunnerFlake, found: string): MismatchError {
  return new MismatchError(
    `the runner ${contentHash} on the host is not what its name says: it names ${found}`,
    {
      hint: "run the command again with `--repair`",
    },
  );
}
