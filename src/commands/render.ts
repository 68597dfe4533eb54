import { resolve } from "node:path";
import { parseShape } from "../config/typed-shape.ts";
import type { MicrovmShape } from "../core/machine-shape.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { type RunnerFlake, renderRunner } from "../guest/runner-flake.ts";
import { formatBytes } from "../report/format.ts";
import { writeFiles } from "../system/write-files.ts";
import {
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  openPlace,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
} from "./invocation.ts";
import { plainReporter } from "./reporter.ts";

interface Args extends PlaceArgs {
  readonly runner: string;
  readonly out: string | undefined;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
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
        .example(
          `$0 render --runner '{"backend":"microvm","hypervisor":"crosvm"}'`,
          "NixOS, by the workspace's flake.lock",
        )
        .example("$0 render --out /tmp/runner", "the flake itself, for `nix build path:/tmp/runner#runner`"),
    (args) => render(args, invocation),
  );

async function render(args: Args, invocation: Invocation): Promise<void> {
  const { runner, out, json } = args;
  const shape = parseShape(runner);
  const flake = renderRunner(shape.backend === "microvm" ? await bound(shape, args, invocation) : shape);
  const directory = out === undefined ? null : resolve(invocation.cwd, out);
  if (directory !== null) writeFiles(directory, flake.files);
  if (json) printJson(invocation, asJson(flake, directory));
  else invocation.out(`${formatFlake(flake).join("\n")}\n`);
}

/** As a run of the workspace would have it: by its lock, and with its modules. */
async function bound(shape: MicrovmShape, args: Args, invocation: Invocation): Promise<MicrovmShape> {
  const [{ loadProjectOrBare }, { hash }, { snapshot }, { bindShape }] = await Promise.all([
    import("../config/bare.ts"),
    import("../tree/hash.ts"),
    import("../tree/snapshot.ts"),
    import("../guest/project-flake.ts"),
  ]);
  const place = await openPlace(args, invocation);
  const { workspace } = place;
  const context = contextOf(place, invocation, plainReporter(invocation, "quiet").emit);
  const project = await loadProjectOrBare(workspace, configOf(args, invocation), context);
  const hashed = await hash(await snapshot({ workspace, filters: project.snapshot }, context), context);
  return bindShape(shape, hashed, project.flake.files);
}

function asJson({ shape, contentHash, files }: RunnerFlake, directory: string | null): object {
  const listed = files.map(({ path, executable, content }) => ({ path, executable, size: content.length }));
  const { project: _, ...named } = shape.backend === "microvm" ? shape : { ...shape, project: null };
  return {
    schema_version: SCHEMA_VERSION,
    shape: named,
    content_hash: contentHash,
    directory,
    files: listed,
  };
}

function formatFlake({ contentHash, files }: RunnerFlake): string[] {
  return [contentHash, ...files.map(({ path, content }) => `${path}  ${formatBytes(content.length)}`)];
}
