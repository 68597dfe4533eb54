// needs: nix
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { eventually } from "../lab/rig.ts";
import { removeWorkspaces } from "../workspace.ts";
import { callHost, SHELLS } from "./call.ts";
import { endGuards, type Guarded, runGuard, shell, startGuard } from "./guard-rig.ts";

const test = suite("a guard whose job has secrets");
test.after(endGuards);
test.after(removeWorkspaces);

/** Of this very run: other tests of this machine have secrets in their environments, too. */
const TOKEN = `only-the-guest-knows-${randomUUID()}`;
const KEY = "-----BEGIN\nAAAABBBB\nCC\n-----END";
const secrets = { TOKEN, KEY };

/** Names of files below the work dir that hold the text. */
function holding({ workDir }: Guarded, text: string): string[] {
  const found = execFileSync("sh", ["-c", 'grep -rlF -e "$1" "$2" || true', "sh", text, workDir], {
    encoding: "utf8",
  });
  return found.split("\n").filter((line) => line !== "");
}

test("its log is masked before it is on the disk, also when nothing ends well", async () => {
  const text = 'printf "a $TOKEN b"; printf "%s" "$KEY"; echo; printf "end $TOKEN"; sleep 600';
  const guard = await startGuard({ secrets, job: { command: shell(text) } });
  await guard.until("log");
  await eventually("all of the log is there", 20, () =>
    readFileSync(join(guard.jobDir, "log"), "utf8") === "a *** b***\nend ***" ? true : null,
  );
  assert.equal(holding(guard, TOKEN), []);
  guard.channel.kill();
  await eventually("the guard has ended it", 20, () =>
    existsSync(join(guard.jobDir, "result.json")) ? true : null,
  );
  for (const text of [TOKEN, "AAAABBBB"]) assert.equal(holding(guard, text), []);
});

test("a prompt appears while the job waits", async () => {
  const guard = await startGuard({ secrets, job: { command: shell("printf 'for o'; sleep 600") } });
  await guard.until("log");
  await eventually("what might have begun the secret, too", 20, () =>
    readFileSync(join(guard.jobDir, "log"), "utf8") === "for o" ? true : null,
  );
  guard.channel.kill();
});

test("nothing that has it in its command line or environment is seen from outside", async () => {
  const guard = await startGuard({ secrets, job: { command: shell("echo begun; exec sleep 600") } });
  await guard.until("log");
  const bare = () =>
    readdirSync("/proc").filter((pid) => {
      const [words, env] = [procFile(pid, "cmdline"), procFile(pid, "environ")];
      // The guest itself has it in its environment.
      return words.includes(TOKEN) || (env.includes(TOKEN) && !words.startsWith("sleep\u0000600"));
    });
  await eventually("only what the guest runs has it", 20, () => (bare().length === 0 ? true : null));
  guard.channel.kill();
});

function procFile(pid: string, name: string): string {
  try {
    return readFileSync(join("/proc", pid, name), "utf8");
  } catch {
    return "";
  }
}

/** The process that writes the job's log. */
function filterOf({ jobDir }: Guarded): number {
  const [pid] = readdirSync("/proc").filter((name) => {
    if (!procFile(name, "cmdline").startsWith("perl\0-e")) return false;
    return readlinkSync(join("/proc", name, "cwd")) === jobDir;
  });
  assert.ok(pid);
  return Number(pid);
}

test("a filter that does not get all of what is masked is no filter: the job ends as infra", async () => {
  const guard = await runGuard({ secrets, mask: "2\n00\n", job: { command: shell("echo $TOKEN") } });
  assert.is(guard.result().status, "infra");
  assert.match(guard.result().message, /^host: the program that writes the log ended with status 3$/);
  assert.is(guard.log(), "");
});

test("a filter that is killed ends the job, and shows no secret", async () => {
  const guard = await startGuard({ secrets, job: { command: shell("echo begun; sleep 600; echo $TOKEN") } });
  await guard.until("log");
  process.kill(filterOf(guard), "SIGKILL");
  await guard.until("end");
  assert.is(guard.result().status, "infra");
  assert.equal(holding(guard, TOKEN), []);
  guard.channel.kill();
});

for (const name of SHELLS)
  test(`${name}: where there is no perl no job with secrets is taken`, () => {
    const { status, stdout } = callHost(name, ["job-dir"], ["take_secrets"], {
      params: {
        ...{ work_dir: "/nonexistent", run_id: "r", job: "j" },
        content_hash: "h",
        runner: "r",
        prepared: "",
        ...{ job_document: "{}", launch_document: "l", command_document: "" },
      },
      before: 'command() { [ "$2" != perl ]; }',
    });
    assert.is(status, 1);
    assert.match(
      stdout,
      /^error \d+\nhost\n`perl` is missing here, which masks the logs of jobs with secrets\nhint: /,
    );
  });

test.run();
