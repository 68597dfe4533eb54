import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { must } from "./command.ts";
import { makeStoreKey, type StoreKey } from "./store-key.ts";

/** The client's side of ssh for one lab: a key, a known_hosts file and a configuration, all in `dir`. */
export interface ClientKeys {
  readonly publicKey: string;
  /** Extra ssh options as one string, the value for NIX_SSHOPTS. */
  readonly sshOptions: string;
  /** Every host trusts what it signed. */
  readonly storeKey: StoreKey;
  trust(address: string, hostPublicKey: string): void;
}

/** Makes an ed25519 key pair at `path`; gives the public half. */
export async function makeKey(path: string): Promise<string> {
  await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "pikaci-lab", "-f", path]);
  return readFileSync(`${path}.pub`, "utf8");
}

export async function openClientKeys(dir: string): Promise<ClientKeys> {
  const [key, hosts, config] = [join(dir, "client"), join(dir, "known_hosts"), join(dir, "ssh_config")];
  const publicKey = await makeKey(key);
  const lines = [
    "Host *",
    `IdentityFile ${key}`,
    "IdentitiesOnly yes",
    "IdentityAgent none",
    `UserKnownHostsFile ${hosts}`,
    "GlobalKnownHostsFile /dev/null",
  ];
  writeFileSync(config, `${lines.join("\n  ")}\n`);
  writeFileSync(hosts, "");
  return {
    publicKey,
    sshOptions: `-F ${config}`,
    storeKey: makeStoreKey("pikaci-lab-1", join(dir, "store-key")),
    trust: (address, hostPublicKey) => appendFileSync(hosts, `${address} ${hostPublicKey}`),
  };
}
