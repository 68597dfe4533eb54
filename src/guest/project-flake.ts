import { displayPath, pathBytes } from "../core/byte-path.ts";
import { ConfigError } from "../core/errors.ts";
import { type FlakeLock, parseFlakeLock } from "../core/flake-lock.ts";
import type { JobSpec } from "../core/job.ts";
import type { MicrovmShape } from "../core/machine-shape.ts";
import type { HashedEntry, HashedSnapshot } from "../core/snapshot.ts";
import type { TemplateFile } from "../core/template-file.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { selectFiles } from "../nix/select-files.ts";
import { blake3Hex } from "../system/blake3.ts";
import { readBytes } from "../system/client-files.ts";
import { absolutePath, changed } from "../system/files.ts";
import { runnerLock } from "./runners/microvm.ts";

/** Whether a job's runner uses the project's flake, whose files must then be on this machine. */
export function needsProjectFlake({ shape }: Pick<JobSpec, "shape">): boolean {
  return shape.backend === "microvm" && shape.project === null;
}

/**
 * The job with the parts of the project's flake that its runner uses: the lock, and for `modules` the files of `flake.files`. The
 * snapshot's files must be on this machine. TreeChanged, ConfigError for a lock or files that a runner cannot use.
 */
export function bindProjectFlake(
  job: JobSpec,
  hashed: HashedSnapshot,
  flakeFiles: readonly string[],
): JobSpec {
  const { shape } = job;
  if (shape.backend === "microvm") return { ...job, shape: bindShape(shape, hashed, flakeFiles) };
  const isHere = hashed.snapshot.workspace !== null;
  if (shape.backend !== "auto" || shape.project !== undefined || !isHere) return job;
  return { ...job, shape: { ...shape, project: { lock: lockForAuto(hashed), files: [] } } };
}

/** A shape with the parts of the project's flake that it uses; a shape that has them stays as it is. TreeChanged, ConfigError. */
export function bindShape(
  shape: MicrovmShape,
  hashed: HashedSnapshot,
  flakeFiles: readonly string[],
): MicrovmShape {
  if (shape.project !== null) return shape;
  const files = shape.modules.length === 0 ? [] : filesOf(hashed, flakeFiles);
  return { ...shape, project: { lock: lockOf(hashed), files } };
}

/** Null also for a lock that a runner cannot use, since the job did not ask for this runner. */
function lockForAuto(hashed: HashedSnapshot): FlakeLock | null {
  try {
    const lock = lockOf(hashed);
    if (lock !== null) runnerLock(lock, []);
    return lock;
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}

function lockOf(hashed: HashedSnapshot): FlakeLock | null {
  const entry = hashed.entries.find(({ path }) => path === "flake.lock");
  return entry === undefined ? null : parseFlakeLock(contentOf(entry, hashed).toString("utf8"));
}

function filesOf(hashed: HashedSnapshot, globs: readonly string[]): TemplateFile[] {
  const { entries } = selectFiles(hashed, globs);
  if (!entries.some(({ path }) => path === "flake.nix"))
    throw new ConfigError("`modules` name parts of the project's flake, and it has no flake.nix", {
      hint: "add flake.nix to git, and to `flake.files` where the configuration has that",
    });
  return entries.filter(({ type }) => type !== "directory").map((entry) => fileOf(entry, hashed));
}

function fileOf(entry: HashedEntry, hashed: HashedSnapshot): TemplateFile {
  const path = pathBytes(entry.path).toString("utf8");
  const plain = entry.type !== "symlink" && Buffer.from(path).equals(pathBytes(entry.path));
  if (!plain)
    throw new ConfigError(`a runner cannot have the file ${displayPath(entry.path)} of the project's flake`, {
      hint: "its modules need no symbolic links and no names that are not UTF-8: name what they need in `flake.files`",
    });
  return { path, executable: entry.type === "executable", content: contentOf(entry, hashed) };
}

function contentOf(entry: HashedEntry, { snapshot }: HashedSnapshot): Buffer {
  const content = readBytes(String(absolutePath(workspaceOf(snapshot), entry.path)));
  if (content === null || blake3Hex(content) !== entry.digest) throw changed(entry.path);
  return content;
}
