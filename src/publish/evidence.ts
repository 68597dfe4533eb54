import { gunzipSync } from "node:zlib";
import { displayPath } from "../core/byte-path.ts";
import { InfraError, MismatchError } from "../core/errors.ts";
import type { Frame } from "../remote/connection.ts";
import type { ExpectedTree } from "./expected.ts";
import { listingDifference, parseListing } from "./tree-listing.ts";

/** Collects what a host sends in parts, by the frames' type, until it is asked for. */
export class Evidence {
  readonly #parts = new Map<string, Buffer[]>();

  add({ type, body }: Frame): void {
    this.#parts.set(type, [...(this.#parts.get(type) ?? []), body]);
  }

  /** All parts of a type, uncompressed; then forgets them. */
  take(type: string): Buffer {
    const parts = Buffer.concat(this.#parts.get(type) ?? []);
    this.#parts.delete(type);
    try {
      return parts.length === 0 ? parts : gunzipSync(parts);
    } catch (cause) {
      throw new InfraError("host", `the host's \`${type}\` cannot be uncompressed`, {
        hint: "check that `gzip` works on the host and run the command again",
        cause,
      });
    }
  }
}

/** Says what is wrong with a tree, given the answer of `tree_wrong` on the host and the evidence that it sent. */
export function explainWrong(wrong: string, evidence: Evidence, tree: ExpectedTree): string {
  switch (wrong) {
    case "listing": {
      const found = parseListing(evidence.take("listing"));
      return listingDifference(tree.listing(), found) ?? "its listing differs";
    }
    case "digests":
      return digestDifference(evidence.take("digests"), tree);
    case "unpacked":
      return "the upload could not be unpacked on top of it";
    default:
      return `its file ${wrong} is not the one that belongs to it`;
  }
}

function digestDifference(found: Buffer, { hashed }: ExpectedTree): string {
  const digests = found.toString("latin1").split("\n");
  const files = hashed.entries.filter(({ type }) => type === "file" || type === "executable");
  const index = files.findIndex(({ digest }, at) => digest !== digests[at]);
  const file = files[index];
  if (file === undefined) return "its content could not be hashed";
  const has = /^[0-9a-f]{64}$/.test(digests[index] ?? "") ? digests[index] : "nothing that can be read";
  return `"snapshot/${displayPath(file.path)}" has the BLAKE3 ${has} instead of ${file.digest}`;
}

/** The error for a published or uploaded tree that does not match its hash. */
export function wrongTree(hash: string, directory: string, what: string): MismatchError {
  return new MismatchError(
    `the published snapshot ${hash} is not what its name says: in ${directory}, ${what}`,
    { hint: "run the command again with `--repair`: it moves the wrong one aside and publishes anew" },
  );
}
