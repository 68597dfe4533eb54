#!/usr/bin/env -S npx tsx
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { echo } from "zx";
import { loadProjectOrBare } from "../src/config/bare.ts";
import type { PikaciEvent } from "../src/core/events.ts";
import { reportSnapshot } from "../src/report/snapshot.ts";
import { contextIn, openPlace } from "../src/runs/place.ts";
import { hash } from "../src/tree/hash.ts";
import { snapshot } from "../src/tree/snapshot.ts";
import { fail, failWith } from "./ended.ts";

const HELP = `Usage: hash-snapshot.ts [DIRECTORY] [--config FILE] [--manifest FILE]

Hashes a workspace as \`pikaci run\` would and prints what \`pikaci snapshot --json\` prints.

  DIRECTORY        the workspace; default: the current directory
  --config FILE    configuration with the snapshot's filters; default: the workspace's own, if it has one
  --manifest FILE  also write the canonical manifest there; its BLAKE3 is the content hash

Exit codes: 0 hashed, 2 usage or configuration, 3 this machine, 5 the tree cannot be a snapshot.
Example: npx tsx scripts/hash-snapshot.ts . | jq -r .content_hash`;

async function main(
  directory: string,
  config: string | undefined,
  manifest: string | undefined,
): Promise<void> {
  const workspace = resolve(directory);
  const here = { env: process.env, signal: new AbortController().signal };
  const context = contextIn(await openPlace(workspace, here), here, warn);
  const project = await loadProjectOrBare(workspace, config === undefined ? null : resolve(config), context);
  const hashed = await hash(await snapshot({ workspace, filters: project.filters }, context), context);
  if (manifest !== undefined) writeFileSync(manifest, hashed.manifest);
  echo(JSON.stringify(reportSnapshot(hashed), null, 2));
}

function warn(event: PikaciEvent): void {
  if (event.type === "warning") console.error(`warning: ${event.message}`);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: "string" },
      manifest: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) echo(HELP);
  else if (positionals.length > 1) fail(HELP, 2);
  else await main(positionals[0] ?? ".", values.config, values.manifest);
} catch (error) {
  failWith(error, HELP);
}
