import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeKey } from "./keys.ts";
import type { HostKind } from "./kind.ts";

const INIT = fileURLToPath(new URL("init.sh", import.meta.url));

/**
 * MaxSessions and MaxStartups stay sshd's own defaults; one suite's bad clients do not ban the next one's. The key exchange
 * that OpenSSH 9 takes first is more than half of a connection's processor time, on both sides; the next one is as real.
 */
const sshdConfig = (user: string) => `
HostKey /etc/ssh/lab_host_key
AuthorizedKeysFile /etc/ssh/lab_authorized_keys
AllowUsers ${user}
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
KexAlgorithms -sntrup761*
UsePAM no
UseDNS no
LogLevel VERBOSE
PerSourcePenalties no
Subsystem sftp internal-sftp
`;

const nixConfig = (kind: HostKind, storeKey: string) => `
experimental-features = nix-command flakes
substituters =
trusted-public-keys = ${storeKey}
sandbox = true
sandbox-fallback = false
${kind === "single" ? "build-users-group =" : "build-users-group = nixbld"}
`;

/** Writes what a host's /etc has beyond its root file system; gives the host's public key. */
export async function writeEtc(
  etc: string,
  host: { name: string; kind: HostKind; user: string; clientKey: string; storeKey: string },
): Promise<string> {
  for (const part of ["ssh", "nix", "lab"]) mkdirSync(join(etc, part), { recursive: true });
  writeFileSync(join(etc, "hostname"), `${host.name}\n`);
  writeFileSync(join(etc, "hosts"), `127.0.0.1 localhost\n127.0.1.1 ${host.name}\n`);
  writeFileSync(join(etc, "nix/nix.conf"), nixConfig(host.kind, host.storeKey));
  writeFileSync(join(etc, "ssh/sshd_config"), sshdConfig(host.user));
  writeFileSync(join(etc, "ssh/lab_authorized_keys"), host.clientKey, { mode: 0o644 });
  copyFileSync(INIT, join(etc, "lab/init.sh"));
  return makeKey(join(etc, "ssh/lab_host_key"));
}
