import { UsageError } from "../core/errors.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { didYouMean } from "../core/suggest.ts";
import { formatWarning } from "../report/format.ts";
import { reportedTests } from "../report/history/reported-tests.ts";
import { formatHistory, formatJobHistory } from "../report/history/table.ts";
import { History } from "../runs/history/history.ts";
import { type HistorySummary, jobDetail, summarise } from "../runs/history/summary.ts";
import type { Database } from "../system/sqlite.ts";
import { type Handler, openPlace, type Place } from "./call.ts";
import { errPaint, outPaint, printJson, printLines } from "./invocation.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"history">> = async (args, call) => {
  const place = await openPlace(call);
  const history = await openHistory(place);
  try {
    await bringUpToDate(history, place);
    place.invocation.signal.throwIfAborted();
    show(history.database, args, place);
  } finally {
    history.keep();
    history.close();
  }
  return 0;
};

function openHistory(place: Place): Promise<History> {
  const { invocation } = place;
  const context = place.context((event) => {
    if (event.type === "warning") warn(event);
  });
  const warn = (told: { readonly message: string; readonly hint?: string | null }) =>
    invocation.err(`${formatWarning(told, errPaint(invocation))}\n`);
  return History.open({ ...context, warn: (message) => warn({ message }) });
}

/** The first time reads every record, and says how far it is where somebody looks. */
async function bringUpToDate(history: History, { invocation }: Place): Promise<void> {
  const { signal, errIsTerminal, err } = invocation;
  let said = false;
  const onProgress = (done: number, all: number) => {
    if (!errIsTerminal || all < 50 || (done % 20 !== 0 && done !== all)) return;
    said = true;
    err(`\rreading the records: ${done} of ${all}`);
  };
  await history.update({ signal, testsOf: reportedTests, onProgress });
  if (said) err("\r\x1b[K");
}

function show(database: Database, { job, limit, json }: Args<"history">, { invocation }: Place): void {
  const paint = outPaint(invocation);
  if (job !== null) {
    const detail = jobDetail(database, job, limit);
    if (detail === null) throw unknownJob(job, summarise(database, limit));
    if (json) printJson(invocation, { schema_version: SCHEMA_VERSION, ...detail });
    else printLines(invocation, formatJobHistory(detail, paint));
    return;
  }
  const summary = summarise(database, limit);
  if (json) printJson(invocation, { schema_version: SCHEMA_VERSION, ...summary });
  else if (summary.jobs.length === 0)
    invocation.err("no runs of this account here; `pikaci run` makes one\n");
  else printLines(invocation, formatHistory(summary, paint));
}

function unknownJob(job: string, { jobs }: HistorySummary): UsageError {
  const names = jobs.map((one) => one.job);
  return new UsageError(
    `no run that was looked at has a job ${JSON.stringify(job)}${didYouMean(job, names)}`,
    {
      hint: names.length === 0 ? "`pikaci run` makes a run" : `they have: ${names.join(", ")}`,
    },
  );
}
