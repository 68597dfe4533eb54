import { type Examined, examine } from "../doctor/examine.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import {
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  outPaint,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
  workspaceOf,
} from "./invocation.ts";

interface Args extends PlaceArgs {
  readonly on: readonly string[] | undefined;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation) =>
  yargs.command(
    "doctor",
    "Look for what would fail a run, here and on hosts",
    (options) =>
      jsonOption(placeOptions(options))
        .option("on", {
          type: "string",
          array: true,
          nargs: 1,
          describe: "Only this host (repeatable); default: every host of the configuration",
        })
        .example("$0 doctor", "each finding with its fix; exit code 1 when a run would fail"),
    async (args) => invocation.setExitCode(await doctor(args, invocation)),
  );

async function doctor(args: Args, invocation: Invocation): Promise<number> {
  const context = contextOf(workspaceOf(args, invocation), invocation, () => {});
  const examined = await examine(args.on ?? [], configOf(args, invocation), context);
  if (args.json) printJson(invocation, examined);
  else invocation.out(`${examined.flatMap((one) => formatExamined(one, outPaint(invocation))).join("\n")}\n`);
  return examined.some(({ findings }) => findings.some(({ status }) => status === "problem")) ? 1 : 0;
}

export function formatExamined({ place, findings }: Examined, paint: Paint): string[] {
  const signs = { ok: paint("green", "✔"), warning: paint("yellow", "!"), problem: paint("red", "✘") };
  return [
    paint("bold", place),
    ...findings.flatMap(({ check, status, said, fix }) => [
      `  ${signs[status]} ${check.padEnd(10)} ${sanitise(said)}`,
      ...(fix === null ? [] : [`    ${paint("cyan", "hint:")} ${sanitise(fix)}`]),
    ]),
  ];
}
