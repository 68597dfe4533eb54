# shellcheck shell=sh
# Tells which of $paths the store of this host lacks, and whose store paths it takes; docs/closures.md.
: "${paths:?}"

# Whoever writes the store itself is trusted; else the daemon says whether this account is, since Nix 2.14.
trusted() {
  [ ! -w /nix/var/nix/db ] || { echo yes; return; }
  case $(nix store info --json 2>/dev/null || nix store ping --json 2>/dev/null) in
    *'"trusted":true'* | *'"trusted":1'*) echo yes ;;
    *'"trusted":false'* | *'"trusted":0'*) echo no ;;
    *) echo unknown ;;
  esac
}

missing=$(printf '%s\n' "$paths" | xargs nix-store --check-validity --print-invalid) ||
  fail nix "the Nix store does not answer (nix-store --check-validity)"
settings=$(nix config show 2>/dev/null || nix show-config 2>/dev/null) ||
  fail nix "Nix does not tell its settings (nix config show)"
frame trust "trusted = $(trusted)
$(printf '%s\n' "$settings" | grep -E '^(require-sigs|trusted-public-keys) =')"
frame missing "$missing"
frame end ''
