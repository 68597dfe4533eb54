import { bytePath } from "../core/byte-path.ts";
import { ConfigError } from "../core/errors.ts";
import type { ContentHash, JobName, StorePath } from "../core/ids.ts";
import { parseName } from "../core/ids.ts";
import type { JobSpec } from "../core/job.ts";
import type { PrepareSpec } from "../core/prepared.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import { posixCommand } from "../system/quote.ts";
import { formatInstallable, type Installable, parseInstallable } from "./installable.ts";

/** A distinct thing to realise; `name` is the first that a job gives it. */
export interface Wanted {
  readonly name: JobName;
  readonly spec: PrepareSpec;
}

/** Canonical text of a spec: equal for all ways to write the same thing. */
export function prepareKey(spec: PrepareSpec): string {
  switch (spec.kind) {
    case "installable":
      return `installable ${formatInstallable(parseInstallable(spec.installable))}`;
    case "local":
      return `local ${formatInstallable(parseInstallable(spec.installable))}`;
    case "path":
      return spec.exclude === undefined
        ? `path ${spec.path}`
        : `path ${spec.path} without ${JSON.stringify(spec.exclude)}`;
  }
}

/** What the jobs need, each distinct thing once, in the order of the jobs. */
export function wantedOutputs(jobs: readonly Pick<JobSpec, "prepare">[]): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const { prepare } of jobs)
    for (const [name, spec] of Object.entries(prepare)) {
      const key = prepareKey(spec);
      if (!wanted.has(key)) wanted.set(key, { name: parseName(name), spec });
    }
  return [...wanted.values()];
}

/** What decides a realised output, besides the program that realises it. */
export type OutputIdentity =
  | {
      readonly kind: "installable";
      readonly sourceHash: ContentHash;
      readonly installable: Installable;
      readonly system: string;
      readonly nixVersion: string;
      /** Words from the command line that may change the output; a run's id among them when nothing may be reused. */
      readonly words?: readonly string[];
    }
  | {
      readonly kind: "path";
      readonly storePath: StorePath;
      /** The tree that a host may make it of: `directory:HASH`, or `file:HASH` for the one file in it. */
      readonly tree?: string;
    };

/** Option of every evaluation; a change of it is a change of every key. */
export const EVALUATION_OPTIONS = "--no-update-lock-file";

/** The fields of the key of `prepared/<key>`, docs/state-layout.md; their length-prefixed encoding is hashed. */
export function identityFields(identity: OutputIdentity): string[] {
  switch (identity.kind) {
    case "installable":
      return [
        "pikaci-prepared-installable/1",
        identity.sourceHash,
        formatInstallable(identity.installable),
        identity.system,
        posixCommand([EVALUATION_OPTIONS, ...(identity.words ?? [])]),
        identity.nixVersion,
      ];
    case "path":
      return ["pikaci-prepared-path/1", identity.storePath];
  }
}

/** Each field as its length in bytes (u32, little endian) and its bytes: no two lists encode alike. */
export function encodeFields(fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A line of the host program's `wanted`: key, kind, place, attribute (of a path, its tree or -), head of the record (src/host/prepare.sh). */
export function wantedLine(key: string, identity: OutputIdentity, createdAt: string): string {
  const head = { schema_version: SCHEMA_VERSION, key, created_at: createdAt };
  switch (identity.kind) {
    case "installable": {
      const { sourceHash, installable, system, nixVersion } = identity;
      const { dir, attr } = installable;
      const text = formatInstallable(installable);
      const own = { source_hash: sourceHash, installable: text, system, nix_version: nixVersion };
      return `${key} flake ${dir === "" ? "." : dir} ${attr} ${JSON.stringify({ ...head, ...own })}`;
    }
    case "path":
      return `${key} path ${identity.storePath} ${identity.tree ?? "-"} ${JSON.stringify(head)}`;
  }
}

/**
 * How a flake below the root of a store path is named: by `?dir=` since Nix 2.26, where its `../` inputs work;
 * before that as a path (2.8 knows no `dir`), which makes its directory the whole source.
 */
export function subdirStyle(nixVersion: string): "query" | "path" {
  const [major = 0, minor = 0] = nixVersion.split(/[^0-9]+/).map(Number);
  return major > 2 || (major === 2 && minor >= 26) ? "query" : "path";
}

/** Throws ConfigError when the flake of an installable is not among the files that are evaluated. */
export function checkFlakeFile({ dir }: Installable, whole: HashedSnapshot, selected: HashedSnapshot): void {
  const path = bytePath(Buffer.from(dir === "" ? "flake.nix" : `${dir}/flake.nix`));
  const has = ({ entries }: HashedSnapshot) => entries.some((entry) => entry.path === path);
  if (has(selected)) return;
  throw has(whole)
    ? new ConfigError(`flake.files: it does not select ${path}, which a job needs`, {
        hint: `add "${path}" (and what it reads) to \`flake.files\` in the configuration`,
      })
    : new ConfigError(`a job needs an output of ${path}, which is not in the snapshot`, {
        hint: `\`git add ${path}\`, or correct the job's \`prepare\`; \`pikaci snapshot\` shows what is left out`,
      });
}
