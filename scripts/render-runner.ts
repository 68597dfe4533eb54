#!/usr/bin/env -S npx tsx
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { echo } from "zx";
import { parseShape } from "../src/config/typed-shape.ts";
import { renderRunner } from "../src/guest/runner-flake.ts";
import { writeFiles } from "../src/system/write-files.ts";
import { failWith } from "./ended.ts";

const HELP = `Usage: render-runner.ts [--runner SHAPE] [--out DIRECTORY]

Renders the runner flake of a machine shape as \`pikaci run\` would and prints, as JSON, its content hash and files.

  --runner SHAPE   a backend, or what the configuration has as runner, as JSON; default: sandbox
  --out DIRECTORY  also write the flake there, into a new or empty directory

Exit codes: 0 rendered, 2 usage, 3 this machine.
Example: npx tsx scripts/render-runner.ts --out /tmp/runner && nix build path:/tmp/runner#runner`;

function main(runner: string, out: string | undefined): void {
  const { shape, contentHash, files } = renderRunner(parseShape(runner));
  const directory = out === undefined ? null : resolve(out);
  if (directory !== null) writeFiles(directory, files);
  const listed = files.map(({ path, executable, content }) => ({ path, executable, size: content.length }));
  echo(JSON.stringify({ shape, content_hash: contentHash, directory, files: listed }, null, 2));
}

try {
  const { values } = parseArgs({
    options: {
      runner: { type: "string", default: "sandbox" },
      out: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) echo(HELP);
  else main(values.runner, values.out);
} catch (error) {
  failWith(error, HELP);
}
