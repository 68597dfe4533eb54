/**
 * Every Debian package that a script here installs, and what makes it unnecessary however that came: programs by name,
 * anything else by its absolute path. Only what tests and scripts start themselves is named.
 */
const GIVES = {
  git: ["git"],
  "openssh-client": ["ssh", "ssh-keygen"],
  "nix-bin": ["nix", "nix-store", "nix-instantiate"],
  bubblewrap: ["bwrap"],
  "util-linux": ["flock", "unshare", "setpriv", "nsenter"],
  tar: ["tar"],
  procps: ["ps", "pgrep"],
  shellcheck: ["shellcheck"],
  b3sum: ["b3sum"],
  zstd: ["zstd"],
  make: ["make"],
  "busybox-static": ["busybox"],
  tmux: ["tmux"],
  mmdebstrap: ["mmdebstrap"],
  "debian-archive-keyring": ["/usr/share/keyrings/debian-archive-keyring.gpg"],
  iproute2: ["ip"],
  perl: ["perl"],
  rsync: ["rsync"],
  "xz-utils": ["xz"],
  chromium: ["chromium"],
  zsh: ["zsh"],
  fish: ["fish"],
  mandoc: ["mandoc"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PackageName = keyof typeof GIVES;

/** What makes a package unnecessary: all of these. */
export const givenBy = (name: PackageName): readonly string[] => GIVES[name];

/** Packages by what they are for. */
const PURPOSES = {
  /** Tests without needs, the type check and lint. */
  unit: ["git", "openssh-client", "tar", "util-linux", "shellcheck", "b3sum", "zstd"],
  /** Jobs on this machine: the host `local`. */
  local: ["git", "openssh-client", "nix-bin", "bubblewrap", "util-linux", "tar"],
  /** Hosts of the lab, and tests of Nix here. */
  lab: [
    ...([
      "mmdebstrap",
      "debian-archive-keyring",
      "iproute2",
      "perl",
      "util-linux",
      "openssh-client",
    ] as const),
    ...(["procps", "busybox-static", "xz-utils", "rsync", "make"] as const),
  ],
  terminal: ["tmux"],
  browser: ["chromium"],
  shells: ["zsh", "fish", "mandoc", "tmux"],
} as const satisfies Readonly<Record<string, readonly PackageName[]>>;

export type Purpose = keyof typeof PURPOSES;

export const isPurpose = (word: string): word is Purpose => Object.hasOwn(PURPOSES, word);

/** What is to be installed for some purposes, each package once. */
export function packagesFor(...purposes: readonly Purpose[]): readonly PackageName[] {
  return [...new Set(purposes.flatMap((purpose): readonly PackageName[] => PURPOSES[purpose]))];
}
