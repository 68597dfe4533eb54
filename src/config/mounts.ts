import { bytePath, displayPath } from "../core/byte-path.ts";
import { ConfigError } from "../core/errors.ts";
import type { JobSpec } from "../core/job.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { formatPath } from "./issues.ts";
import { cleanMountPath, mountPathProblem } from "./mount-path.ts";
import type { Config } from "./schema.ts";

type PrepareInput = NonNullable<Config["jobs"][string]["prepare"]>[string];

/** Where below /workspace a prepared output is mounted too, in one spelling. */
export function placesOf(output: PrepareInput): string[] {
  return writtenPlaces(output).map(cleanMountPath);
}

function writtenPlaces(output: PrepareInput): readonly string[] {
  if (typeof output === "string" || output.at === undefined || output.at === "") return [];
  return typeof output.at === "string" ? [output.at] : output.at;
}

/** Invalid places, places that are used twice, and places below another mount. */
export function mountProblems({ jobs }: Config): string[] {
  return Object.entries(jobs).flatMap(([job, { prepare = {} }]) => {
    const all = Object.entries(prepare).flatMap(([name, output]) =>
      writtenPlaces(output).map((written) => ({ name, written, place: cleanMountPath(written) })),
    );
    const empty = Object.entries(prepare).filter(
      ([, output]) => typeof output === "object" && output.at?.length === 0,
    );
    const at = (name: string, message: string) =>
      `${formatPath(["jobs", job, "prepare", name, "at"])}: ${message}`;
    return [
      ...empty.map(([name]) => at(name, "is empty; name a path below /workspace")),
      ...all.flatMap((one, index) => {
        const problem = mountPathProblem(one.written) ?? overlap(one, all.slice(0, index), all);
        return problem === null ? [] : [at(one.name, `${JSON.stringify(one.written)} ${problem}`)];
      }),
    ];
  });
}

interface Place {
  readonly name: string;
  readonly place: string;
}

function overlap({ place }: Place, before: readonly Place[], all: readonly Place[]): string | null {
  const twin = before.find((other) => other.place === place);
  if (twin !== undefined) return `is where ${twin.name} is mounted already`;
  const outer = all.find((other) => place.startsWith(`${other.place}/`));
  if (outer === undefined) return null;
  return `lies in ${JSON.stringify(outer.place)}, where ${outer.name} is mounted, and nothing can be added to that`;
}

/**
 * ConfigError that names each of the jobs' places where the snapshot has something, since a mount would hide it. An empty
 * directory is allowed.
 */
export function checkMounts(
  jobs: readonly Pick<JobSpec, "name" | "mounts">[],
  { entries }: Pick<HashedSnapshot, "entries">,
): void {
  const problems = jobs.flatMap(({ name: job, mounts = {} }) =>
    Object.entries(mounts).flatMap(([name, places]) =>
      places.flatMap((place) => {
        const found = inTheWay(place, entries);
        const path = formatPath(["jobs", job, "prepare", name, "at"]);
        return found === null ? [] : [`  ${path}: ${JSON.stringify(place)}: the snapshot has ${found}`];
      }),
    ),
  );
  if (problems.length === 0) return;
  throw new ConfigError(["places that are taken:", ...problems].join("\n"), {
    hint: "choose another place, remove the file, or leave it out of the snapshot (`.gitignore`, `snapshot.exclude`)",
  });
}

function inTheWay(place: string, entries: HashedSnapshot["entries"]): string | null {
  const wanted = bytePath(Buffer.from(place));
  const blocking = entries.find(
    ({ path, type }) =>
      path.startsWith(`${wanted}/`) ||
      (type !== "directory" && (path === wanted || wanted.startsWith(`${path}/`))),
  );
  if (blocking === undefined) return null;
  const { path, type } = blocking;
  const kind = type === "executable" ? "file" : type;
  return `the ${kind} ${JSON.stringify(displayPath(path))}`;
}
