import { pinRun } from "../operations/pin.ts";
import { type Handler, openPlace } from "./call.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"pin">> = async ({ run, remove }, call) => {
  const { invocation, config, context } = await openPlace(call);
  const runId = await pinRun({ run, pin: !remove, config }, context());
  invocation.err(`run ${runId} is ${remove ? "no longer pinned" : "pinned"}\n`);
  return 0;
};
