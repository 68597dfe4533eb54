{
  lib,
  mkShellNoCC,
  stdenvNoCC,
  b3sum,
  bubblewrap,
  git,
  nixfmt,
  nodejs,
  openssh,
  shellcheck,
  tmux,
  zstd,
}:
mkShellNoCC {
  packages = [
    b3sum
    git
    nixfmt
    nodejs
    openssh
    shellcheck
    tmux
    zstd
  ]
  ++ lib.optionals stdenvNoCC.hostPlatform.isLinux [ bubblewrap ];
}
