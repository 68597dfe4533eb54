/**
 * Every Debian package that a script here installs, and what makes it unnecessary however that came: programs by name,
 * anything else by its absolute path. Only what tests and scripts use themselves is named.
 */
const GIVES = {
  git: ["git"],
  "openssh-client": ["ssh", "ssh-keygen", "ssh-agent", "ssh-add"],
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
  strace: ["strace"],
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
  cargo: ["/usr/bin/cargo"],
  "golang-go": ["/usr/bin/go"],
  gcc: ["/usr/bin/cc"],
  cmake: ["/usr/bin/cmake"],
  meson: ["/usr/bin/meson"],
  "python3-venv": ["/usr/bin/python3", "/usr/share/python-wheels"],
  "python3-pytest": ["/usr/lib/python3/dist-packages/pytest/__init__.py"],
  nodejs: ["/usr/bin/node"],
  npm: ["/usr/bin/npm"],
  python3: ["/usr/bin/python3"],
  "libc6-dev": ["/usr/include/stdio.h"],
  "g++": ["/usr/bin/g++"],
  "libgtest-dev": ["/usr/include/gtest/gtest.h"],
  catch2: ["/usr/include/catch2/catch.hpp"],
  bats: ["/usr/bin/bats"],
  check: ["/usr/include/check.h"],
  "libtap-harness-junit-perl": ["/usr/share/perl5/TAP/Harness/JUnit.pm"],
  gotestsum: ["/usr/bin/gotestsum"],
  "ruby-rspec": ["/usr/bin/rspec"],
  "ruby-rspec-junit-formatter": ["/usr/share/doc/ruby-rspec-junit-formatter"],
  phpunit: ["/usr/bin/phpunit"],
  "stress-ng": ["stress-ng"],
  rpm: ["rpm", "rpmbuild"],
  "pacman-package-manager": ["pacman"],
  "default-jdk-headless": ["/usr/bin/javac"],
  maven: ["/usr/bin/mvn"],
  postgresql: ["/usr/lib/postgresql/15/bin/initdb", "/usr/lib/postgresql/15/bin/psql"],
  "redis-server": ["/usr/bin/redis-server", "/usr/bin/redis-cli"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PackageName = keyof typeof GIVES;

/** What makes a package unnecessary: all of these. */
export const givenBy = (name: PackageName): readonly string[] => GIVES[name];

/** Packages by what they are for. */
const PURPOSES = {
  /** `scripts/lint-shell.ts`. */
  lint: ["shellcheck"],
  /** Tests without needs. */
  unit: ["git", "openssh-client", "tar", "util-linux", "b3sum", "zstd", "busybox-static", "strace"],
  /** Jobs on this machine, which is the host `local`. */
  local: ["git", "openssh-client", "nix-bin", "bubblewrap", "util-linux", "tar"],
  /** Hosts of the lab, and tests of Nix. */
  lab: [
    "mmdebstrap",
    "debian-archive-keyring",
    "iproute2",
    "perl",
    "util-linux",
    "openssh-client",
    "procps",
    "busybox-static",
    "xz-utils",
    "rsync",
    "make",
  ],
  terminal: ["tmux"],
  /** A busy machine. */
  stress: ["stress-ng"],
  /** Other distributions' package managers. */
  packages: ["rpm", "pacman-package-manager", "tar", "busybox-static"],
  browser: ["chromium"],
  toolchains: [
    "cargo",
    "golang-go",
    "gcc",
    "make",
    "cmake",
    "meson",
    "python3-venv",
    "python3-pytest",
    "default-jdk-headless",
    "maven",
  ],
  shells: ["zsh", "fish", "mandoc", "tmux"],
  /** What the examples' jobs find in /usr. */
  examples: [
    "nodejs",
    "npm",
    "python3",
    "cmake",
    "make",
    "gcc",
    "libc6-dev",
    "golang-go",
    "cargo",
    "postgresql",
    "redis-server",
  ],
  /** Test runners whose reports are compared with what they say themselves. */
  producers: [
    "python3-pytest",
    "cmake",
    "make",
    "gcc",
    "libc6-dev",
    "meson",
    "g++",
    "libgtest-dev",
    "catch2",
    "bats",
    "check",
    "perl",
    "libtap-harness-junit-perl",
    "golang-go",
    "gotestsum",
    "ruby-rspec",
    "ruby-rspec-junit-formatter",
    "phpunit",
  ],
} as const satisfies Readonly<Record<string, readonly PackageName[]>>;

type Purpose = keyof typeof PURPOSES;

/** What each of package.json's scripts, and of those here that have none there, installs; others start nothing but Node. */
const COMMANDS = {
  demo: ["local", "unit"],
  lint: ["lint"],
  test: ["lint", "unit", "local", "lab", "terminal"],
  "test:unit": ["lint", "unit"],
  "test:exhaustive": ["unit", "local", "lab", "terminal"],
  "test:browser": ["local", "browser"],
  "test:shells": ["shells"],
  "test:fresh": ["lab"],
  "test:packages": ["packages"],
  "test:versions": ["local", "lab"],
  "test:toolchains": ["local", "toolchains"],
  "test:examples": ["local", "examples"],
  "test:producers": ["producers"],
  "test:faults": ["local", "lab"],
  "test:attack": ["unit", "local", "lab"],
  "test:storm": ["local", "lab"],
  "test:lifecycle": ["local", "lab"],
  "test:stress": ["local", "lab", "stress"],
  "test:machines": ["local", "lab"],
  bench: ["unit", "local", "lab"],
  "record-sessions": ["local", "terminal"],
} as const satisfies Readonly<Record<string, readonly Purpose[]>>;

export type Command = keyof typeof COMMANDS;

export const isCommand = (word: string): word is Command => Object.hasOwn(COMMANDS, word);

/** What is to be installed for a command, each package once. */
export function packagesFor(command: Command): readonly PackageName[] {
  const purposes: readonly Purpose[] = COMMANDS[command];
  return [...new Set(purposes.flatMap((purpose): readonly PackageName[] => PURPOSES[purpose]))];
}

/**
 * Programs that tests and scripts start and that no package is named for: Debian 12 has them with git, Node and npm and
 * nothing else, and test/fresh looks whether that is so.
 */
export const BASE_PROGRAMS: readonly string[] = [
  ..."sh bash dash cat chgrp chmod chown chroot cp cut dd diff du env find grep groupadd head hostname id kill ldd ln ls mkdir".split(
    " ",
  ),
  ..."mkfifo mknod mount mv nice node npm npx readlink rm rmdir sed seq setsid sha256sum sleep sort stat stty".split(
    " ",
  ),
  ..."tail tee test touch tr true truncate umount uname useradd usermod wc xargs apt-config apt-get".split(
    " ",
  ),
];
