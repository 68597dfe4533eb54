import { isSaid } from "../nix/options.ts";
import { rerun } from "../operations/rerun.ts";
import { type Handler, openPlace } from "./call.ts";
import { printJson } from "./invocation.ts";
import { withReporter } from "./report-options.ts";
import { nixOptionsOf } from "./run-request.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"rerun">> = async (args, call) => {
  const place = await openPlace(call);
  const nix = nixOptionsOf(args, call);
  return withReporter(args, place, async (emit) => {
    const request = {
      run: args.run,
      failedOnly: args.failed,
      host: args.on,
      config: call.config,
      detach: false,
      failOnFlaky: args.failOnFlaky,
      ...(isSaid(nix) ? { nix } : {}),
    };
    const record = await rerun(request, place.context(emit));
    if (args.json) printJson(call.invocation, record);
    return record.exit_code ?? 3;
  });
};
