#!/bin/sh
# busybox 1.35.0 (Debian 12, busybox-static): `timeout` of a command that runs too long.
# Guess: exit status 124, as with coreutils; scripts test for it to notice a timeout.
# Seen: 143. In busybox a child watches the time and the parent becomes the command, so the status is that of a command
#   ended by TERM.
# So: a script that must know whether a deadline passed has to measure the time itself.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq busybox-static=1:1.35.0-4+deb12u1+b1 && dpkg-deb -x busybox-static_*.deb .)
seen=$("$dir/bin/busybox" timeout 1 sleep 10 >&2 || echo "$?")
echo "busybox: $seen"
[ "$seen" = 143 ]
