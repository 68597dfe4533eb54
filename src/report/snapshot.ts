import { type BytePath, displayPath } from "../core/byte-path.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import type { HashedSnapshot, LeftOut, SourceInfo } from "../core/snapshot.ts";
import { workspaceOf } from "../core/workspace-of.ts";
import { formatBytes, formatCommit, plural } from "./format.ts";
import { sanitise } from "./sanitise.ts";

/** What `pikaci snapshot --json` prints. */
interface SnapshotReport {
  readonly schema_version: number;
  readonly content_hash: string;
  readonly file_count: number;
  readonly byte_count: number;
  /** Files whose content was read; the others are known by their `lstat` since an earlier run. */
  readonly files_read: number;
  readonly files_known: number;
  readonly workspace: string;
  readonly source: SourceInfo;
  /** By rule; an ignored directory counts as one path, with a slash at its end. */
  readonly left_out: readonly LeftOutReport[];
}

interface LeftOutReport {
  readonly rule: string;
  readonly count: number;
  /** In byte order; control characters and bytes that are not UTF-8 are written `\xNN`. */
  readonly paths: readonly string[];
}

/** Paths of a rule that people are shown. */
const EXAMPLES = 3;

export function reportSnapshot({
  snapshot,
  contentHash,
  fileCount,
  byteCount,
  filesRead,
}: HashedSnapshot): SnapshotReport {
  return {
    schema_version: SCHEMA_VERSION,
    content_hash: contentHash,
    file_count: fileCount,
    byte_count: byteCount,
    files_read: filesRead,
    files_known: fileCount - filesRead,
    workspace: workspaceOf(snapshot),
    source: snapshot.source,
    left_out: groupByRule(snapshot.leftOut),
  };
}

function groupByRule(leftOut: readonly LeftOut[]): LeftOutReport[] {
  const byRule = new Map<string, BytePath[]>();
  for (const { path, rule } of leftOut) {
    const group = byRule.get(rule) ?? [];
    group.push(path);
    byRule.set(rule, group);
  }
  return [...byRule].map(([rule, group]) => ({
    rule,
    count: group.length,
    paths: group.map(displayPath),
  }));
}

/** A snapshot's report for people, as lines; the first is the content hash. */
export function formatSnapshot(report: SnapshotReport): string[] {
  const commit = formatCommit(report.source);
  const git = commit === null ? "" : `, git ${commit}`;
  return [
    report.content_hash,
    `${plural(report.file_count, "file")}, ${formatBytes(report.byte_count)}${git}`,
    ...report.left_out.map(formatLeftOut),
  ];
}

function formatLeftOut({ rule, count, paths }: LeftOutReport): string {
  const more = count > EXAMPLES ? ", …" : "";
  return sanitise(
    `left out: ${plural(count, "path")}, ${rule} (${paths.slice(0, EXAMPLES).join(", ")}${more})`,
  );
}
