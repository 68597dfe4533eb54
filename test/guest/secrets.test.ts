// needs: nix
// time-limit: 120
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRig, type Rig } from "../lab/rig.ts";

const TOKEN = "hunter2 'and\n\"more$(id)";
const test = suite<{ rig: Rig }>("secrets of jobs");
test.before.each((context) => {
  const rig = openRig({ DEPLOY_TOKEN: TOKEN });
  context.rig = rig;
  rig.configure({
    hosts: { local: { url: "local", workDir: join(rig.dir, ".pikaci/work") } },
    jobs: {
      deploy: {
        command: 'printf %s "$DEPLOY_TOKEN" | sha256sum; ls -l /run/pikaci; echo $DEPLOY_TOKEN',
        secrets: ["DEPLOY_TOKEN"],
      },
      other: { command: 'test -z "${DEPLOY_TOKEN+x}"; test ! -e /run/pikaci/secrets', network: "host" },
      missing: { command: "true", secrets: ["NOT_SET", "DEPLOY_TOKEN"] },
    },
  });
});
test.after.each(({ rig }) => rig.remove());

const digest = execFileSync("sha256sum", { input: TOKEN, encoding: "utf8" }).slice(0, 64);

test("a secret reaches its job alone, as it is, and is in no file", async ({ rig }) => {
  const ended = await rig.pikaci("run", "--job", "deploy", "--job", "other");
  assert.is(ended.code, 0, ended.stderr);
  assert.match(rig.jobFile("deploy", "guest.log"), digest);
  const grep = () => execFileSync("grep", ["-rlF", "hunter2", rig.dir], { encoding: "utf8" });
  assert.throws(grep, (error: { status: number }) => error.status === 1);
  assert.not.match(ended.stderr, "hunter2");
});

test("a stranger's tree asks in vain for secrets and a network", async ({ rig }) => {
  rig.configure({ jobs: { x: { command: "true", network: "host", secrets: ["DEPLOY_TOKEN"] } } });
  const ended = await rig.pikaci("run", "--untrusted");
  assert.is(ended.code, 2, ended.stderr);
  assert.match(ended.stderr, 'jobs.x.secrets[0]: "DEPLOY_TOKEN" is not allowed');
  assert.match(ended.stderr, 'jobs.x.network: "host" is not allowed');
  assert.not(existsSync(join(rig.dir, ".pikaci/runs")));
});

test("a secret that is not set is named before anything is sent", async ({ rig }) => {
  const ended = await rig.pikaci("run", "--job", "missing");
  assert.is(ended.code, 2);
  assert.match(ended.stderr, "secrets that are not set: NOT_SET (for missing)");
  assert.match(ended.stderr, /hint: set them in the environment/);
  assert.not(existsSync(join(rig.dir, ".pikaci/runs")));
});

test.run();
