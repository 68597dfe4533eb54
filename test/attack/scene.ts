import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { sealedRecord } from "../../src/runs/sealed-record.ts";
import { blake3Hex } from "../../src/system/blake3.ts";
import { openMemory } from "../../src/system/client-memory.ts";
import type { Env } from "../../src/system/exec.ts";
import { eventually, openRig, type Rig } from "../lab/rig.ts";
import type { Corruption } from "./corruptions.ts";

/** Where documents lie: run records in the tree, what the client remembers of it, and the host's work dir. */
export const AREAS = ["records", "memory", "host"] as const;
export type Area = (typeof AREAS)[number];

/** A project that ran on this machine as its host: once to its end, and once detached, which is not fetched yet. */
export interface Scene {
  readonly dir: string;
  readonly env: Env;
  readonly finished: string;
  readonly detached: string;
  readonly root: Readonly<Record<Area, string>>;
  /** Another workspace of the project, of which the client knows nothing: its tree has one file that is otherwise. */
  readonly changed: string;
  /** Files of an area that decide or tell something, relative to its root. */
  readonly files: Readonly<Record<Area, readonly string[]>>;
  /** Files deep in a tree of the work dir that is only mounted, relative to it. */
  readonly mounted: readonly string[];
  read(area: Area, file: string): Buffer;
  /** Puts a corrupted document in place; `sealed`: as this account would have written it. */
  corrupt(area: Area, file: string, to: Corruption, sealed: boolean): void;
  /** Everything as it was after the two runs. */
  restore(): void;
  close(): void;
}

/** One job passes, with everything that a job may have; one fails, so that no run of both may pass. */
const JOBS = {
  good: {
    command: "cat file; echo one >/artifacts/one",
    runner: "sandbox",
    prepare: { deps: { path: "deps" } },
    caches: ["tool"],
  },
  bad: { command: "exit 1", runner: "sandbox", cache: "all" },
};

export async function openScene(): Promise<Scene> {
  const rig = openRig({ PIKACI_NO_CACHE: "" });
  const own = resolve(rig.memory, "../../..");
  const root = { records: join(rig.dir, ".pikaci"), memory: rig.memory, host: join(own, "work") };
  rig.write({ file: "one\n", "deps/a": "a" });
  const project = { project: "attack", hosts: { local: { url: "local", workDir: root.host } } };
  rig.configure({ ...project, jobs: JOBS, targets: { all: { jobs: ["good", "bad"] } } });
  const changed = makeChanged(join(own, "changed"), { ...project, jobs: { bad: JOBS.bad } });
  const finished = await ran(rig, 1, "run");
  const detached = await ran(rig, 0, "run", "--detach", "--no-cache");
  await ended(join(root.host, "runs", detached, "jobs"));
  const ofChanged = [join(changed, ".pikaci"), join(own, "cache/pikaci", workspaceId(changed))];
  const pristine = join(own, "pristine");
  mkdirSync(pristine);
  for (const area of AREAS) copy(root[area], join(pristine, area));
  const env = environment(own);
  const onHost = filesOf(root.host);
  const files = {
    records: filesOf(root.records),
    memory: filesOf(root.memory),
    host: onHost.filter((file) => !MOUNTED.test(file)),
  };
  const mounted = onHost.filter((file) => MOUNTED.test(file));
  return {
    ...{ dir: rig.dir, env, finished, detached, root, changed, files, mounted },
    read: (area, file) => readFileSync(join(pristine, area, file)),
    corrupt(area, file, { bytes }, sealed) {
      const path = ownPath(root[area], file);
      if (existsSync(path)) rmSync(path);
      if (bytes === null) mkdirSync(path);
      else writeFileSync(path, bytes);
      if (sealed) seal(rig.dir, env, path);
    },
    restore() {
      for (const area of AREAS) {
        rmSync(root[area], { recursive: true, force: true });
        copy(join(pristine, area), root[area]);
      }
      for (const made of ofChanged) rmSync(made, { recursive: true, force: true });
    },
    close: () => rig.remove(),
  };
}

/** A job's view of the host's /etc: some files on top, whose names programs know, and many below. */
const MOUNTED = /^etc\/[^/]+\/.+\//;

function makeChanged(dir: string, config: object): string {
  mkdirSync(dir);
  execFileSync("git", ["-C", dir, "init", "-q"]);
  writeFileSync(join(dir, "file"), "two\n");
  writeFileSync(join(dir, "pikaci.config.json"), JSON.stringify(config));
  return dir;
}

/** Nothing else on this machine may be corrupted: throws Error where a link leads out of the area. */
function ownPath(root: string, file: string): string {
  const path = join(root, file);
  const real = realpathSync(dirname(path));
  if (real !== dirname(join(realpathSync(root), file))) throw new Error(`${path} lies in ${real}`);
  return path;
}

const workspaceId = (dir: string): string => blake3Hex(Buffer.from(realpathSync(dir)));

async function ran(rig: Rig, code: number, ...words: string[]): Promise<string> {
  const end = await rig.pikaci(...words);
  if (end.code !== code) throw new Error(`${words.join(" ")}: ${end.code}: ${end.stderr}`);
  return rig.record().run_id;
}

/** Both jobs have their results, and nothing lives for the run any more. */
function ended(jobs: string): Promise<true> {
  const has = (job: string) => existsSync(join(jobs, job, "result.json"));
  return eventually("the detached jobs ended", 60, () => (has("good") && has("bad") ? true : null));
}

function environment(own: string): Env {
  const { PIKACI_NO_CACHE: _, ...env } = process.env;
  return { ...env, CI: "", XDG_CACHE_HOME: join(own, "cache"), XDG_STATE_HOME: join(own, "state") };
}

function copy(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to]);
}

/**
 * Regular files; of what others made (a published tree, a lock) only that it is there matters, and not what it says. Without
 * `withFileTypes` Node follows links, and a work dir has some that lead into this machine's Nix store.
 */
function filesOf(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/^locks\/|\/artifacts\/|\/tree\/(bin|lib)\//.test(file))
    .sort();
}

/** Writes the digest of a run's document into its record, or the record anew, with this account's seal. */
function seal(dir: string, env: Env, path: string): void {
  const [, run = "", ...inside] = relative(join(dir, ".pikaci"), path).split("/");
  const file = join(dir, ".pikaci/runs", run, "run.json");
  const { mac: _, digests, ...record } = JSON.parse(readFileSync(file, "utf8"));
  const name = inside.join("/");
  const own = name === "run.json" ? {} : { [name]: blake3Hex(readFileSync(path)) };
  const { memory } = openMemory(dir, env);
  writeFileSync(file, JSON.stringify(sealedRecord(memory, record, { ...digests, ...own })));
}
