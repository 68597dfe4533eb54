import type { ChildProcess } from "node:child_process";
import { readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openMemory } from "../../../src/system/client-memory.ts";
import { type Ended, eventually, openRig, type Rig } from "../../lab/rig.ts";
import { pastId, writePast } from "../../runs/history/past.ts";
import { firstLine } from "./address.ts";

const test = suite("pikaci ui");

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let rig: Rig;
let server: { readonly child: ChildProcess; readonly ended: Promise<Ended> };
let port = 0;
let base = "";
let token = "";
let cookie = "";

const ID = pastId(1);
const RUN = `runs/${ID}/`;
const ARTIFACTS = `${RUN}jobs/unit/artifacts/`;
const artifactsDirectory = () => join(rig.dir, ".pikaci/runs", ID, "jobs/unit/artifacts");

/** A request as it is written here: no path is made shorter, no header added but `Host`. */
function ask(
  path: string,
  { method = "GET", headers = {}, body = "" }: { method?: string; headers?: object; body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const to = { host: "127.0.0.1", port, method, path, headers: { ...headers } };
    const sent = request(to, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** As the browser asks that has the cookie. */
const get = (path: string, headers: object = {}, method = "GET") =>
  ask(base + path, { method, headers: { Cookie: cookie, ...headers } });

const origin = () => `http://127.0.0.1:${port}`;

const post = (path: string, body: unknown, headers: object = {}) =>
  ask(base + path, {
    method: "POST",
    headers: { Origin: origin(), "Content-Type": "application/json", Cookie: cookie, ...headers },
    body: JSON.stringify(body),
  });

test.before(async () => {
  rig = openRig({});
  rig.configure({ jobs: { unit: { command: "true" } } });
  const place = { stateDir: join(rig.dir, ".pikaci"), ...openMemory(rig.dir, rig.env) };
  const artifacts = {
    "page.html": "<script>0</script>",
    "data.bin": "0123456789",
    "deep/a.txt": "a",
    gone: "x",
    link: "x",
  };
  writePast(place, { at: 0, jobs: { unit: { status: "passed" } } });
  writePast(place, {
    at: 1,
    jobs: { unit: { status: "failed", message: "<img src=x onerror=a()>", artifacts } },
  });
  writePast({ ...place, memory: { ...place.memory, key: Buffer.alloc(32) } }, { at: 2, jobs: {} });
  writeFileSync(join(rig.dir, ".pikaci/runs", ID, "jobs/unit/guest.log"), "\x1b[31m<b>log\n");
  rmSync(join(artifactsDirectory(), "link"));
  symlinkSync("/etc/passwd", join(artifactsDirectory(), "link"));
  rmSync(join(artifactsDirectory(), "gone"));
  server = rig.start("ui");
  const address = new URL(await firstLine(server.child));
  port = Number(address.port);
  base = address.pathname;
  token = address.hash.slice(1);
});
test.after(() => {
  server.child.kill("SIGKILL");
  rig.remove();
});

test("without the cookie: the door, its script and its style, and nothing else", async () => {
  const door = await ask(base);
  assert.is(door.status, 200);
  assert.match(door.body, "data-door");
  assert.not.match(door.body, "20260101");
  for (const path of ["app.js", "app.css"]) assert.is((await ask(base + path)).status, 200);
  for (const path of [RUN, "history/", "events", `${ARTIFACTS}data.bin`, `${RUN}log?file=host`])
    assert.is((await ask(base + path)).status, 401, path);
  const headers = { Origin: origin(), "Content-Type": "application/json" };
  assert.is((await ask(`${base}${RUN}cancel`, { method: "POST", headers, body: "{}" })).status, 401);
  for (const path of ["/", "/favicon.ico", "/other/", `${base}none`])
    assert.equal(await ask(path).then(({ status, body }) => [status, body]), [404, "nothing here\n"]);
});

test("the token is traded for a cookie; anything else is not", async () => {
  for (const body of [{ token: "x" }, { token: 5 }, {}, null, "x".repeat(9999)]) {
    const { status, headers } = await post("session", body);
    assert.equal([status, headers["set-cookie"]], [403, undefined]);
  }
  const { status, headers } = await post("session", { token });
  assert.is(status, 200);
  const [set = ""] = headers["set-cookie"] ?? [];
  assert.ok(set.endsWith(`; Path=${base}; HttpOnly; SameSite=Strict`), set);
  cookie = set.split(";")[0] ?? "";
  assert.is((await get(RUN)).status, 200);
});

test("another Host, another Origin, another site: refused with the cookie, too", async () => {
  assert.is((await get("", { Host: `localhost:${port}` })).status, 421);
  assert.is((await get("", { Host: "attacker.example" })).status, 421);
  assert.is((await get("", { Origin: "http://attacker.example" })).status, 403);
  assert.is((await get("", { "Sec-Fetch-Site": "cross-site" })).status, 403);
  assert.is((await get("", {}, "DELETE")).status, 405);
  assert.is((await post(`${RUN}cancel`, {}, { Origin: "null" })).status, 403);
  assert.is((await post(`${RUN}cancel`, {}, { "Content-Type": "text/plain" })).status, 415);
  const bare = { "Content-Type": "application/json", Cookie: cookie };
  assert.is((await ask(`${base}${RUN}rerun`, { method: "POST", headers: bare, body: "{}" })).status, 403);
  assert.equal(readdirSync(join(rig.dir, ".pikaci/runs")).length, 3);
});

test("every answer forbids what a page does not need", async () => {
  for (const path of ["", RUN, "app.js", "history/", "none", `${RUN}log?file=guest&job=unit`]) {
    const { headers } = await get(path);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, "default-src 'none'", path);
    assert.not.match(policy, /unsafe|\*/, path);
    assert.is(headers["x-content-type-options"], "nosniff", path);
    assert.is(headers["cache-control"], "no-store", path);
    assert.is(headers["cross-origin-resource-policy"], "same-origin", path);
  }
  const page = (await get(RUN)).body;
  assert.not.match(page, /<script>|<style>| on\w+=["']|javascript:/);
  assert.match(page, "&lt;img src=x onerror=a()&gt;");
});

test("pages: list, run, history, comparison; what is not there says so", async () => {
  const list = (await get("")).body;
  assert.equal([...list.matchAll(/<tr><td>/g)].length, 3);
  assert.match(list, "foreign");
  assert.match((await get("?status=failed")).body, "1 run<");
  assert.match((await get(RUN)).body, 'data-post="rerun"');
  assert.not.match((await get(`runs/${pastId(2)}/`)).body, "data-post", "a foreign run is looked at only");
  assert.match((await get("history/unit/")).body, "1 of 2");
  assert.match((await get(`compare/?before=${pastId(0)}&after=${ID}`)).body, "newly failing");
  for (const path of [`runs/${pastId(9)}/`, "history/none/", `compare/?before=${pastId(9)}&after=${ID}`])
    assert.is((await get(path)).status, 404, path);
  const log = JSON.parse((await get(`${RUN}log?file=guest&job=unit`)).body);
  assert.equal(log.lines, [[{ text: "<b>log", classes: ["f1"] }]]);
});

test("artifacts: whole, in part, their headers alone; a page in a sandbox", async () => {
  const whole = await get(`${ARTIFACTS}data.bin`);
  assert.equal([whole.status, whole.body], [200, "0123456789"]);
  assert.match(whole.headers["content-disposition"] ?? "", /^attachment;/);
  const part = await get(`${ARTIFACTS}data.bin`, { Range: "bytes=2-4" });
  assert.equal([part.status, part.body, part.headers["content-range"]], [206, "234", "bytes 2-4/10"]);
  const beyond = await get(`${ARTIFACTS}data.bin`, { Range: "bytes=10-" });
  assert.equal([beyond.status, beyond.headers["content-range"]], [416, "bytes */10"]);
  const head = await get(`${ARTIFACTS}data.bin`, {}, "HEAD");
  assert.equal([head.status, head.body, head.headers["content-length"]], [200, "", "10"]);
  const page = await get(`${ARTIFACTS}page.html`);
  assert.match(String(page.headers["content-security-policy"]), /^sandbox; default-src 'none';/);
  assert.match(page.headers["content-disposition"] ?? "", /^inline;/);
  assert.is((await get(`${ARTIFACTS}deep/a.txt`)).body, "a");
});

test("nothing but what the record lists, and nothing through a link", async () => {
  for (const path of [
    "link",
    "gone",
    "none",
    "deep",
    "../job.json",
    "%2e%2e/job.json",
    "..%2fjob.json",
    "deep/../data.bin",
  ])
    assert.is((await get(ARTIFACTS + path)).status, 404, path);
  rmSync(join(artifactsDirectory(), "deep"), { recursive: true });
  symlinkSync(rig.dir, join(artifactsDirectory(), "deep"));
  writeFileSync(join(rig.dir, "a.txt"), "outside");
  assert.is((await get(`${ARTIFACTS}deep/a.txt`)).status, 404);
  rmSync(join(artifactsDirectory(), "data.bin"));
  symlinkSync(join(rig.dir, "a.txt"), join(artifactsDirectory(), "data.bin"));
  assert.is((await get(`${ARTIFACTS}data.bin`)).status, 404);
});

/** What a page that follows events is told, until it leaves. */
function follow(path: string): { readonly told: () => string; readonly leave: () => void } {
  let text = "";
  const sent = request(
    { host: "127.0.0.1", port, path: base + path, headers: { Cookie: cookie } },
    (response) => {
      response.on("data", (part: Buffer) => {
        text += part.toString();
      });
      response.on("error", () => {});
    },
  );
  sent.on("error", () => {});
  sent.end();
  return { told: () => text, leave: () => sent.destroy() };
}

test("events: a log that grows, a run that is new; who leaves is forgotten, the others go on", async () => {
  const run = follow(`events?run=${ID}`);
  const list = follow("events");
  const leaving = [follow("events"), follow(`events?run=${ID}`)];
  await eventually("all are connected", 10, () =>
    [run, list, ...leaving].every(({ told }) => told().includes("retry:")) ? true : null,
  );
  for (const one of leaving) one.leave();
  writeFileSync(join(rig.dir, ".pikaci/runs", ID, "jobs/unit/guest.log"), "more\nlines\n");
  await eventually("the log is told of", 10, () => (run.told().includes('"job":"unit"') ? true : null));
  const place = { stateDir: join(rig.dir, ".pikaci"), ...openMemory(rig.dir, rig.env) };
  writePast(place, { at: 7, jobs: {} });
  await eventually("the list is told of", 10, () => (list.told().includes("event: changed") ? true : null));
  assert.match((await get("")).body, pastId(7));
  run.leave();
  list.leave();
  assert.is((await get("")).status, 200);
});

test("who sends nothing, or half of a request, holds up nobody", async () => {
  const silent = connect(port, "127.0.0.1");
  silent.on("error", () => {});
  silent.write("GET / HTTP/1.1\r\nHost: ");
  assert.is((await get("")).status, 200);
  silent.destroy();
});

test("what cannot be done is told to the pages: a run without a snapshot to repeat", async () => {
  const list = follow("events");
  await eventually("connected", 10, () => (list.told().includes("retry:") ? true : null));
  assert.is((await post(`${RUN}rerun`, { failed: "yes" })).status, 400);
  assert.is((await post(`${RUN}cancel`, { job: "none" })).status, 404);
  assert.is((await post(`runs/${pastId(2)}/rerun`, {})).status, 202);
  await eventually("why not", 30, () =>
    list.told().includes("was not recorded by this account") ? true : null,
  );
  assert.match(list.told(), '"bad":true');
  list.leave();
});

test("a port that is taken: exit 3, and what to do", async () => {
  const { code, stderr } = await rig.pikaci("ui", "--port", String(port));
  assert.is(code, 3);
  assert.match(stderr, `cannot listen on 127.0.0.1:${port}: EADDRINUSE\nhint: leave --port out`);
  assert.is((await rig.pikaci("ui", "--port", "70000")).code, 2);
});

test("Ctrl-C ends it, with pages that follow; nothing is left but the history", async () => {
  const page = follow("events");
  await eventually("connected", 10, () => (page.told().includes("retry:") ? true : null));
  server.child.kill("SIGINT");
  const { code, stdout } = await server.ended;
  assert.equal([code, stdout.split("\n").length], [130, 2]);
  assert.equal(readdirSync(rig.memory).sort(), ["history.sqlite", "workspace"]);
});

test.run();
