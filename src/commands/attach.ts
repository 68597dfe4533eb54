import { attachRun } from "../operations/attach.ts";
import { runDirectory } from "../runs/layout.ts";
import { type Handler, openPlace } from "./call.ts";
import { outPaint, printJson, printLines } from "./invocation.ts";
import { withReporter } from "./report-options.ts";
import { formatRecord } from "./status.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"attach">> = async (args, call) => {
  const place = await openPlace(call);
  const { invocation, config, stateDir } = place;
  let told = false;
  return withReporter(args, place, async (emit) => {
    const context = place.context((event) => {
      told = true;
      emit(event);
    });
    const { run, on: host, failOnFlaky } = args;
    const record = await attachRun({ run, host, config, wait: true, failOnFlaky }, context);
    if (args.json) printJson(invocation, record);
    else if (!told)
      printLines(
        invocation,
        formatRecord(record, runDirectory(stateDir, record.run_id), outPaint(invocation)),
      );
    if (failOnFlaky && record.status === "flaky") return 1;
    return record.exit_code ?? (record.state === "detached" ? 0 : 3);
  });
};
