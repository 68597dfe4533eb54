import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { plainHost } from "../../src/config/project.ts";
import type { PikaciEvent } from "../../src/core/events.ts";
import { parseHostUrl, parseJobName, parseRunId } from "../../src/core/ids.ts";
import { eventDocument } from "../../src/runs/event-document.ts";
import { eventFields, eventJsonSchema, eventSchema } from "../../src/runs/event-schema.ts";
import { newRecord } from "../../src/runs/transitions.ts";

const test = suite("event documents");
const at = new Date("2026-01-01T00:00:00.123Z");
const head = { schema_version: 1, at: "2026-01-01T00:00:00.123Z" };
const job = parseJobName("unit");
const runId = parseRunId("20260101T000000Z-0123abcd");
const host = parseHostUrl("local");
const client = { pid: 1, started: "", hostname: "h" };
const record = newRecord({ runId, projectId: "p", host: plainHost(host, host), now: at, client });
const log = (...bytes: number[]): PikaciEvent => ({ type: "job-log", job, data: Buffer.from(bytes) });

const table: readonly (readonly [string, PikaciEvent, "outline" | "full", object])[] = [
  [
    "names are those of JSON",
    { type: "run-started", runId, target: null, host, jobs: [job] },
    "outline",
    { ...head, type: "run-started", run_id: runId, target: null, host, jobs: ["unit"] },
  ],
  ["log text", log(0x68, 0x69, 0x0a), "full", { ...head, type: "job-log", job, bytes: 3, text: "hi\n" }],
  [
    "a service's log",
    { type: "service-log", job, service: parseJobName("db"), data: Buffer.from("hi") },
    "full",
    { ...head, type: "service-log", job, service: "db", bytes: 2, text: "hi" },
  ],
  [
    "no text of it in an outline",
    { type: "service-log", job, service: parseJobName("db"), data: Buffer.from("hi") },
    "outline",
    { ...head, type: "service-log", job, service: "db", bytes: 2 },
  ],
  ["half a character", log(0xc3), "full", { ...head, type: "job-log", job, bytes: 1, base64: "ww==" }],
  ["no log text in an outline", log(0xc3), "outline", { ...head, type: "job-log", job, bytes: 1 }],
  [
    "the record as it is",
    { type: "run-finished", record, directory: "/d" },
    "full",
    { ...head, type: "run-finished", record, directory: "/d" },
  ],
  [
    "no record in an outline",
    { type: "run-finished", record, directory: "/d" },
    "outline",
    { ...head, type: "run-finished", status: null, exit_code: null },
  ],
];
for (const [name, event, detail, expected] of table) {
  test(name, () => {
    const document = JSON.parse(JSON.stringify(eventDocument(event, at, detail)));
    assert.equal(document, expected);
    assert.equal(eventSchema.parse(document), document);
  });
}

test("docs/events.schema.json is what the schema gives (else: npx tsx scripts/schema.ts), and it judges", () => {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, "../../docs/events.schema.json"), "utf8"));
  assert.equal(file, JSON.parse(JSON.stringify(eventJsonSchema())));
  const published = z.fromJSONSchema(file);
  assert.ok(published.safeParse({ ...head, type: "host-log", job: null, line: "x" }).success);
  assert.not(published.safeParse({ ...head, type: "host-log", job: null }).success);
  assert.not(published.safeParse({ type: "host-log", job: null, line: "x" }).success);
});

test("docs/events.md names every type with every field", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/events.md"), "utf8");
  for (const [type, fields] of eventFields()) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${type}\` `)) ?? "";
    for (const field of fields) assert.ok(row.includes(`\`${field}\``), `${type}.${field}`);
  }
});

test.run();
