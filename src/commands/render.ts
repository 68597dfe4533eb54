import { resolve } from "node:path";
import { parseShape } from "../config/typed-shape.ts";
import { writeFiles } from "../io/write-files.ts";
import { SCHEMA_VERSION } from "../model.ts";
import { formatBytes } from "../report/format.ts";
import { type RunnerFlake, renderRunner } from "../runner-flake.ts";
import { type Invocation, jsonOption, printJson, type Register } from "./invocation.ts";

interface Args {
  readonly runner: string;
  readonly out: string | undefined;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(options)
        .option("runner", {
          type: "string",
          requiresArg: true,
          default: "sandbox",
          describe: "Machine shape: a backend, or what the configuration has as `runner`, as JSON",
        })
        .option("out", {
          type: "string",
          requiresArg: true,
          describe: "New directory to write the flake into",
        })
        .example("$0 render", "the content hash and the files of the sandbox runner")
        .example("$0 render --out /tmp/runner", "the flake itself, for `nix build path:/tmp/runner#runner`"),
    (args) => render(args, invocation),
  );

function render({ runner, out, json }: Args, invocation: Invocation): void {
  const flake = renderRunner(parseShape(runner));
  const directory = out === undefined ? null : resolve(invocation.cwd, out);
  if (directory !== null) writeFiles(directory, flake.files);
  if (json) printJson(invocation, asJson(flake, directory));
  else invocation.out(`${formatFlake(flake).join("\n")}\n`);
}

function asJson({ shape, contentHash, files }: RunnerFlake, directory: string | null): object {
  const listed = files.map(({ path, executable, content }) => ({ path, executable, size: content.length }));
  return { schema_version: SCHEMA_VERSION, shape, content_hash: contentHash, directory, files: listed };
}

function formatFlake({ contentHash, files }: RunnerFlake): string[] {
  return [contentHash, ...files.map(({ path, content }) => `${path}  ${formatBytes(content.length)}`)];
}
