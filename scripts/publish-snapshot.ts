#!/usr/bin/env -S npx tsx
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { echo } from "zx";
import { loadProjectOrBare } from "../src/config/bare.ts";
import { selectHost } from "../src/config/host.ts";
import { CancelledError } from "../src/core/errors.ts";
import type { PikaciEvent } from "../src/core/events.ts";
import { publishWorkspace } from "../src/operations/publish.ts";
import { contextIn, openPlace } from "../src/runs/place.ts";
import { fail, failWith } from "./ended.ts";

const HELP = `Usage: publish-snapshot.ts [DIRECTORY] [--on HOST] [--config FILE] [--repair] [--verify]

Puts a workspace's snapshot on a host as \`pikaci run\` would, and prints JSON: content_hash, outcome
(uploaded, reused, repaired), remote_dir, bytes_sent, file_count, byte_count.

  DIRECTORY      the workspace; default: the current directory
  --on HOST      local, ssh://[user@]host[:port], or a host of the configuration; default: the configuration's
  --config FILE  configuration with filters and hosts; default: the workspace's own, if it has one
  --repair       check what the host has, and replace it when it is wrong
  --verify       hash every published file on the host; a difference is an error

Exit codes: 0 published, 2 usage or configuration, 3 infrastructure, 4 trust, 5 the tree cannot be a snapshot, 130 and
143 cancelled.
Example: npx tsx scripts/publish-snapshot.ts . --on ssh://ci@build-1 | jq -r .remote_dir`;

interface Options {
  readonly on?: string;
  readonly config?: string;
  readonly repair: boolean;
  readonly verify: boolean;
}

async function main(directory: string, { on, config, ...care }: Options, signal: AbortSignal): Promise<void> {
  const workspace = resolve(directory);
  const here = { env: process.env, signal };
  const context = contextIn(await openPlace(workspace, here), here, report);
  const project = await loadProjectOrBare(workspace, config === undefined ? null : resolve(config), context);
  const host = await selectHost(project, on ?? null, context);
  const published = await publishWorkspace(project, host, care, context);
  const result = {
    content_hash: published.hashed.contentHash,
    outcome: published.outcome,
    remote_dir: published.remoteDir,
    bytes_sent: published.bytesSent,
    file_count: published.hashed.fileCount,
    byte_count: published.hashed.byteCount,
  };
  echo(JSON.stringify(result, null, 2));
}

function report(event: PikaciEvent): void {
  if (event.type === "warning") console.error(`warning: ${event.message}`);
  if (event.type === "waiting") console.error(`waiting for ${event.what}`);
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.on(name, () => stop.abort(new CancelledError(name)));

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      on: { type: "string" },
      config: { type: "string" },
      repair: { type: "boolean", default: false },
      verify: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) echo(HELP);
  else if (positionals.length > 1) fail(HELP, 2);
  else await main(positionals[0] ?? ".", values, stop.signal);
} catch (error) {
  failWith(error, HELP);
}
