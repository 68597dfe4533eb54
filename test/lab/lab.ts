import { join } from "node:path";
import { bootHost } from "./boot.ts";
import type { LabHost } from "./host.ts";
import { type ClientKeys, openClientKeys } from "./keys.ts";
import { type HostKind, KINDS } from "./kind.ts";
import { labMissing } from "./missing.ts";
import { openOwnedDir } from "./owner.ts";
import { cachedRoot } from "./root.ts";

export type { LabHost } from "./host.ts";
export type { HostKind } from "./kind.ts";
export { labMissing } from "./missing.ts";

/** Real hosts on this machine, one client key for all of them. Nothing of it outlives this process. */
export interface Lab {
  readonly hosts: readonly LabHost[];
  /** The first host of the kind; an error if none was asked for. */
  readonly single: LabHost;
  readonly multi: LabHost;
  /** Extra ssh options that reach every host: the value for NIX_SSHOPTS. */
  readonly sshOptions: string;
  /** File with the secret key of which every host trusts the public half. */
  readonly storeKeyFile: string;
  stop(): Promise<void>;
}

export interface LabOptions {
  /** Limit of what each host may write, in memory; default 4g. */
  readonly diskSize?: string;
  /** The hosts can boot virtual machines: QEMU, virtiofsd and a kernel lie on them. */
  readonly machines?: boolean;
}

/** Builds the root file systems that are not cached yet; gives the reasons why the lab cannot run. */
export async function prepareLab(): Promise<string[]> {
  const missing = labMissing();
  if (missing.length > 0) return missing;
  const built = await Promise.allSettled(Object.values(KINDS).map(({ suite }) => cachedRoot(suite)));
  return built.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
}

/** Boots one host a kind (a kind may be named twice), all at once. */
export async function openLab(
  kinds: readonly HostKind[] = ["single", "multi"],
  { diskSize = "4g", machines = false }: LabOptions = {},
): Promise<Lab> {
  const missing = labMissing();
  if (missing.length > 0) throw new Error(`the lab cannot run: ${missing.join("; ")}`);
  const owned = openOwnedDir();
  const keys = await openClientKeys(owned.path);
  const boots = kinds.map((kind, index) => {
    const name = kinds.indexOf(kind) === index ? kind : `${kind}${index + 1}`;
    return bootHost({ name, kind, dir: join(owned.path, name), keys, diskSize, machines });
  });
  const settled = await Promise.allSettled(boots);
  const hosts = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const stop = async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await owned.release();
  };
  for (const one of settled) {
    if (one.status === "fulfilled") continue;
    await stop();
    throw one.reason;
  }
  return openHandle(hosts, keys, stop);
}

function openHandle(hosts: readonly LabHost[], keys: ClientKeys, stop: () => Promise<void>): Lab {
  const first = (kind: HostKind) => {
    const host = hosts.find((one) => one.kind === kind);
    if (host === undefined) throw new Error(`this lab has no ${kind} host`);
    return host;
  };
  return {
    hosts,
    sshOptions: keys.sshOptions,
    storeKeyFile: keys.storeKey.secretFile,
    stop,
    get single() {
      return first("single");
    },
    get multi() {
      return first("multi");
    },
  };
}
