import { type Verification, verifyRun } from "../operations/verify.ts";
import { plural } from "../report/format.ts";
import { sanitise } from "../report/sanitise.ts";
import { type Handler, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

/** As of what is not trusted; docs/exit-codes.md. */
const NOT_AS_RECORDED = 4;

export const handle: Handler<Args<"verify">> = async ({ run, json }, call) => {
  const { invocation, context } = await openPlace(call);
  const found = verifyRun(run, context());
  if (json) printJson(invocation, found);
  else printLines(invocation, formatVerification(found));
  return found.wrong.length === 0 ? 0 : NOT_AS_RECORDED;
};

/** What is wrong comes first. */
export function formatVerification({ run, right, wrong, unchecked }: Verification): string[] {
  const verdict =
    wrong.length === 0
      ? `run ${run} is as it was recorded: ${plural(right, "thing")} checked`
      : `run ${run} is not as it was recorded: ${wrong.length} of ${plural(right + wrong.length, "thing")}`;
  return [
    verdict,
    ...wrong.map(({ what, why }) => `  ${what} ${why}`),
    ...unchecked.map(({ what, why }) => `  not checked: ${what} ${why}`),
  ].map(sanitise);
}
