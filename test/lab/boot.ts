import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitFor } from "./command.ts";
import { writeEtc } from "./etc.ts";
import { HOST_PATH, type LabHost, openHost } from "./host.ts";
import type { ClientKeys } from "./keys.ts";
import { type HostKind, KINDS } from "./kind.ts";
import { openLink } from "./network.ts";
import { cachedLayer, cachedRoot } from "./root.ts";

const BOOT = fileURLToPath(new URL("boot.sh", import.meta.url));

export interface HostRequest {
  readonly name: string;
  readonly kind: HostKind;
  /** The host's own directory on this side, not yet made. */
  readonly dir: string;
  readonly keys: ClientKeys;
  /** Limit of everything the host writes, as `4g`; it is memory. */
  readonly diskSize: string;
  /** It can boot virtual machines. */
  readonly machines: boolean;
}

/** Boots a host and resolves when its sshd (and its Nix daemon) answer. It ends with this process. */
export async function bootHost(request: HostRequest): Promise<LabHost> {
  const { name, kind, dir, keys } = request;
  const { user, homeDir, suite, kernel } = KINDS[kind];
  const lower = [await cachedRoot(suite), ...(request.machines ? [await cachedLayer(suite, kernel)] : [])];
  mkdirSync(join(dir, "mnt"), { recursive: true });
  const { publicKey: clientKey, storeKey } = keys;
  const account = { name, kind, user, clientKey, storeKey: storeKey.publicKey };
  const hostKey = await writeEtc(join(dir, "etc"), account);
  const launcher = launch(lower.join(":"), request);
  try {
    const pid = await waitFor(`${name} boots`, 30, () => bootedPid(dir, launcher));
    const link = await openLink(pid);
    keys.trust(link.address, hostKey);
    await waitFor(`sshd of ${name} answers`, 30, () => greeting(link.address));
    const socket = `/proc/${pid}/root/nix/var/nix/daemon-socket/socket`;
    if (kind === "multi") await waitFor("nix-daemon", 30, () => existsSync(socket) || undefined);
    return openHost({ name, kind, user, homeDir, pid, link, launcher });
  } catch (error) {
    launcher.kill("SIGKILL");
    throw error;
  }
}

function launch(root: string, { dir, name, kind, diskSize }: HostRequest): ChildProcess {
  const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--net", "--fork", "--kill-child=KILL"];
  const boot = ["bash", BOOT, root, dir, name, kind, diskSize];
  const log = openSync(join(dir, "boot.log"), "a");
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "unshare", ...namespaces, ...boot], {
    stdio: ["ignore", log, log],
    detached: true,
    env: { PATH: HOST_PATH },
  });
  child.unref();
  return child;
}

function bootedPid(dir: string, launcher: ChildProcess): number | undefined {
  if (launcher.exitCode !== null) {
    throw new Error(`the host did not boot: ${readFileSync(join(dir, "boot.log"), "utf8")}`);
  }
  const file = join(dir, "pid");
  return (existsSync(file) && Number(readFileSync(file, "utf8"))) || undefined;
}

/** sshd's first words, once it says them. */
function greeting(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22 });
    const settle = (word: string | undefined) => {
      socket.destroy();
      resolve(word);
    };
    socket.setTimeout(1000, () => settle(undefined));
    socket.on("error", () => settle(undefined));
    socket.once("data", (data) => settle(String(data)));
  });
}
