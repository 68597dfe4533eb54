import { loadProjectOrBare } from "../config/bare.ts";
import { recordedHost } from "../config/recorded-host.ts";
import type { Context } from "../core/context.ts";
import { UsageError } from "../core/errors.ts";
import type { RunId } from "../core/ids.ts";
import { openPlainSession } from "../remote/host-link.ts";
import { ask } from "../remote/program.ts";
import { pinFile } from "../runs/layout.ts";
import { openOwnRun } from "../runs/own-run.ts";
import { removeFile, writeOnce } from "../system/client-files.ts";

interface PinRequest {
  readonly run: string;
  /** False: unpins it. */
  readonly pin: boolean;
  readonly config: string | null;
}

/** Keeps a run and its snapshot from being removed by `gc`, here and on its host. UsageError, InfraError. */
export async function pinRun({ run, pin, config }: PinRequest, context: Context): Promise<RunId> {
  const { record, directory } = openOwnRun(context, run);
  if (record.snapshot === null)
    throw new UsageError(`run ${record.run_id} has no snapshot to keep`, {
      hint: "`pikaci list` shows other runs",
    });
  const project = await loadProjectOrBare(context.workspace, config, context);
  const session = await openPlainSession(
    { host: recordedHost(project, record), runId: record.run_id, as: "observer" },
    context,
  );
  try {
    const params = {
      work_dir: session.facts.workDir,
      run_id: record.run_id,
      content_hash: record.snapshot.content_hash,
      git_hash: record.snapshot.git?.content_hash ?? null,
      pin,
    };
    await ask(session.connection, { program: "pin", params }, context);
  } finally {
    await session.connection.close();
  }
  if (pin) writeOnce(pinFile(directory), "");
  else removeFile(pinFile(directory));
  return record.run_id;
}
