import { type JobName, orNull, parseJobName, parseRunId, type RunId } from "../../core/ids.ts";

type LogFile = "guest" | "host";

/** What a path asks for. */
export type Route =
  | { readonly kind: "script" | "style" | "session" | "history" }
  | { readonly kind: "runs"; readonly query: URLSearchParams }
  | { readonly kind: "run"; readonly run: RunId }
  | { readonly kind: "rerun" | "cancel"; readonly run: RunId }
  | {
      readonly kind: "log";
      readonly run: RunId;
      readonly job: JobName | null;
      readonly file: LogFile;
      /** Bytes to begin after; null: near the end. */
      readonly from: number | null;
    }
  | { readonly kind: "raw-log"; readonly run: RunId; readonly job: JobName | null; readonly file: LogFile }
  | { readonly kind: "artifact"; readonly run: RunId; readonly job: JobName; readonly path: string }
  | { readonly kind: "job-history"; readonly job: string }
  | { readonly kind: "compare"; readonly before: RunId; readonly after: RunId }
  | { readonly kind: "events"; readonly run: RunId | null };

/** Paths that change something, or open the session. */
const POSTS: readonly Route["kind"][] = ["session", "rerun", "cancel"];

/** What may be had without the session's cookie. */
export const OPEN: readonly Route["kind"][] = ["script", "style", "session"];

/** The route of a request's target as it was sent; null where there is nothing, or not for this method. */
export function routeOf(method: string, target: string, base: string): Route | null {
  const [path = "", query = ""] = target.split("?", 2);
  if (!path.startsWith(base)) return null;
  const parts = decoded(path.slice(base.length).split("/"));
  const route = parts === null ? null : ofParts(parts, new URLSearchParams(query));
  return route !== null && POSTS.includes(route.kind) === (method === "POST") ? route : null;
}

/** Null for a part that is no text, could be read as several, or leads elsewhere. */
function decoded(parts: readonly string[]): readonly string[] | null {
  try {
    const texts = parts.map((part) => decodeURIComponent(part));
    return texts.some((text) => /[/\0]/.test(text) || text === "." || text === "..") ? null : texts;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

function ofParts(parts: readonly string[], query: URLSearchParams): Route | null {
  const [first = "", second = "", ...rest] = parts;
  const depth = parts.length;
  if (depth === 1) return top(first, query);
  if (first === "runs" && depth > 2) {
    const run = orNull(parseRunId, second);
    return run === null ? null : ofRun(run, rest, query);
  }
  if (first === "history" && depth === 2 && second === "") return { kind: "history" };
  if (first === "history" && depth === 3 && second !== "" && rest[0] === "")
    return { kind: "job-history", job: second };
  if (first === "compare" && depth === 2 && second === "") return comparison(query);
  return null;
}

function top(word: string, query: URLSearchParams): Route | null {
  if (word === "") return { kind: "runs", query };
  if (word === "app.js") return { kind: "script" };
  if (word === "app.css") return { kind: "style" };
  if (word === "session") return { kind: "session" };
  if (word !== "events") return null;
  const run = query.get("run");
  if (run === null) return { kind: "events", run: null };
  const id = orNull(parseRunId, run);
  return id === null ? null : { kind: "events", run: id };
}

/** The names below a run are those of its directory, so that links of a report lead here as well. */
function ofRun(run: RunId, [word = "", ...rest]: readonly string[], query: URLSearchParams): Route | null {
  if (rest.length === 0) {
    if (word === "") return { kind: "run", run };
    if (word === "rerun" || word === "cancel") return { kind: word, run };
    if (word === "log") return logRoute(run, query);
    return word === "host.log" ? { kind: "raw-log", run, job: null, file: "host" } : null;
  }
  const [name = "", what = "", ...path] = rest;
  const job = word === "jobs" ? orNull(parseJobName, name) : null;
  if (job === null) return null;
  if (path.length === 0) {
    const [, file] = /^(guest|host)\.log$/.exec(what) ?? [];
    return isLogFile(file) ? { kind: "raw-log", run, job, file } : null;
  }
  return what === "artifacts" && !path.includes("")
    ? { kind: "artifact", run, job, path: path.join("/") }
    : null;
}

function logRoute(run: RunId, query: URLSearchParams): Route | null {
  const [file, name, from] = [query.get("file"), query.get("job"), query.get("from")];
  const job = name === null ? null : orNull(parseJobName, name);
  if (!isLogFile(file) || (name !== null && job === null) || (job === null && file === "guest")) return null;
  if (from !== null && !/^\d{1,15}$/.test(from)) return null;
  return { kind: "log", run, job, file, from: from === null ? null : Number(from) };
}

function isLogFile(word: string | null | undefined): word is LogFile {
  return word === "guest" || word === "host";
}

function comparison(query: URLSearchParams): Route | null {
  const [before, after] = [query.get("before"), query.get("after")].map((id) => orNull(parseRunId, id ?? ""));
  return before == null || after == null ? null : { kind: "compare", before, after };
}
