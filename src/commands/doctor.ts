import { type Examined, examine } from "../operations/doctor/examine.ts";
import { sanitise } from "../report/sanitise.ts";
import type { Paint } from "../report/style.ts";
import {
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  openPlace,
  outPaint,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
  someHosts,
} from "./invocation.ts";

interface Args extends PlaceArgs {
  readonly on: readonly string[] | undefined;
  readonly adopt: boolean;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .option("on", someHosts)
        .option("adopt", {
          type: "boolean",
          default: false,
          describe: "Mark the work dir of an older pikaci as pikaci's, so that it is used and swept",
        })
        .example("$0 doctor", "each finding with its fix; exit code 1 when a run would fail"),
    async (args) => invocation.setExitCode(await doctor(args, invocation)),
  );

async function doctor(args: Args, invocation: Invocation): Promise<number> {
  const context = contextOf(await openPlace(args, invocation), invocation, () => {});
  const examined = await examine(
    { hosts: args.on ?? [], config: configOf(args, invocation), adopt: args.adopt },
    context,
  );
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
