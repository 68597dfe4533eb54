import { dirname, join } from "node:path";
import { PikaciError } from "../core/errors.ts";
import type { JobName } from "../core/ids.ts";
import { blake3Hex } from "../system/blake3.ts";
import { jsonText, syncToDisk, writeBytes } from "../system/client-files.ts";
import { digestFile } from "../system/file-digest.ts";
import { type TreeDigests, treeDigests } from "../tree/tree-digests.ts";
import { jobFile, runFile, runsDirectory } from "./layout.ts";
import { artifactDigestsOf, type FileDigests } from "./sealed-record.ts";
import { serviceLogs } from "./service-logs.ts";

/** Collects the digests of a run's files, for its record. */
export class RunDigests {
  readonly #directory: string;
  #digests: FileDigests;

  /** `earlier` are the digests of a run that is continued; its logs will grow. */
  constructor(directory: string, earlier: FileDigests) {
    this.#directory = directory;
    this.#digests = Object.fromEntries(Object.entries(earlier).filter(([path]) => !isLog(path)));
  }

  get all(): FileDigests {
    return this.#digests;
  }

  /** Syncs the documents that the record names and their directories to disk. InfraError("client"). */
  toDisk(stateDir: string): void {
    const names = Object.keys(this.#digests).filter((name) => !isLog(name) && !isArtifact(name));
    const documents = names.map((name) => join(this.#directory, name));
    const jobs = join(this.#directory, "jobs");
    const places = [...documents.map((path) => dirname(path)), jobs, runsDirectory(stateDir), stateDir];
    syncToDisk(documents, [...new Set(places)]);
  }

  has(path: string): boolean {
    return Object.hasOwn(this.#digests, this.#nameOf(path));
  }

  /** Writes a document of the run. InfraError("client"). */
  write(path: string, document: object): void {
    const bytes = Buffer.from(jsonText(document));
    writeBytes(path, bytes);
    this.#set({ [this.#nameOf(path)]: blake3Hex(bytes) });
  }

  /** Replaces a job's digests by those of its artifacts as they are now. Returns why they cannot be read, or null. */
  takeArtifacts(job: JobName): PikaciError | null {
    const directory = jobFile.artifacts(runFile.job(this.#directory, job));
    const prefix = `${this.#nameOf(directory)}/`;
    const others = Object.entries(this.#digests).filter(([name]) => !name.startsWith(prefix));
    this.#digests = Object.fromEntries(others);
    try {
      const found = Object.entries(treeDigests(directory)).map(([path, digest]) => [prefix + path, digest]);
      this.#set(Object.fromEntries(found));
      return null;
    } catch (error) {
      if (error instanceof PikaciError) return error;
      throw error;
    }
  }

  /** Digests of a job's artifacts, by path below them. */
  artifactsOf(job: JobName): TreeDigests {
    return artifactDigestsOf(job, this.#digests);
  }

  /** Takes the digests of the logs as they are now. For the events it also keeps the number of bytes, since one more will follow. */
  takeLogs(jobs: readonly JobName[]): void {
    const logs = jobs.flatMap((job) => {
      const place = runFile.job(this.#directory, job);
      return [jobFile.hostLog(place), jobFile.guestLog(place), ...serviceLogs(place)];
    });
    for (const path of [runFile.hostLog(this.#directory), ...logs]) {
      const found = digestFile(path);
      if (found !== null) this.#set({ [this.#nameOf(path)]: found.digest });
    }
    const events = runFile.events(this.#directory);
    const found = digestFile(events);
    if (found !== null) this.#set({ [this.#nameOf(events)]: `${found.bytes} ${found.digest}` });
  }

  #set(digests: FileDigests): void {
    this.#digests = { ...this.#digests, ...digests };
  }

  #nameOf(path: string): string {
    return path.slice(this.#directory.length + 1);
  }
}

function isLog(path: string): boolean {
  return path === "events.jsonl" || /^(jobs\/[^/]+\/)?(host|guest|services\/[^/]+)\.log$/.test(path);
}

function isArtifact(path: string): boolean {
  return /^jobs\/[^/]+\/artifacts\//.test(path);
}
