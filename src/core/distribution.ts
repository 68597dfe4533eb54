/** The kinds of system that hints tell apart. */
export type Distribution = "debian" | "nixos" | "other";

/** The kind of system, from the text of `/etc/os-release`: by its name (ID), else by what it resembles (ID_LIKE). */
export function distributionOf(osRelease: string): Distribution {
  const value = (name: string) => new RegExp(`^${name}=["']?([^"'\\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const names = [value("ID"), ...value("ID_LIKE").split(/\s+/)];
  if (names.includes("nixos")) return "nixos";
  return names.includes("debian") || names.includes("ubuntu") ? "debian" : "other";
}

/** How to install Nix on such a system, for a hint. */
export function installNix(distribution: Distribution): string {
  switch (distribution) {
    case "debian":
      return "install Nix: `apt-get install nix-bin nix-setup-systemd`";
    case "nixos":
      return "let NixOS have its Nix: `nix.enable = true`";
    case "other":
      return "install Nix by its installer: https://nixos.org/download";
  }
}
