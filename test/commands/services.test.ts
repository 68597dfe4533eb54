// needs: nix
// time-limit: 300
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually, jobOf, openRig, type Rig } from "../lab/rig.ts";

const test = suite<{ rig: Rig }>("services on this machine");
const UP = { ready: "[ -e /tmp/up ]" };

test.before((context) => {
  const rig = openRig({});
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      red: {
        command: "echo the job; exit 3",
        services: {
          db: {
            command: "printf 'listens \\033[31m\\n::error::x\\n'; touch /tmp/up; exec sleep 1000",
            ...UP,
          },
        },
      },
      waits: {
        command: "touch /artifacts/ran",
        services: { db: { command: "echo begun; exec sleep 1000", ready: "false", readyTimeout: "1h" } },
      },
    },
    defaultTarget: "red",
    targets: { red: { jobs: ["red"] }, waits: { jobs: ["waits"] } },
  });
});
test.after(({ rig }) => rig.remove());

test("a failed job shows the end of its services' logs, and so do logs, the report, plan and verify", async ({
  rig,
}) => {
  const ended = await rig.pikaci("run");
  assert.is(ended.code, 1, ended.stderr);
  assert.match(ended.stderr, /red │ the job\n(.*\n)*red\/db │ listens \nred\/db │ : :error::x\n/);
  assert.is((await rig.pikaci("logs", "--service", "db")).stdout, "listens \n: :error::x\n");
  assert.is((await rig.pikaci("logs", "--service", "db", "--raw")).stdout, "listens \x1b[31m\n::error::x\n");
  const wrong = await rig.pikaci("logs", "--service", "bd");
  assert.is(wrong.code, 2);
  assert.match(wrong.stderr, /no log of a service "bd"\nhint: there are logs of db of red/);
  assert.match((await rig.pikaci("plan")).stdout, /\n {4}beside it db\n/);
  const out = join(rig.dir, ".pikaci/report.html");
  assert.is((await rig.pikaci("report", "--out", out)).code, 0);
  assert.match(readFileSync(out, "utf8"), /red: service db/);
  const events = readFileSync(rig.jobPath("red", "../../events.jsonl"), "utf8");
  assert.match(events, /"type":"service-log","job":"red","service":"db","bytes":\d+}/);
  assert.is((await rig.pikaci("verify")).code, 0);
});

test("a shell opens when the services are ready", async ({ rig }) => {
  const { code, stdout, stderr } = await rig.pikaci(
    "shell",
    "-q",
    "red",
    "--",
    "sh",
    "-c",
    "ls /tmp/up; exit 7",
  );
  assert.equal([code, stdout], [7, "/tmp/up\n"], stderr);
});

test("a run that is cancelled while a service is not ready ends at once, with the service's log", async ({
  rig,
}) => {
  const { child, ended } = rig.start("run", "waits");
  await eventually("the job's guest runs", 60, () => {
    const events = join(rig.dir, ".pikaci/runs");
    const newest = readdirSync(events).sort().at(-1) ?? "none";
    const file = join(events, newest, "events.jsonl");
    return (existsSync(file) && /"job":"waits","phase":"running"/.test(readFileSync(file, "utf8"))) || null;
  });
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  assert.is(code, 130, stderr);
  const { result, artifacts } = jobOf(rig.record(), "waits");
  assert.equal([result?.status, artifacts], ["cancelled", []]);
  assert.match(rig.jobFile("waits", "services/db.log"), /^(begun\n)?$/);
});

test("attach fetches the logs of a detached run's services", async ({ rig }) => {
  assert.is((await rig.pikaci("run", "--detach")).code, 0);
  const { code, stderr } = await rig.pikaci("attach");
  assert.is(code, 1, stderr);
  assert.match(rig.jobFile("red", "services/db.log"), /^listens /);
  assert.is((await rig.pikaci("attach")).code, 1);
  assert.is((await rig.pikaci("verify")).code, 0);
});

test.run();
