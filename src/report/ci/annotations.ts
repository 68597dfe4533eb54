import type { PikaciEvent } from "../../core/events.ts";
import type { ContentHash, JobName, RunId } from "../../core/ids.ts";
import type { JobResult } from "../../core/job-result.ts";
import { shownName } from "../../runs/merge-shards.ts";
import { LogPlaces } from "../places/log-places.ts";
import { NamedFiles } from "../places/named-files.ts";
import { sarifPlaces } from "../places/sarif.ts";
import type { SarifFiles } from "../places/sarif-files.ts";
import { sanitise } from "../sanitise.ts";
import type { Annotation } from "./dialect.ts";

export interface AnnotationOptions {
  /** The workspace below the repository's root: empty, or with a slash at its end. */
  readonly prefix: string;
  /** A job's directory in the guest. */
  readonly cwdOf: (runId: RunId, job: JobName) => string;
  /** The paths of a snapshot's files; null where they are not known. */
  readonly filesOf: (contentHash: ContentHash) => ReadonlySet<string> | null;
  /** What a job left as SARIF. */
  readonly sarifOf: (runId: RunId, job: JobName) => SarifFiles;
}

/** What the jobs of a run say about lines of the project. */
export class Annotations {
  readonly #options: AnnotationOptions;
  readonly #places = new Map<JobName, LogPlaces>();
  #runId: RunId | null = null;
  #jobs: readonly JobName[] = [];
  #contentHash: ContentHash | null = null;
  readonly #files = new NamedFiles(() =>
    this.#contentHash === null ? null : this.#options.filesOf(this.#contentHash),
  );

  constructor(options: AnnotationOptions) {
    this.#options = options;
  }

  note(event: PikaciEvent): void {
    if (event.type === "run-started") {
      this.#runId = event.runId;
      this.#jobs = event.jobs;
    }
    if (event.type === "published") this.#contentHash = event.contentHash;
  }

  /** Sanitised lines of a job's log. */
  log(job: JobName, lines: readonly string[]): void {
    const places = this.#places.get(job) ?? new LogPlaces(this.#cwd(job), this.#files);
    this.#places.set(job, places);
    places.push(lines);
  }

  /** A job that has been told. */
  forget(job: JobName): void {
    this.#places.delete(job);
  }

  /** Of a job that did not pass, once its log has ended: what it says, or that it failed. */
  of(job: JobName, result: JobResult): Annotation[] {
    const { documents, complaints } = this.#sarif(job);
    const cwd = this.#cwd(job);
    const told = documents.flatMap((document) => sarifPlaces(document, this.#files, cwd));
    const places = this.#places.get(job)?.end(told) ?? [];
    const message = sanitise(result.message);
    const title = shownName(job, this.#jobs);
    const whole: Annotation = { level: "error", file: null, line: null, title, message };
    const notes = places.map(
      (place): Annotation => ({
        ...place,
        // A name may be decoded from a URL in the log.
        file: sanitise(`${this.#options.prefix}${place.file}`),
        title,
        message: place.message || message,
      }),
    );
    const wrong = complaints.map((text): Annotation => ({ ...whole, level: "warning", message: text }));
    return [...(notes[0]?.level === "error" ? [] : [whole]), ...notes, ...wrong];
  }

  #cwd(job: JobName): string {
    return this.#runId === null ? "/workspace" : this.#options.cwdOf(this.#runId, job);
  }

  #sarif(job: JobName): SarifFiles {
    return this.#runId === null ? { documents: [], complaints: [] } : this.#options.sarifOf(this.#runId, job);
  }
}
