import type { BytePath } from "../../core/byte-path.ts";
import type { HashedEntry } from "../../core/snapshot.ts";
import { STAT_SIZE } from "../../system/file-stat.ts";
import type { KnownTree } from "../hashing/stat-cache.ts";
import { ManifestView } from "../manifest/view.ts";

/** A hashed tree as bytes; its paths become texts only when they are asked for. */
export class KnownFiles {
  readonly view: ManifestView;
  readonly #stats: Buffer;

  /** Takes the bytes over, and changes them. */
  constructor({ manifest, stats }: Pick<KnownTree, "manifest" | "stats">) {
    this.view = new ManifestView(manifest);
    this.#stats = stats;
  }

  /** Null where the tree has no such file. */
  at(path: BytePath): HashedEntry | null {
    const index = this.view.find(path);
    return index < 0 ? null : this.#entry(index);
  }

  /** Replaces the entry of the same path. False where there is none. */
  replace(entry: HashedEntry): boolean {
    const index = this.view.find(entry.path);
    if (index < 0) return false;
    this.view.replace(index, entry);
    this.#stats.write(entry.stat, index * STAT_SIZE, "latin1");
    return true;
  }

  /** All of them, in byte order of their paths. */
  entries(): HashedEntry[] {
    return Array.from({ length: this.view.count }, (_, index) => this.#entry(index));
  }

  #entry(index: number): HashedEntry {
    const stat = this.#stats.toString("latin1", index * STAT_SIZE, (index + 1) * STAT_SIZE);
    return { ...this.view.entry(index), stat };
  }
}
