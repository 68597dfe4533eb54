import { cancelRun } from "../operations/cancel.ts";
import { type Handler, openPlace } from "./call.ts";
import { printJson } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"cancel">> = async ({ run, job, json }, call) => {
  const { invocation, config, context } = await openPlace(call);
  const { record, ended } = await cancelRun({ run, job, config }, context());
  if (json) printJson(invocation, { ended, record });
  else if (ended.length === 0)
    invocation.err(`run ${record.run_id} had already ended: ${record.status ?? record.state}\n`);
  else invocation.err(`nothing of ${ended.join(", ")} is left on ${record.host_name ?? record.host}\n`);
  return 0;
};
