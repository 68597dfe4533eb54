import { type Examined, examine } from "../operations/doctor/examine.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import { type Handler, openPlace } from "./call.ts";
import { outPaint, printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"doctor">> = async ({ on, adopt, json }, call) => {
  const { invocation, config, context } = await openPlace(call);
  const examined = await examine({ hosts: on, config, adopt }, context());
  if (json) printJson(invocation, examined);
  else
    printLines(
      invocation,
      examined.flatMap((one) => formatExamined(one, outPaint(invocation))),
    );
  return examined.some(({ findings }) => findings.some(({ status }) => status === "problem")) ? 1 : 0;
};

function formatExamined({ place, findings }: Examined, paint: Paint): string[] {
  const signs = { ok: paint("green", "✔"), warning: paint("yellow", "!"), problem: paint("red", "✘") };
  return [
    paint("bold", place),
    ...findings.flatMap(({ check, status, said, fix }) => [
      `  ${signs[status]} ${check.padEnd(10)} ${sanitise(said)}`,
      ...(fix === null ? [] : [`    ${paint("cyan", "hint:")} ${sanitise(fix)}`]),
    ]),
  ];
}
