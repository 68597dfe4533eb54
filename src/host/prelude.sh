# shellcheck shell=sh
# Comes first in every host program; docs/protocol.md. Parameters are assigned before it.
set -u
umask 077
export LC_ALL=C
export PATH="$PATH:/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin:$HOME/.nix-profile/bin:/usr/local/bin:/usr/bin:/bin"
trap '' PIPE

# frame TYPE TEXT: one frame to the client.
frame() {
  printf '%s %d\n%s' "$1" "${#2}" "$2"
}

# fail KIND MESSAGE: the error frame, then exit 1. KIND: host, network, disk, nix, mismatch, snapshot.
fail() {
  frame error "$1
$2"
  exit 1
}

# take_file FILE: a length line and that many bytes of stdin into FILE; fails when either is short.
# Empty lines before it are heartbeats.
take_file() {
  take_length=''
  while [ -z "$take_length" ]; do IFS= read -r take_length || return 1; done
  head -c "$take_length" >"$1" || return 1
  [ "$(stat -c %s -- "$1")" = "$take_length" ]
}

# centiseconds: monotonic time into $now, no process started.
centiseconds() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}
}

work_dir=${work_dir:-"$HOME/.local/state/pikaci"}

# Flakes are still an experimental feature; root without build users builds as itself.
NIX_CONFIG="${NIX_CONFIG:-}
extra-experimental-features = nix-command flakes"
if [ "$(id -u)" = 0 ] && ! grep -q '^nixbld:' /etc/group; then
  NIX_CONFIG="$NIX_CONFIG
build-users-group ="
fi
export NIX_CONFIG
