import { PassThrough } from "node:stream";
import { pack } from "tar-stream";
import type { TemplateFile } from "./template.ts";

/** Files as a tar stream, with the modes and times of everything published: 0755 or 0644, second 1. */
export function packFiles(files: readonly TemplateFile[]): AsyncIterable<Buffer> {
  const archive = pack();
  const mtime = new Date(1000);
  for (const name of directoriesOf(files)) archive.entry({ name, type: "directory", mode: 0o755, mtime });
  for (const { path, executable, content } of files)
    archive.entry({ name: path, mode: executable ? 0o755 : 0o644, mtime }, content);
  archive.finalize();
  return archive.pipe(new PassThrough());
}

function directoriesOf(files: readonly TemplateFile[]): string[] {
  const all = files.flatMap(({ path }) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  });
  return [...new Set(all)].sort();
}
