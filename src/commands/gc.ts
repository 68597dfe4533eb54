import { parseDuration } from "../config/duration.ts";
import { parseSize } from "../config/size.ts";
import { UsageError } from "../core/errors.ts";
import { type Account, collectGarbage } from "../operations/gc/collect.ts";
import { formatBytes, formatError, plural } from "../report/format.ts";
import type { Paint } from "../report/style.ts";
import { type Handler, openPlace } from "./call.ts";
import { outPaint, printJson } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"gc">> = async (args, call) => {
  const { invocation, config, context } = await openPlace(call);
  const { on, dryRun, keepLast, keepFailed, maxAge, maxSize } = args;
  const policy = {
    keepLast,
    keepFailed,
    maxAgeMs: parsed("--max-age", maxAge, parseDuration, '"90s", "12h", "14d"; at most 24d'),
    maxBytes: maxSize === null ? null : parsed("--max-size", maxSize, parseSize, '"500MB", "20GiB"'),
  };
  const accounts = await collectGarbage({ hosts: on, dryRun, config, policy }, context());
  if (args.json) printJson(invocation, accounts.map(asJson));
  else invocation.out(accounts.flatMap((one) => formatAccount(one, args, outPaint(invocation))).join("\n"));
  return Math.max(...accounts.map(({ error }) => error?.exitCode ?? 0));
};

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
function formatAccount(account: Account, { dryRun }: Args<"gc">, paint: Paint): string[] {
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
