// needs: nix
// time-limit: 240
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunRecord } from "../../../src/core/run-record.ts";
import { eventually, openRig, type Rig } from "../../lab/rig.ts";
import { firstLine } from "./address.ts";

const test = suite<{ rig: Rig; first: string }>("runs that pikaci ui has started");

test.before.each(async (context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.write({ "wait.sh": "echo begun; test ! -e /workspace/long || sleep 600\n", long: "" });
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: { wait: { command: "sh wait.sh", runner: "sandbox" } },
  });
  const run = rig.start("run", "-q");
  await eventually("it runs", 60, () => (logOf(rig).includes("begun") ? true : null));
  run.child.kill("SIGINT");
  assert.is((await run.ended).code, 130);
  context.first = rig.record().run_id;
});
test.after.each(({ rig }) => rig.remove());

function logOf(rig: Rig): string {
  return readdirSync(rig.dir).includes(".pikaci") && readdirSync(join(rig.dir, ".pikaci")).includes("runs")
    ? rig.jobFile("wait", "guest.log")
    : "";
}

/** Starts a server, and lets a page of it run the first run again; gives the server when the job runs. */
async function runAgain(rig: Rig, first: string) {
  const server = rig.start("ui");
  const { origin, pathname, hash } = new URL(await firstLine(server.child));
  const headers = { Origin: origin, "Content-Type": "application/json" };
  const post = (path: string, body: object, more: Readonly<Record<string, string>> = {}) =>
    fetch(origin + pathname + path, {
      method: "POST",
      headers: { ...headers, ...more },
      body: JSON.stringify(body),
    });
  const opened = await post("session", { token: hash.slice(1) });
  const Cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  assert.is((await post(`runs/${first}/rerun`, {}, { Cookie })).status, 202);
  await eventually("the second run runs", 60, () =>
    rig.record().run_id !== first && logOf(rig).includes("begun") ? true : null,
  );
  return { server, post: (path: string, body: object) => post(path, body, { Cookie }) };
}

/** As whoever looks sees it: the record of a client that was killed is finished by who reads it next. */
async function finished(rig: Rig): Promise<RunRecord> {
  return eventually("the second run has ended", 60, async () => {
    const record: RunRecord = JSON.parse((await rig.pikaci("status", "--json")).stdout);
    return record.state === "finished" ? record : null;
  });
}

test("they end with it: Ctrl-C", async ({ rig, first }) => {
  const { server } = await runAgain(rig, first);
  server.child.kill("SIGINT");
  assert.is((await server.ended).code, 130);
  assert.is(rig.record().status, "cancelled", "and it has waited for them");
});

test("they end with it: kill -9", async ({ rig, first }) => {
  const { server } = await runAgain(rig, first);
  server.child.kill("SIGKILL");
  const { run_id, status } = await finished(rig);
  assert.is.not(run_id, first);
  assert.is(status, "cancelled");
});

test("a page cancels one; the server goes on", async ({ rig, first }) => {
  const { server, post } = await runAgain(rig, first);
  assert.is((await post(`runs/${rig.record().run_id}/cancel`, {})).status, 202);
  assert.is((await finished(rig)).status, "cancelled");
  assert.is(server.child.exitCode, null);
  server.child.kill("SIGTERM");
  assert.is((await server.ended).code, 143);
});

test.run();
