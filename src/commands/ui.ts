import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { abortError, InfraError, UsageError } from "../core/errors.ts";
import { formatWarning } from "../report/format.ts";
import { codeOf } from "../system/error-code.ts";
import type { Env } from "../system/exec.ts";
import { openInBrowser } from "../system/open.ts";
import { type Call, type Handler, openPlace } from "./call.ts";
import { errPaint } from "./invocation.ts";
import type { Args } from "./table.ts";
import { Children, exitCodeOf } from "./ui/children.ts";
import { HistoryFeed } from "./ui/history-feed.ts";
import { Listeners } from "./ui/listeners.ts";
import { serve } from "./ui/serve.ts";
import { Session } from "./ui/session.ts";

const ADDRESS = "127.0.0.1";

export const handle: Handler<Args<"ui">> = async (args, call) => {
  const place = await openPlace(call);
  const { signal, err, out, env } = place.invocation;
  const warn = (message: string) => err(`${formatWarning({ message }, errPaint(place.invocation))}\n`);
  const context = place.context((event) => {
    if (event.type === "warning") warn(event.message);
  });
  const { server, port } = await listen(args.port);
  const session = new Session(port);
  const feed = await HistoryFeed.open(context, { warn, onProgress: () => listeners.listChanged() });
  const listeners = new Listeners(place.stateDir, () => feed.update());
  const children = new Children(programOf(call), (notice) => listeners.tellAll(notice));
  const authority = `${ADDRESS}:${port}`;
  const site = { base: session.base, authority, place, feed, session, listeners, children };
  server.on("request", (request, response) => void serve(site, request, response));
  try {
    const address = session.address(authority);
    out(`${address}\n`);
    err(
      "only for this account's browser on this machine; Ctrl-C ends it, and the runs that it has started\n",
    );
    if (args.open) await show(address, env, warn);
    feed.update().catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)));
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    listeners.close();
    server.close();
    server.closeAllConnections();
    await children.end();
    await feed.close();
  }
  return exitCodeOf(abortError(signal));
};

/** Who cannot open a browser can still copy the address. */
async function show(address: string, env: Env, warn: (message: string) => void): Promise<void> {
  try {
    await openInBrowser(address, env);
  } catch (error) {
    if (!(error instanceof InfraError)) throw error;
    warn(error.message);
  }
}

/** The command line as this process was called, for this project. */
function programOf({ workspace, config, author, invocation }: Call) {
  const [, script = ""] = process.argv;
  return {
    argv: [process.execPath, ...process.execArgv, script],
    place: [
      ...["--workspace", workspace],
      ...(config === null ? [] : ["--config", config]),
      ...(author === "stranger" ? ["--untrusted"] : []),
    ],
    env: invocation.env,
  };
}

/** A server on loopback; 0 is any free port. UsageError for a number that is no port, InfraError for one that is taken. */
async function listen(port: number): Promise<{ readonly server: Server; readonly port: number }> {
  if (port > 65_535) throw new UsageError(`--port: ${port} is no port`, { hint: "0 is any free one" });
  const server = createServer();
  server.listen(port, ADDRESS);
  try {
    await once(server, "listening");
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    const message = `cannot listen on ${ADDRESS}:${port}: ${code}`;
    throw new InfraError("client", message, { hint: "leave --port out to take any free one", cause });
  }
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("the server has no port");
  return { server, port: at.port };
}
