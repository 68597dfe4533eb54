import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { type Distribution, distributionOf } from "../core/distribution.ts";
import type { Env } from "../system/exec.ts";

/**
 * A PATH that ends with where an account has Nix without having it on its PATH: its profiles, NixOS's, the installer's.
 * As prelude.sh does on a host.
 */
export function pathWithNix({ PATH = "", HOME = "", USER = "" }: Env): string {
  const user = USER === "" ? accountName() : USER;
  const own = HOME.startsWith("/")
    ? [`${HOME}/.local/state/nix/profile/bin`, `${HOME}/.nix-profile/bin`]
    : [];
  const profiles = /^[^/]+$/.test(user) ? [`/etc/profiles/per-user/${user}/bin`] : [];
  const shared = ["/run/current-system/sw/bin", "/nix/var/nix/profiles/default/bin"];
  return [...(PATH === "" ? [] : [PATH]), ...own, ...profiles, ...shared].join(":");
}

/** Empty for an account that has no name. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}

/** The kind of this machine's system. */
export function distributionHere(): Distribution {
  try {
    return distributionOf(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return "other";
  }
}
