/** A single-user Nix store owned by root, or nix-daemon with build users and an account it does not trust. */
export type HostKind = "single" | "multi";

export interface KindFacts {
  /** Debian's. It decides the Nix version: 2.26 in trixie, 2.34 in testing. */
  readonly suite: string;
  /** pikaci's account. */
  readonly user: string;
  readonly homeDir: string;
  /** Of the virtual machines: one without 9p, one with both 9p and virtiofs. */
  readonly kernel: string;
}

export const KINDS: Readonly<Record<HostKind, KindFacts>> = {
  single: { suite: "trixie", user: "root", homeDir: "/root", kernel: "linux-image-cloud-amd64" },
  multi: { suite: "testing", user: "ci", homeDir: "/home/ci", kernel: "linux-image-amd64" },
};
