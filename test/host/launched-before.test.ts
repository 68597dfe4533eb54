import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { callHost, SHELLS } from "./call.ts";
import { holdLock } from "./hold-lock.ts";

const test = suite("a job that was launched before");
test.after(removeWorkspaces);

const DOCUMENTS = { job_document: "{}", launch_document: "l", command_document: "" };

function launchAgain(shell: (typeof SHELLS)[number], workDir: string): string {
  const ids = { work_dir: workDir, run_id: "r", job: "j", content_hash: "h", runner: "r", prepared: "" };
  const { status, stdout } = callHost(shell, ["lib/locks", "job-dir"], ["take_job"], {
    params: { ...ids, ...DOCUMENTS, detached: "no", input: "no", project: "" },
  });
  assert.is(status, 1);
  return stdout;
}

function jobDir(workDir: string): string {
  const dir = join(workDir, "runs/r/jobs/j");
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "alive"), "");
  return dir;
}

for (const shell of SHELLS) {
  test(`${shell}: it runs, it has ended, or its guard was killed`, async () => {
    const workDir = makeDirectory();
    const dir = jobDir(workDir);
    assert.match(
      launchAgain(shell, workDir),
      /job j of run r was launched on this host before, and its guard was killed\nhint: /,
    );
    const letGo = await holdLock(dir, ["alive"]);
    assert.match(
      launchAgain(shell, workDir),
      "job j of run r is running on this host: another client has launched it",
    );
    await letGo();
    writeFileSync(join(dir, "result.json"), "{}");
    assert.match(launchAgain(shell, workDir), "job j of run r has run on this host and ended");
  });
}

test.run();
