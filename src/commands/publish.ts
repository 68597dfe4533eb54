import { loadProjectOrBare } from "../config/bare.ts";
import { selectHost } from "../config/host.ts";
import type { HostSpec } from "../core/project.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { Published } from "../core/snapshot.ts";
import { publishWorkspace } from "../operations/publish.ts";
import { formatBytes } from "../report/format.ts";
import { type Handler, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import { withProgress } from "./reporter.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"publish">> = async (args, call) => {
  const { on, repair, verify } = args;
  const place = await openPlace(call);
  const { invocation, workspace, config } = place;
  const { host, published } = await withProgress(place, async (context) => {
    const project = await loadProjectOrBare(workspace, config, context);
    const chosen = await selectHost(project, on, context);
    return { host: chosen, published: await publishWorkspace(project, chosen, { repair, verify }, context) };
  });
  if (args.json) printJson(invocation, asJson(published, host, args));
  else printLines(invocation, formatPublished(published, host, args));
  return 0;
};

function asJson(
  { hashed, outcome, remoteDir, bytesSent }: Published,
  { url }: HostSpec,
  { verify }: Args<"publish">,
) {
  return {
    schema_version: SCHEMA_VERSION,
    content_hash: hashed.contentHash,
    outcome,
    host: url,
    remote_dir: remoteDir,
    bytes_sent: bytesSent,
    verified: verify,
  };
}

function formatPublished(
  { hashed, outcome, remoteDir, bytesSent }: Published,
  { url }: HostSpec,
  { verify }: Args<"publish">,
): string[] {
  const sent = `${formatBytes(bytesSent)} sent${verify ? ", verified" : ""}`;
  return [`${hashed.contentHash}  ${outcome} on ${url} (${sent})`, remoteDir];
}
