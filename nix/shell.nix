{
  lib,
  mkShellNoCC,
  stdenvNoCC,
  bubblewrap,
  git,
  nixfmt,
  nodejs,
  openssh,
  shellcheck,
}:
mkShellNoCC {
  packages = [
    git
    nixfmt
    nodejs
    openssh
    shellcheck
  ]
  ++ lib.optionals stdenvNoCC.hostPlatform.isLinux [ bubblewrap ];
}
