import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { quietLimit } from "../../scripts/suites/quiet-clock.ts";
import { warmWorkDir } from "../../scripts/suites/warm-work-dir.ts";
import type { JobRecord, RunRecord } from "../../src/core/run-record.ts";
import { sealedRecord } from "../../src/runs/sealed-record.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { openMemory } from "../../src/system/client-memory.ts";
import { pause } from "./pause.ts";

/** Node's words for the command line: the bundle that the test script made, else the sources. */
export const CLI: readonly string[] = process.env.PIKACI_TEST_CLI
  ? [process.env.PIKACI_TEST_CLI]
  : ["--import", import.meta.resolve("tsx"), resolve(import.meta.dirname, "../../src/cli.ts")];

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of its own and the real command line, as a person would use both. */
export interface Rig {
  readonly dir: string;
  /** What its clients have in their environment besides this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** What the client remembers of it, outside of the tree. */
  readonly memory: string;
  write(files: Readonly<Record<string, string>>): void;
  /** Writes the configuration. Where it names `.pikaci/work` as a work dir, a run was there already (`warmWorkDir`). */
  configure(config: object): void;
  /** Runs a shell command in the project's directory. */
  shell(command: string): void;
  pikaci(...args: string[]): Promise<Ended>;
  /** The client as a process; `ended` resolves with its output. */
  start(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  /** Starts pikaci with a stdin to write to. */
  startPiped(...args: string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  /** The newest run's record. */
  record(): RunRecord;
  /** Changes a run's record as its client would. */
  alter(id: string, change: Partial<RunRecord>): void;
  /** What lies in the newest run's job directory. */
  jobPath(job: string, name: string): string;
  /** A file of it; empty when there is none, as the log of a silent job. */
  jobFile(job: string, name: string): string;
  remove(): void;
}

export function openRig(given: Readonly<Record<string, string>>): Rig {
  const dir = mkdtempSync(join(tmpdir(), "pikaci-rig-"));
  const own = mkdtempSync(join(tmpdir(), "pikaci-home-"));
  // Nix keeps there what it would else ask a network for.
  mkdirSync(join(own, "cache"));
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nix");
  mkdirSync(cache, { recursive: true });
  symlinkSync(cache, join(own, "cache/nix"));
  const state = { XDG_CACHE_HOME: join(own, "cache"), XDG_STATE_HOME: join(own, "state") };
  const env = { CI: "", PIKACI_NO_CACHE: "1", ...state, ...given };
  const git = (...args: string[]) => execFileSync("git", ["-C", dir, ...args], { stdio: "pipe" });
  git("init", "-q");
  const start = (...args: string[]) => startClient(dir, args, env);
  const newest = () =>
    join(dir, ".pikaci/runs", readdirSync(join(dir, ".pikaci/runs")).sort().at(-1) ?? "none");
  const rig: Rig = {
    dir,
    env,
    memory: join(own, "cache/pikaci", blake3Hex(Buffer.from(realpathSync(dir)))),
    start,
    startPiped: (...args) => startClient(dir, args, env, "pipe"),
    pikaci: (...args) => start(...args).ended,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
    },
    shell: (command) => execFileSync("sh", ["-c", command], { cwd: dir, stdio: "pipe" }),
    configure(config) {
      const text = JSON.stringify(config);
      const workDir = join(dir, ".pikaci/work");
      if (text.includes(JSON.stringify(workDir))) warmWorkDir(workDir);
      // As the first run would: else a test that adds all to git adds the work dir.
      if (existsSync(workDir)) rig.write({ ".pikaci/.gitignore": "*\n" });
      rig.write({ "pikaci.config.json": text });
    },
    record() {
      const { digests: _, mac: __, ...record } = JSON.parse(readFileSync(join(newest(), "run.json"), "utf8"));
      return record as RunRecord;
    },
    alter(id, change) {
      const file = join(dir, ".pikaci/runs", id, "run.json");
      const { digests, mac: _, ...record } = JSON.parse(readFileSync(file, "utf8"));
      const { memory } = openMemory(dir, env);
      writeFileSync(file, JSON.stringify(sealedRecord(memory, { ...record, ...change }, digests)));
    },
    jobPath: (job, name) => join(newest(), "jobs", job, name),
    jobFile(job, name) {
      const file = rig.jobPath(job, name);
      return existsSync(file) ? readFileSync(file, "utf8") : "";
    },
    remove() {
      for (const one of [dir, own]) rmSync(one, { recursive: true, force: true });
    },
  };
  return rig;
}

function startClient(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  stdin: "ignore" | "pipe" = "ignore",
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [...CLI, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: [stdin, "pipe", "pipe"],
  });
  const read = (stream: NodeJS.ReadableStream | null) => {
    const parts: Buffer[] = [];
    stream?.on("data", (part: Buffer) => parts.push(part));
    return () => Buffer.concat(parts).toString("utf8");
  };
  const stdout = read(child.stdout);
  const stderr = read(child.stderr);
  const ended = new Promise<Ended>((done) => {
    child.on("close", (code) => done({ code, stdout: stdout(), stderr: stderr() }));
  });
  return { child, ended };
}

export function jobOf(record: RunRecord, name: string): JobRecord {
  const job = record.jobs.find((one) => one.job === name);
  if (job === undefined) throw new Error(`no job ${name} in the record`);
  return job;
}

/** Waits until `check` gives something, at most `seconds` of a quiet machine. */
export async function eventually<T>(
  what: string,
  seconds: number,
  check: () => Promise<T | null> | T | null,
): Promise<T> {
  const isOver = quietLimit(seconds);
  const began = performance.now();
  for (;;) {
    const found = await check();
    if (found !== null) return found;
    if (isOver()) throw new Error(`after ${seconds} s still not: ${what}`);
    await pause(began, 50);
  }
}
