import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { run } from "./command.ts";
import { eventually } from "./rig.ts";
import { sightings } from "./secret-watch.ts";

const TEXT = "a-secret-of-this-test";
test.after(removeWorkspaces);

/** Where `action` lets it be seen in a work dir that has one job; the names end below the work dir. */
async function seen(action: (job: string) => Promise<void>): Promise<string[]> {
  const home = makeDirectory();
  const workDir = join(home, ".local/state/pikaci");
  const job = join(workDir, "runs/r/jobs/j");
  mkdirSync(join(job, "artifacts"), { recursive: true });
  writeFileSync(join(job, "log"), "begun\n");
  const exec = (script: string) => run("sh", ["-c", script]);
  const found = await sightings(
    { homeDir: home, rootDir: "/", exec, processes: async () => [] },
    TEXT,
    () => action(job),
    [join(home, "elsewhere")],
  );
  return found.map((line) => line.replace(`${workDir}/`, ""));
}

const isSeen = (file: string) => existsSync(file) || null;

test("what nobody wrote is not seen", async () => {
  assert.equal(await seen(async () => {}), []);
});

test("a file that was clean and then is not, of the same length, and one whose name is not UTF-8", async () => {
  const found = await seen(async (job) => {
    const raw = Buffer.concat([Buffer.from(join(job, "raw")), Buffer.from([0xff])]);
    writeFileSync(join(job, "state.json"), "x".repeat(TEXT.length));
    writeFileSync(join(job, "log"), "printed\n");
    await eventually("it was looked at", 10, () => isSeen(join(job, "artifacts/seen")));
    writeFileSync(join(job, "state.json"), TEXT);
    writeFileSync(raw, TEXT);
  });
  assert.equal(found.sort(), ["runs/r/jobs/j/raw\xff", "runs/r/jobs/j/state.json"]);
});

test("who printed it is let go, after the log was read", async () => {
  const found = await seen(async (job) => {
    writeFileSync(join(job, "log"), `${TEXT}\nprinted\n`);
    await eventually("it is let go", 10, () => isSeen(join(job, "artifacts/seen")));
    writeFileSync(join(job, "log"), "gone\n");
  });
  assert.equal(found, ["runs/r/jobs/j/log"]);
});

test.run();
