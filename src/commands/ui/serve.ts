import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as z from "zod";
import { PikaciError } from "../../core/errors.ts";
import { script } from "../../report/ui/script.ts";
import { doorPage } from "../../report/ui/shell.ts";
import { style } from "../../report/ui/style.ts";
import { jobFile, runDirectory, runFile } from "../../runs/layout.ts";
import { openRun } from "../../runs/stored-runs.ts";
import { codeOf } from "../../system/error-code.ts";
import { type Answer, answer, commonHeaders, HTML, JSON_TYPE, TEXT } from "./answer.ts";
import { artifactHeaders, fileAnswer } from "./artifact.ts";
import type { Children } from "./children.ts";
import { refusal } from "./gate.ts";
import type { Listeners } from "./listeners.ts";
import { logPart } from "./log-part.ts";
import { comparePage, historyPage, jobHistoryPage, missing, type Pages, runPage, runsPage } from "./pages.ts";
import { OPEN, type Route, routeOf } from "./routes.ts";
import type { Session } from "./session.ts";

/** What requests are answered with. */
interface Site extends Pages {
  /** `127.0.0.1:PORT`. */
  readonly authority: string;
  readonly session: Session;
  readonly listeners: Listeners;
  readonly children: Children;
}

/** A body that the script sends has a few words. */
const MOST_BODY = 4096;

/** Answers one request; never throws. */
export async function serve(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { method = "", url = "" } = request;
    const refused = refusalOf(site, request);
    if (refused !== null) return await send(site, request, response, refused);
    const route = routeOf(method, url, site.base);
    const isIn = site.session.isOpen(request.headers.cookie);
    if (route !== null && isIn && route.kind === "events" && method === "GET") {
      for (const [name, value] of Object.entries(common(site))) response.setHeader(name, value);
      response.writeHead(200, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
      return site.listeners.add(response, route.run);
    }
    const given = route === null ? notFound(site, isIn) : await answerTo(site, route, request, isIn);
    await send(site, request, response, given);
  } catch (error) {
    await fail(site, request, response, error);
  }
}

function refusalOf({ authority }: Site, { method = "", headers }: IncomingMessage): Answer | null {
  const refused = refusal(
    {
      method,
      host: headers.host,
      origin: headers.origin,
      site: header(headers["sec-fetch-site"]),
      contentType: headers["content-type"],
    },
    authority,
  );
  return refused === null ? null : answer(refused.status, TEXT, `${refused.message}\n`);
}

/** One that was sent twice is neither. */
function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}

/** Who is not in learns no more than that something answers here. */
function notFound({ base }: Site, isIn: boolean): Answer {
  return isIn ? missing(base, "There is no such page.") : answer(404, TEXT, "nothing here\n");
}

async function answerTo(site: Site, route: Route, request: IncomingMessage, isIn: boolean): Promise<Answer> {
  if (!isIn && !OPEN.includes(route.kind))
    return answer(route.kind === "runs" ? 200 : 401, HTML, doorPage(site.base));
  switch (route.kind) {
    case "script":
      return answer(200, "text/javascript; charset=utf-8", script);
    case "style":
      return answer(200, "text/css; charset=utf-8", style);
    case "session":
      return openSession(site, request);
    case "runs":
      return runsPage(site, route.query);
    case "run":
      return runPage(site, route.run);
    case "history":
      return historyPage(site);
    case "job-history":
      return jobHistoryPage(site, route.job);
    case "compare":
      return comparePage(site, route.before, route.after);
    case "log":
    case "raw-log":
      return logAnswer(site, route, request);
    case "artifact":
      return artifactAnswer(site, route, request);
    case "rerun":
    case "cancel":
      return act(site, route, request);
    case "events":
      return answer(200, "text/event-stream", "");
  }
}

async function openSession({ session }: Site, request: IncomingMessage): Promise<Answer> {
  const body = z.looseObject({ token: z.string() }).safeParse(await jsonBody(request));
  const cookie = body.success ? session.open(body.data.token) : null;
  if (cookie === null) return answer(403, TEXT, "not the token of this pikaci ui\n");
  return answer(200, TEXT, "welcome\n", { "Set-Cookie": cookie });
}

const asked = z.object({ failed: z.boolean().default(false), job: z.string().nullable().default(null) });

async function act(
  { children, place }: Site,
  { kind, run }: Extract<Route, { readonly kind: "rerun" | "cancel" }>,
  request: IncomingMessage,
): Promise<Answer> {
  const body = asked.safeParse(await jsonBody(request));
  if (!body.success) return answer(400, TEXT, "not understood\n");
  const { record } = openRun(place, run);
  const { failed, job } = body.data;
  if (job !== null && !record.jobs.some((one) => one.job === job))
    return answer(404, TEXT, "the run has no such job\n");
  const said = kind === "rerun" ? children.rerun(run, failed) : children.cancel(run, job);
  return said === null ? answer(429, TEXT, "too many commands are running\n") : answer(202, TEXT, said);
}

function logAnswer(
  { base, place }: Site,
  route: Extract<Route, { readonly kind: "log" | "raw-log" }>,
  request: IncomingMessage,
): Answer {
  const directory = runDirectory(place.stateDir, route.run);
  const { job, file } = route;
  const path =
    job === null
      ? runFile.hostLog(directory)
      : jobFile[file === "guest" ? "guestLog" : "hostLog"](runFile.job(directory, job));
  const relative = path.slice(directory.length + 1);
  if (route.kind === "raw-log")
    return fileAnswer(directory, relative, artifactHeaders(path), request.headers.range);
  const { record } = openRun(place, route.run);
  const isEnded =
    record.state === "finished" || record.jobs.some((one) => one.job === job && one.result !== null);
  const raw = `${base}runs/${route.run}/${relative.split("/").map(encodeURIComponent).join("/")}`;
  return answer(200, JSON_TYPE, JSON.stringify({ ...logPart(path, route.from, isEnded), raw }));
}

/** Only what the record lists; never through a link, though the record may list links, too. */
function artifactAnswer(
  { base, place }: Site,
  { run, job, path }: Extract<Route, { readonly kind: "artifact" }>,
  request: IncomingMessage,
): Answer {
  const { record, directory } = openRun(place, run);
  const listed = record.jobs.find((one) => one.job === job)?.artifacts.find((one) => one.path === path);
  if (listed === undefined) return missing(base, "The run has no such artifact.");
  if (listed.type !== "file") return missing(base, `It is a ${listed.type}, which is not shown here.`);
  const root = jobFile.artifacts(runFile.job(directory, job));
  return fileAnswer(root, path, artifactHeaders(path), request.headers.range);
}

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    parts.push(part);
    size += part.length;
    if (size > MOST_BODY) return null;
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function common({ authority, base }: Site): Readonly<Record<string, string>> {
  return commonHeaders(`http://${authority}`, base);
}

async function send(
  site: Site,
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): Promise<void> {
  response.writeHead(status, { ...common(site), ...headers });
  if (!(body instanceof Readable)) {
    response.end(method === "HEAD" ? undefined : body);
    return;
  }
  if (method === "HEAD") {
    body.destroy();
    response.end();
    return;
  }
  await pipeline(body, response);
}

/** What is expected to fail is a page; a fault of ours is one without its stack. A reader that has left is no fault. */
async function fail(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const known = error instanceof PikaciError || codeOf(error) !== null;
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof PikaciError && error.exitCode === 2 ? 404 : 500;
  const shown = known ? message : `a bug in pikaci: ${message}`;
  await send(site, request, response, missing(site.base, shown, status));
}
