import { test } from "uvu";
import * as assert from "uvu/assert";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseJobName, parseRunId } from "../../src/core/ids.ts";
import { Mask } from "../../src/runs/mask.ts";
import { MaskedEvents } from "../../src/runs/masked-events.ts";
import { closedJob, pendingJob } from "../../src/runs/transitions.ts";

const [unit, db, web] = [parseJobName("unit"), parseJobName("db"), parseJobName("web")];

test("each log of a job and of its services is masked by itself, and whole before the job has ended", () => {
  const shown: string[] = [];
  const events = new MaskedEvents(new Mask(["hunter22"]), (event: PikaciEvent) => {
    if (event.type === "job-log") shown.push(`${event.job}: ${event.data}`);
    else if (event.type === "service-log") shown.push(`${event.job}/${event.service}: ${event.data}`);
    else shown.push(event.type);
  });
  const said = (service: typeof db, text: string) =>
    events.emit({ type: "service-log", job: unit, service, data: Buffer.from(text) });
  events.emit({ type: "job-log", job: unit, data: Buffer.from("a hun") });
  said(db, "b hun");
  said(web, "c hunt");
  events.emit({ type: "job-log", job: unit, data: Buffer.from("ter22\n") });
  said(db, "ter22\n");
  const at = new Date(0);
  const { result } = closedJob(pendingJob(unit), parseRunId("20260101T000000Z-0123abcd"), {
    ...{ status: "passed", message: "", at },
  });
  if (result === null) throw new Error("no result");
  events.emit({ type: "job-finished", job: unit, result });
  events.end();
  assert.equal(shown, [
    ...["unit: a ", "unit/db: b ", "unit/web: c ", "unit: ***\n", "unit/db: ***\n"],
    ...["unit/web: hunt", "job-finished"],
  ]);
});

test.run();
