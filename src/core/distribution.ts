/** The kind of a system, as far as hints differ by it. */
export type Distribution = "debian" | "nixos" | "other";

/** From the text of `/etc/os-release`: the system's own name first, then what it says that it is like. */
export function distributionOf(osRelease: string): Distribution {
  const value = (name: string) => new RegExp(`^${name}=["']?([^"'\\n]*)`, "m").exec(osRelease)?.[1] ?? "";
  const names = [value("ID"), ...value("ID_LIKE").split(/\s+/)];
  if (names.includes("nixos")) return "nixos";
  return names.includes("debian") || names.includes("ubuntu") ? "debian" : "other";
}

/** Where Nix comes from on such a system, for a hint. */
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
