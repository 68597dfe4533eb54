import type { HostSpec, Project } from "../core/project.ts";
import type { RunRecord } from "../core/run-record.ts";
import { plainHost } from "./project.ts";

/** What a record says of where its run lies. */
type Recorded = Pick<RunRecord, "host" | "host_name" | "work_dir">;

/**
 * The host and the work dir that a run used, whatever the configuration says of that name by now; its other settings are
 * those of the configured host that is most like it. A record of an older pikaci has its address alone: the first
 * configured host of that address is meant.
 */
export function recordedHost({ hosts }: Pick<Project, "hosts">, record: Recorded): HostSpec {
  const { host: url, host_name: name, work_dir: workDir } = record;
  const there = Object.values(hosts).filter((host) => host.url === url);
  if (workDir === undefined) return there[0] ?? plainHost(url, url);
  const sameDir = there.filter((host) => host.workDir === workDir);
  const isNamed = (host: HostSpec) => host.name === name;
  const like = sameDir.find(isNamed) ?? sameDir[0] ?? there.find(isNamed) ?? there[0];
  return { ...(like ?? plainHost(url, url)), name: name ?? url, workDir };
}

/** Whether two hosts are one place: what a run left on the one lies on the other. */
export function isSamePlace(one: HostSpec, other: HostSpec): boolean {
  return one.url === other.url && one.workDir === other.workDir;
}
