import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ownDirectory } from "./own-directory.ts";

/** Where the test script keeps what a first run leaves in a work dir of this machine. */
const VARIABLE = "PIKACI_TEST_WARM";

/** Of a work dir, what each run on this machine makes anew: its mark, the runner of the sandbox, the copy of /etc. */
const KEPT = ["pikaci-work-dir", "runner-flakes", "runners"];
const LINKED = "etc";

/** Runs a job of this machine with a client (its file), in a work dir of this process, for `warmWorkDir`. */
export async function makeWarmWorkDir(client: string): Promise<void> {
  const own = ownDirectory("warm");
  // Beside each other: a work dir in the project would be a part of its snapshot, and change while that is taken.
  const [project, workDir] = [join(own, "project"), join(own, "work")];
  // A repository of its own: this one ignores it, and git fails in a directory that lies deeper than what is ignored.
  execFileSync("git", ["init", "-q", project], { stdio: "pipe" });
  const config = { hosts: { local: { url: "local", workDir } }, jobs: { warm: { command: "true" } } };
  writeFileSync(join(project, "pikaci.config.json"), JSON.stringify(config));
  const env = { ...process.env, PIKACI_NO_CACHE: "1", XDG_CACHE_HOME: join(own, "cache") };
  await promisify(execFile)(process.execPath, [client, "run", "-q"], { cwd: project, env });
  process.env[VARIABLE] = workDir;
}

/**
 * Makes a work dir of this machine as if a run had been there, so that the next one neither builds the runner nor copies
 * /etc. Does nothing where the directory is there already, or where the test script has made none to copy.
 */
export function warmWorkDir(workDir: string): void {
  const warm = process.env[VARIABLE];
  if (warm === undefined || existsSync(workDir)) return;
  mkdirSync(dirname(workDir), { recursive: true });
  mkdirSync(workDir, { mode: 0o700 });
  copy(
    ["-a"],
    KEPT.map((name) => join(warm, name)),
    workDir,
  );
  // Nobody writes into a copy of /etc, so links do.
  try {
    copy(["-al"], [join(warm, LINKED)], workDir);
  } catch {
    copy(["-a"], [join(warm, LINKED)], workDir);
  }
}

const copy = (how: string[], from: string[], to: string) =>
  void execFileSync("cp", [...how, ...from, to], { stdio: "pipe" });
