import { bytePath } from "../core/byte-path.ts";
import type { FlakeLock } from "../core/flake-lock.ts";
import type { ContentHash } from "../core/ids.ts";
import type { MachineShape } from "../core/machine-shape.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { TemplateFile } from "../core/template-file.ts";
import { lockedInputs } from "../nix/flake-lock.ts";
import { blake3Hex, contentHashOf } from "../system/blake3.ts";
import { byPath, encodeManifest } from "../tree/manifest/manifest.ts";
import { nixInputs } from "./nix-string.ts";
import { runnerSource } from "./runners/registry.ts";
import { readTemplate } from "./template.ts";

/** A rendered runner flake: what is published under `runner-flakes/<contentHash>`. */
export interface RunnerFlake {
  readonly shape: MachineShape;
  /** The host adds its own static busybox before it builds. */
  readonly busybox: boolean;
  /** Of the files' manifest, as a snapshot's. */
  readonly contentHash: ContentHash;
  /** In byte order of their paths. */
  readonly files: readonly TemplateFile[];
}

/** Every system that a host may have: the hash must not depend on the host. */
const systems = ["aarch64-linux", "x86_64-linux"];

/** The runner flake of a machine shape: the same shape gives the same bytes, on every client. */
export function renderRunner(shape: MachineShape): RunnerFlake {
  const { templates, busybox, lock, files: added, params: more } = runnerSource(shape);
  const params = {
    schema_version: SCHEMA_VERSION,
    backend: shape.backend,
    systems,
    ...more,
  };
  const files = [
    ...templates.flatMap(readTemplate).map((file) => withInputs(file, lock)),
    ...added,
    { path: "params.json", executable: false, content: json(params) },
    { path: "flake.lock", executable: false, content: json(lock) },
  ];
  return assemble({ shape, busybox }, files);
}

/** The template's `flake.nix` with the inputs of the lock, the one thing that Nix wants as a literal. */
function withInputs(file: TemplateFile, lock: FlakeLock): TemplateFile {
  if (file.path !== "flake.nix") return file;
  const text = file.content.toString("utf8").replace("inputs = { };", () => nixInputs(lockedInputs(lock)));
  return { ...file, content: Buffer.from(text) };
}

function assemble(
  about: Pick<RunnerFlake, "shape" | "busybox">,
  files: readonly TemplateFile[],
): RunnerFlake {
  const entries = files.map((file) => ({
    file,
    path: bytePath(Buffer.from(file.path)),
    type: file.executable ? ("executable" as const) : ("file" as const),
    size: file.content.length,
    digest: blake3Hex(file.content),
  }));
  entries.sort(byPath);
  const contentHash = contentHashOf(encodeManifest(entries));
  return { ...about, contentHash, files: entries.map(({ file }) => file) };
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
