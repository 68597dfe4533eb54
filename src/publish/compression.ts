import type { HashedSnapshot } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { hasCode, openFile } from "../system/files.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { isCompressible } from "./compress.ts";
import type { UploadPlan } from "./tree.ts";

/** Less than this is sent before a compressor has started. */
const LEAST_BYTES = 64 * 1024;
const SAMPLES = 16;
const SAMPLE_SIZE = 16 * 1024;

/** Whether a plan's content is long enough and, by samples of it, compressible. docs/protocol.md has the measurements. */
export function worthCompressing({ content, bytes }: UploadPlan, { snapshot }: HashedSnapshot): boolean {
  if (bytes < LEAST_BYTES) return false;
  const files = content.filter(({ type, size }) => type !== "symlink" && size > 0);
  const step = Math.max(Math.floor(files.length / SAMPLES), 1);
  const sampled = files.filter((_, index) => index % step === 0).slice(0, SAMPLES);
  return isCompressible(Buffer.concat(sampled.map((entry) => sample(workspaceOf(snapshot), entry))));
}

/** The beginning of a file; nothing of one that changed, which the sender will name. */
function sample(workspace: string, { path }: Pick<ManifestEntry, "path">): Buffer {
  try {
    const file = openFile(workspace, path);
    try {
      const buffer = Buffer.alloc(SAMPLE_SIZE);
      return buffer.subarray(0, file.read(buffer));
    } finally {
      file.close();
    }
  } catch (error) {
    if (hasCode(error, ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EISDIR", "ENXIO"])) return Buffer.alloc(0);
    throw error;
  }
}
