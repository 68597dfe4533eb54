import { test } from "uvu";
import * as assert from "uvu/assert";
import { InfraError } from "../../src/core/errors.ts";
import { parseJobName } from "../../src/core/ids.ts";
import { MOST_SERVICES } from "../../src/core/job.ts";
import { ServiceLogs } from "../../src/guest/service-logs.ts";

function heard(send: (logs: ServiceLogs) => void): string[] {
  const shown: string[] = [];
  send(
    new ServiceLogs(parseJobName("unit"), (event) => {
      if (event.type === "service-log") shown.push(`${event.service}=${event.data}`);
    }),
  );
  return shown;
}

const frame = (text: string) => Buffer.from(text);

test("a frame is a name and more of its log, which may hold anything", () =>
  assert.equal(
    heard((logs) => {
      logs.take(frame("db\none\ntwo"));
      logs.take(frame("web\n\0\x1b[2J"));
      logs.take(frame("db\n"));
      logs.take(frame("db\n\nthree"));
    }),
    ["db=one\ntwo", "web=\0\x1b[2J", "db=\nthree"],
  ));

test("what comes again over a new connection is left out, in whatever pieces", () =>
  assert.equal(
    heard((logs) => {
      logs.take(frame("db\none t"));
      logs.take(frame("web\nall"));
      logs.again();
      logs.take(frame("db\non"));
      logs.take(frame("db\ne two"));
      logs.take(frame("web\nall"));
    }),
    ["db=one t", "web=all", "db=wo"],
  ));

const MIB = 1 << 20;
const refused: readonly (readonly [string, (logs: ServiceLogs) => void, RegExp])[] = [
  ["no name", (logs) => logs.take(frame("db")), /log of a service with a bad name: ""/],
  ["a name that leads out", (logs) => logs.take(frame("../x\nx")), /bad name: "..\/x"/],
  [
    "more services than a job has",
    (logs) => {
      for (let n = 0; n <= MOST_SERVICES; n++) logs.take(frame(`s${n}\nx`));
    },
    /sends more of the logs of unit's services than they can have/,
  ],
  [
    "a log without an end",
    (logs) => {
      for (let n = 0; n < 18; n++) logs.take(Buffer.concat([frame("db\n"), Buffer.alloc(MIB)]));
    },
    /sends more of the logs/,
  ],
];
for (const [name, send, message] of refused)
  test(`refused: ${name}`, () =>
    assert.throws(
      () => heard(send),
      (error: unknown) => error instanceof InfraError && message.test(error.message),
    ));

test.run();
