import { plainPath } from "../ci/plain-path.ts";
import type { Bound } from "../ci/take.ts";
import type { Step, WorkflowJob } from "./schema.ts";

/** An artifact that a job of a workflow uploads. */
interface Upload {
  readonly job: string;
  readonly name: string;
  /** As it is written: a path, or patterns. */
  readonly path: string;
  /** The one file or directory that it is, where that and the name are certain. */
  readonly plain: string | null;
}

type Jobs = ReadonlyMap<string, WorkflowJob>;

/** All artifacts of a workflow. */
export function uploadsOf(jobs: Jobs): readonly Upload[] {
  return [...jobs].flatMap(([id, job]) =>
    job.steps.filter(isUpload).map((step) => ({ job: id, ...uploadOf(step, job) })),
  );
}

interface WithArtifacts {
  readonly job: WorkflowJob;
  /** Jobs whose artifacts it reads, by their names in the file. */
  readonly needs: readonly string[];
  readonly notes: readonly string[];
}

/** The job with steps that write to `/artifacts` and read from `/needs`, where it is clear what they would be; notes where not. */
export function withArtifacts(
  id: string,
  job: WorkflowJob,
  uploads: readonly Upload[],
  bound: Bound,
): WithArtifacts {
  const needs: string[] = [];
  const notes: string[] = [];
  const steps = job.steps.map((step): Step => {
    if (isUpload(step)) {
      const { name, path, plain } = uploadOf(step, job);
      const isOnly = uploads.filter((one) => one.job === id && one.name === name).length === 1;
      if (plain !== null && isOnly) return ran(step, writes(name, plain));
      notes.push(`upload-artifact ${name} is not taken: write ${oneLine(path)} to /artifacts`);
    }
    if (isDownload(step)) {
      const found = sourceOf(step, uploads, bound);
      if (typeof found !== "string") {
        needs.push(found.job);
        return ran(step, reads(bound.nameOf(found.job), found.name, found.at));
      }
      notes.push(found);
    }
    return step;
  });
  return { job: { ...job, steps }, needs, notes };
}

function isUpload({ uses = "" }: Step): boolean {
  return uses.startsWith("actions/upload-artifact@");
}

function isDownload({ uses = "" }: Step): boolean {
  return uses.startsWith("actions/download-artifact@");
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function uploadOf(step: Step, { strategy }: WorkflowJob): Omit<Upload, "job"> {
  const name = String(step.with["name"] ?? "artifact");
  const path = String(step.with["path"] ?? "");
  const isCertain = NAME.test(name) && step.if === undefined && strategy?.matrix === undefined;
  return { name, path, plain: isCertain ? plainPath(path.trim()) : null };
}

interface Source {
  readonly job: string;
  readonly name: string;
  /** Where it is to be. */
  readonly at: string;
}

/** Where a download finds what it wants; text: what is to be written by hand. */
function sourceOf(step: Step, uploads: readonly Upload[], { before, nameOf }: Bound): Source | string {
  const said = step.with["name"];
  const path = String(step.with["path"] ?? ".").trim();
  const name = said === undefined ? "of all jobs" : String(said);
  const from = uploads.filter((one) => before.has(one.job) && (said === undefined || one.name === name));
  const [one, ...more] = from;
  const lost = `download-artifact ${name} is not taken:`;
  if (one === undefined) return `${lost} no job that is here and that it needs uploads that`;
  const at = path === "." || path === "./" ? "." : plainPath(path);
  const isOther = ["run-id", "repository", "github-token", "pattern", "artifact-ids"].some(
    (key) => key in step.with,
  );
  const isClear =
    said !== undefined && more.length === 0 && one.plain !== null && step.if === undefined && !isOther;
  if (isClear && at !== null) return { job: one.job, name, at };
  const places = [...new Set(from.map(({ job }) => `/needs/${nameOf(job)}`))].join(", ");
  return `${lost} what is to be in ${oneLine(path)} is in ${places}, once it is written to /artifacts there`;
}

/** A step of commands in the place of one that calls an action; both begin at the top of the workspace. */
function ran(step: Step, run: string): Step {
  return { name: step.name, run, shell: "sh", env: {}, with: {}, "working-directory": "." };
}

/** As the action does: what is in a directory, or a file by its own name; nothing where there is nothing. */
function writes(name: string, path: string): string {
  const to = `/artifacts/${name}`;
  return [
    `if [ -d ${path} ]; then mkdir -p ${to}; cp -R ${path}/. ${to}`,
    `elif [ -e ${path} ]; then mkdir -p ${to}; cp ${path} ${to}; fi`,
  ].join("\n");
}

function reads(job: string, name: string, at: string): string {
  return [...(at === "." ? [] : [`mkdir -p ${at}`]), `cp -R /needs/${job}/${name}/. ${at}`].join("\n");
}

function oneLine(text: string): string {
  return (
    text
      .trim()
      .split(/\s*\n\s*/)
      .join(", ") || "its files"
  );
}
