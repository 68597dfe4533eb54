import { resolve } from "node:path";
import { parseShape } from "../config/typed-shape.ts";
import { UsageError } from "../core/errors.ts";
import type { MicrovmShape } from "../core/machine-shape.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { type RunnerFlake, renderRunner } from "../guest/runner-flake.ts";
import { formatBytes } from "../report/format.ts";
import { writeFiles } from "../system/write-files.ts";
import { type Call, type Handler, openPlace } from "./call.ts";
import { printJson, printLines } from "./invocation.ts";
import { plainReporter } from "./reporter.ts";
import type { Args } from "./table.ts";

export const handle: Handler<Args<"render">> = async ({ runner, out, json }, call) => {
  const { invocation } = call;
  const shape = parseShape(runner);
  const flake = renderRunner(shape.backend === "microvm" ? await bound(shape, call) : shape);
  const directory = out === null ? null : resolve(invocation.cwd, out);
  if (directory !== null) writeFiles(directory, flake.files);
  if (json) printJson(invocation, asJson(flake, directory));
  else printLines(invocation, formatFlake(flake));
  return 0;
};

/** As a run of the workspace would have it: by its lock, and with its modules. */
async function bound(shape: MicrovmShape, call: Call): Promise<MicrovmShape> {
  const [{ loadProjectOrBare }, { hash }, { snapshot }, { bindShape }] = await Promise.all([
    import("../config/bare.ts"),
    import("../tree/hash.ts"),
    import("../tree/snapshot.ts"),
    import("../guest/project-flake.ts"),
  ]);
  const { workspace, config, context: contextFor } = await openPlace(call);
  const context = contextFor(plainReporter(call.invocation, "quiet").emit);
  const project = await loadProjectOrBare(workspace, config, context);
  const hashed = await hash(await snapshot({ workspace, filters: project.filters }, context), context);
  if (context.author === "trusted") return bindShape(shape, hashed, project.flake.files);
  if (shape.modules.length === 0) return shape;
  throw new UsageError("`modules` come from the tree's flake, which is untrusted", {
    hint: "leave `modules` out: the runner is then made of what pikaci itself pins",
  });
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
