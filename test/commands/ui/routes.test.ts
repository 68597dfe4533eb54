import { test } from "uvu";
import * as assert from "uvu/assert";
import { routeOf } from "../../../src/commands/ui/routes.ts";

const BASE = "/secret/";
const ID = "20260101T000000Z-00000001";
const OTHER = "20260101T000100Z-00000002";

const FOUND: readonly (readonly [string, object])[] = [
  ["app.js", { kind: "script" }],
  ["app.css", { kind: "style" }],
  ["history/", { kind: "history" }],
  ["history/unit/", { kind: "job-history", job: "unit" }],
  ["history/unit%20(20,%20pg)/", { kind: "job-history", job: "unit (20, pg)" }],
  [`runs/${ID}/`, { kind: "run", run: ID }],
  [`runs/${ID}/host.log`, { kind: "raw-log", run: ID, job: null, file: "host" }],
  [`runs/${ID}/jobs/unit/guest.log`, { kind: "raw-log", run: ID, job: "unit", file: "guest" }],
  [
    `runs/${ID}/log?file=guest&job=unit&from=17`,
    { kind: "log", run: ID, job: "unit", file: "guest", from: 17 },
  ],
  [`runs/${ID}/log?file=host`, { kind: "log", run: ID, job: null, file: "host", from: null }],
  [
    `runs/${ID}/jobs/unit/artifacts/a/b%20%3F%23.txt`,
    { kind: "artifact", run: ID, job: "unit", path: "a/b ?#.txt" },
  ],
  [`compare/?before=${ID}&after=${OTHER}`, { kind: "compare", before: ID, after: OTHER }],
  ["events", { kind: "events", run: null }],
  [`events?run=${ID}`, { kind: "events", run: ID }],
];

for (const [path, route] of FOUND)
  test(`GET ${path}`, () => {
    assert.equal(routeOf("GET", BASE + path, BASE), route);
    assert.equal(routeOf("HEAD", BASE + path, BASE), route);
    assert.is(routeOf("POST", BASE + path, BASE), null);
  });

test("the list, with what was chosen", () => {
  const route = routeOf("GET", `${BASE}?status=failed`, BASE);
  assert.is(route?.kind === "runs" ? route.query.get("status") : null, "failed");
});

for (const [path, kind] of [
  ["session", "session"],
  [`runs/${ID}/cancel`, "cancel"],
  [`runs/${ID}/rerun`, "rerun"],
] as const)
  test(`POST ${path}, and nothing else`, () => {
    assert.is(routeOf("POST", BASE + path, BASE)?.kind, kind);
    assert.is(routeOf("GET", BASE + path, BASE), null);
  });

const ARTIFACTS = `${BASE}runs/${ID}/jobs/unit/artifacts/`;
const NOWHERE: readonly string[] = [
  "/",
  "/secret",
  "/other/",
  "/app.js",
  "//secret/",
  `${BASE}runs/`,
  `${BASE}runs/latest/`,
  `${BASE}runs/${ID}`,
  `${BASE}runs/../`,
  `${BASE}runs/${ID}/run.json`,
  `${BASE}runs/${ID}/jobs/unit/job.json`,
  `${BASE}runs/${ID}/jobs/../host.log`,
  `${BASE}runs/${ID}/jobs/..%2f..%2f/guest.log`,
  `${BASE}history/../`,
  `${BASE}history//`,
  ARTIFACTS,
  `${ARTIFACTS}../guest.log`,
  `${ARTIFACTS}a/../../guest.log`,
  `${ARTIFACTS}%2e%2e/guest.log`,
  `${ARTIFACTS}..%2fguest.log`,
  `${ARTIFACTS}%2fetc%2fpasswd`,
  `${ARTIFACTS}/etc/passwd`,
  `${ARTIFACTS}a%00.txt`,
  `${ARTIFACTS}%ff`,
  `${ARTIFACTS}./a`,
  `${ARTIFACTS}a//b`,
  `${BASE}runs/${ID}/log?file=guest`,
  `${BASE}runs/${ID}/log?file=result&job=unit`,
  `${BASE}runs/${ID}/log?file=guest&job=..`,
  `${BASE}runs/${ID}/log?file=host&from=-1`,
  `${BASE}runs/${ID}/log?file=host&from=1e9`,
  `${BASE}events?run=x`,
  `${BASE}compare/?before=${ID}`,
  `http://127.0.0.1${BASE}`,
];

for (const target of NOWHERE) test(`nowhere: ${target}`, () => assert.is(routeOf("GET", target, BASE), null));

test.run();
