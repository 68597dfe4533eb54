#!/bin/sh
# busybox 1.35.0 (Debian 12, busybox-static): `timeout` of a command that runs too long.
# Guess: 124, as coreutils' has it, which scripts take for "the time was over".
# Seen: 143. Busybox lets a child watch and becomes the command itself, so the status is that of the command and TERM.
# So: a script that must know whether a deadline passed keeps the time itself.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq busybox-static=1:1.35.0-4+deb12u1+b1 && dpkg-deb -x busybox-static_*.deb .)
seen=$("$dir/bin/busybox" timeout 1 sleep 10 >&2 || echo "$?")
echo "busybox: $seen"
[ "$seen" = 143 ]
