import { formatDuration } from "../config/duration.ts";
import { displayPath } from "../core/byte-path.ts";
import type { Ledger } from "../operations/watch/ledger.ts";
import type { Notice } from "../operations/watch/notice.ts";
import { formatError, formatStatus, formatWarning, plural } from "./format.ts";
import { sanitise } from "./sanitise.ts";
import type { Paint } from "./style.ts";

/** Paths that a line names; of more, the number. */
const NAMED = 3;

/** What a watch says, line by line. */
export function formatNotice(notice: Notice, paint: Paint): readonly string[] {
  switch (notice.type) {
    case "watching":
      return watchingLines(notice, paint);
    case "changed":
      return [changedLine(notice, paint)];
    case "unusable":
      return [formatError(notice.error, paint), paint("dim", "waiting for a change that mends it")];
    case "outdated":
      return [paint("yellow", `the tree has changed: run ${notice.runId} is cancelled`)];
    case "unreachable":
      return [formatError(notice.error, paint), ...pauseLine(notice, paint)];
    case "lost":
      return [paint("yellow", `the connection to ${sanitise(notice.host)} is lost`)];
    case "back":
      return [paint("green", `connected to ${sanitise(notice.host)} again`)];
    case "idle":
      return [verdictsLine(notice.ledger, paint)];
  }
}

/** `unit ✔ passed · lint ✘ failed`: the latest verdict of each job; one that is older than the tree in brackets. */
export function verdictsLine(ledger: Ledger, paint: Paint): string {
  const texts = [...ledger].map(([name, { result, stale, skipped }]) => {
    if (skipped) return `${name} ${formatStatus("skipped", paint)}`;
    const status = result === null ? paint("dim", "… not run") : formatStatus(result.status, paint);
    return stale && result !== null ? `${name} (${status})` : `${name} ${status}`;
  });
  return texts.length === 0 ? "no job is to run" : texts.join(paint("dim", " · "));
}

function watchingLines(
  { directories, limited }: Extract<Notice, { type: "watching" }>,
  paint: Paint,
): readonly string[] {
  if (!limited) return [`watching ${directories} director${directories === 1 ? "y" : "ies"}`];
  return [
    formatWarning(
      {
        message: `the system has no inotify watch left after ${directories} directories: the tree is looked at every 2 s instead`,
        hint: "raise the limit: `sysctl fs.inotify.max_user_watches=524288` (and `fs.inotify.max_user_instances=512`)",
      },
      paint,
    ),
  ];
}

function changedLine({ paths, jobs }: Extract<Notice, { type: "changed" }>, paint: Paint): string {
  const named = paths.slice(0, NAMED).map(displayPath).join(", ");
  const more = paths.length > NAMED ? ` and ${plural(paths.length - NAMED, "more file")}` : "";
  const whom = jobs.length === 0 ? "no job depends on it" : jobs.join(", ");
  return `${paint("bold", "changed")} ${sanitise(named)}${more}: ${whom}`;
}

function pauseLine({ pauseMs }: Extract<Notice, { type: "unreachable" }>, paint: Paint): readonly string[] {
  return pauseMs === 0 ? [] : [paint("dim", `trying again in ${formatDuration(pauseMs)}`)];
}
