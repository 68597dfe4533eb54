import { closeSync, constants, createReadStream, fstatSync, openSync, realpathSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { codeOf } from "../../system/error-code.ts";
import { inDirectory } from "../../system/own-directory.ts";
import { type Answer, answer, TEXT } from "./answer.ts";
import { rangeOf } from "./range.ts";

/** What a browser may show of what a job made, by the name's ending; everything else is saved to a file. */
const SHOWN: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".htm": "text/html; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ...Object.fromEntries(
    [
      ".txt",
      ".log",
      ".md",
      ".csv",
      ".xml",
      ".json",
      ".tap",
      ".sarif",
      ".yaml",
      ".yml",
      ".diff",
      ".patch",
    ].map((ending) => [ending, TEXT]),
  ),
};

/** An origin of its own, no script, no form, no frame, no request: whatever the file says. */
const SANDBOX =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'none'";

/** How a file is handed to a browser. */
export function artifactHeaders(path: string): Readonly<Record<string, string>> {
  const shown = SHOWN[extname(path).toLowerCase()];
  // Half of a surrogate pair cannot be encoded; as bytes and back it is a replacement character.
  const name = encodeURIComponent(Buffer.from(basename(path)).toString()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    "Content-Type": shown ?? "application/octet-stream",
    "Content-Disposition": `${shown === undefined ? "attachment" : "inline"}; filename*=UTF-8''${name}`,
    "Content-Security-Policy": SANDBOX,
    "Accept-Ranges": "bytes",
  };
}

/** A file below `root`, whole or the part that `range` asks for; reached through no link, whatever became of it since. */
export function fileAnswer(
  root: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  range: string | undefined,
): Answer {
  const fd = openBelow(root, path);
  if (fd === null) return answer(404, TEXT, "there is no such file (any more)\n");
  const size = fstatSync(fd).size;
  const part = rangeOf(range, size);
  if (part === "none") {
    closeSync(fd);
    return answer(416, TEXT, `it has ${size} bytes\n`, { "Content-Range": `bytes */${size}` });
  }
  const { start, end } = part ?? { start: 0, end: size - 1 };
  const length = { "Content-Length": String(end - start + 1) };
  if (size === 0) closeSync(fd);
  const body = size === 0 ? "" : createReadStream("", { fd, start, end, autoClose: true });
  return part === null
    ? { status: 200, headers: { ...headers, ...length }, body }
    : {
        status: 206,
        headers: { ...headers, ...length, "Content-Range": `bytes ${start}-${end}/${size}` },
        body,
      };
}

/** Null for what is no regular file, or leads through a link. */
function openBelow(root: string, path: string): number | null {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    const file = join(root, path);
    if (realpathSync(file) !== join(realpathSync(root), path)) return null;
    const fd = inDirectory(dirname(file), (place) =>
      openSync(join(place, basename(file)), O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
    );
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    return null;
  } catch (error) {
    if (codeOf(error) === null) throw error;
    return null;
  }
}
