# shellcheck shell=sh
# Versions of what pikaci uses on this host, for `pikaci doctor`; one line `NAME TEXT` each.

version() {
  name=$1
  shift
  command -v "$1" >/dev/null || return 0
  printf '%s %s\n' "$name" "$("$@" 2>&1 </dev/null | head -n 1 | tr -cd '[:print:]' | head -c 200)"
}

versions() {
  printf 'clock %s\n' "$(date +%s%3N)"
  printf 'kernel %s\n' "$(uname -sr)"
  version nix nix --version
  version tar tar --version
  version flock flock --version
  version bwrap bwrap --version
  version qemu qemu-system-x86_64 --version
  for virtiofsd in /usr/libexec/virtiofsd /usr/lib/qemu/virtiofsd; do version virtiofsd "$virtiofsd" --version; done
  version zstd zstd --version
  printf 'trusted %s\n' "$(nix store ping 2>&1 </dev/null | sed -n 's/^Trusted: *//p')"
  printf 'features %s\n' "$(nix show-config 2>/dev/null </dev/null | sed -n 's/^experimental-features = //p')"
}

frame versions "$(versions)"
frame end ''
