import { displayPath } from "../core/byte-path.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { EntryType } from "../core/snapshot.ts";
import type { Side } from "../operations/snapshot-sides.ts";
import type { Change, ChangeKind } from "../tree/manifest/diff.ts";
import type { ManifestEntry } from "../tree/manifest/manifest.ts";
import { formatBytes } from "./format.ts";
import { sanitise } from "./sanitise.ts";

/** What `pikaci snapshot --diff --json` prints. */
interface DiffReport {
  readonly schema_version: number;
  readonly before: SideReport;
  readonly after: SideReport;
  /** In byte order of the paths, which are written as in `pikaci snapshot --json`. */
  readonly changes: readonly ChangeReport[];
  readonly totals: Readonly<Record<ChangeKind, Total>>;
}

interface SideReport {
  readonly name: string;
  readonly content_hash: string;
}

interface ChangeReport {
  readonly kind: ChangeKind;
  readonly path: string;
  readonly before: EntryReport | null;
  readonly after: EntryReport | null;
}

interface EntryReport {
  readonly type: EntryType;
  readonly size: number;
  readonly digest: string;
}

/** `bytes` are those of the content afterwards, of what was removed before. */
interface Total {
  readonly count: number;
  readonly bytes: number;
}

export function reportDiff(before: Side, after: Side, changes: readonly Change[]): DiffReport {
  const reports = changes.map(reportChange);
  return {
    schema_version: SCHEMA_VERSION,
    before: { name: before.name, content_hash: before.contentHash },
    after: { name: after.name, content_hash: after.contentHash },
    changes: reports,
    totals: {
      added: total("added", reports),
      removed: total("removed", reports),
      modified: total("modified", reports),
      mode: total("mode", reports),
      type: total("type", reports),
    },
  };
}

function reportChange(change: Change): ChangeReport {
  return {
    kind: change.kind,
    path: displayPath(change.path),
    before: change.kind === "added" ? null : reportEntry(change.before),
    after: change.kind === "removed" ? null : reportEntry(change.after),
  };
}

function reportEntry({ type, size, digest }: ManifestEntry): EntryReport {
  return { type, size, digest };
}

function total(kind: ChangeKind, changes: readonly ChangeReport[]): Total {
  const counted = changes.filter((change) => change.kind === kind);
  const bytes = counted.reduce((sum, { before, after }) => sum + ((after ?? before)?.size ?? 0), 0);
  return { count: counted.length, bytes };
}

const SIGNS: Readonly<Record<ChangeKind, string>> = {
  added: "+",
  removed: "-",
  modified: "M",
  mode: "x",
  type: "T",
};

/** A difference of two snapshots for people: a line per change, then the totals. */
export function formatDiff({ before, after, changes, totals }: DiffReport): string[] {
  const sums = Object.entries(totals).filter(([, { count }]) => count > 0);
  return [
    ...changes.map((change) => sanitise(`${SIGNS[change.kind]} ${change.path}  ${describe(change)}`)),
    `${nameSide(before)} → ${nameSide(after)}: ${
      sums.length === 0
        ? "no change"
        : sums.map(([kind, { count, bytes }]) => `${count} ${kind} (${formatBytes(bytes)})`).join(", ")
    }`,
  ];
}

function nameSide({ name, content_hash }: SideReport): string {
  const hash = content_hash.slice(0, 12);
  return name === content_hash ? hash : `${name} (${hash})`;
}

function describe({ before, after }: ChangeReport): string {
  if (before === null || after === null) return formatBytes((before ?? after)?.size ?? 0);
  const size =
    before.size === after.size
      ? formatBytes(after.size)
      : `${formatBytes(before.size)} → ${formatBytes(after.size)}`;
  return before.type === after.type ? size : `${before.type} → ${after.type}, ${size}`;
}
