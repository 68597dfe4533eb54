import { parseDuration } from "../config/duration.ts";
import { parseSize } from "../config/size.ts";
import { UsageError } from "../core/errors.ts";
import { type Account, collectGarbage } from "../operations/gc/collect.ts";
import { formatBytes, formatError, plural } from "../report/format.ts";
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
  readonly dryRun: boolean;
  readonly keepLast: number;
  readonly keepFailed: number;
  readonly maxAge: string;
  readonly maxSize: string | undefined;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .option("on", someHosts)
        .option("dry-run", { type: "boolean", default: false, describe: "Only tell what would go, and why" })
        .option("keep-last", { type: "number", default: 20, describe: "Newest runs and snapshots that stay" })
        .option("keep-failed", {
          type: "number",
          default: 10,
          describe: "Newest runs that did not pass and stay besides",
        })
        .option("max-age", {
          type: "string",
          default: "14d",
          requiresArg: true,
          describe: "What was not used for so long goes",
        })
        .option("max-size", {
          type: "string",
          requiresArg: true,
          describe: "Of all runs, snapshots and caches of a place together; the longest unused go first",
        })
        .example("$0 gc --dry-run", "what would go, why, and how many bytes")
        .example("$0 gc --on builder --max-size 20GB", "one host, until the rest is at most 20 GB"),
    async (args) => invocation.setExitCode(await gc(args, invocation)),
  );

async function gc(args: Args, invocation: Invocation): Promise<number> {
  const context = contextOf(await openPlace(args, invocation), invocation, () => {});
  const request = {
    ...{ hosts: args.on ?? [], dryRun: args.dryRun, config: configOf(args, invocation) },
    policy: {
      keepLast: count("--keep-last", args.keepLast),
      keepFailed: count("--keep-failed", args.keepFailed),
      maxAgeMs: parsed("--max-age", args.maxAge, parseDuration, '"90s", "12h", "14d"; at most 24d'),
      maxBytes:
        args.maxSize === undefined ? null : parsed("--max-size", args.maxSize, parseSize, '"500MB", "20GiB"'),
    },
  };
  const accounts = await collectGarbage(request, context);
  if (args.json) printJson(invocation, accounts.map(asJson));
  else
    invocation.out(
      accounts.flatMap((one) => formatAccount(one, args.dryRun, outPaint(invocation))).join("\n"),
    );
  return Math.max(...accounts.map(({ error }) => error?.exitCode ?? 0));
}

function count(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new UsageError(`${option}: expected a whole number`, { hint: `write \`${option} 20\`` });
}

function parsed(option: string, text: string, parse: (text: string) => number | null, as: string): number {
  const value = parse(text);
  if (value !== null) return value;
  throw new UsageError(`${option}: cannot read ${JSON.stringify(text)}`, { hint: `write it as ${as}` });
}

function asJson({ place, decisions, kept, error }: Account): object {
  return {
    place,
    error: error === null ? null : { kind: error.kind, message: error.message, hint: error.hint ?? null },
    items: decisions.map(({ item, remove, why }) => ({ ...item, remove, why })),
    kept,
  };
}

/** A place's account: what goes with its reason and size, and what stays in short. */
export function formatAccount(account: Account, dryRun: boolean, paint: Paint): string[] {
  const { place, decisions, kept, error } = account;
  if (error !== null) return [paint("bold", place), formatError(error, paint), ""];
  const busy = new Set(kept.map((line) => line.split(" ", 1)[0]));
  const going = decisions.filter(({ item, remove }) => remove && !busy.has(`${item.kind}/${item.name}`));
  const bytes = going.reduce((sum, { item }) => sum + item.bytes, 0);
  const lines = going.map(
    ({ item, why }) => `  ${item.kind}/${item.name}  ${formatBytes(item.bytes)}  ${why}`,
  );
  const verb = dryRun ? "would go" : "gone";
  const stay = decisions.length - going.length;
  return [
    paint("bold", place),
    ...lines,
    ...kept.map((line) => `  stays: ${line}`),
    `  ${plural(going.length, "thing")} ${verb}, ${formatBytes(bytes)}; ${stay} stay`,
    "",
  ];
}
