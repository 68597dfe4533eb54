#!/bin/sh
# util-linux 2.38.1 (Debian 12): the exit status of `unshare --fork` when its child is killed.
# Guess: 137, or unshare ends by the same signal; so 1 means that the namespace could not be made or the command failed.
# Seen: 1, with "sigprocmask unblock failed: Invalid argument" (2.41 and busybox give 137).
# So: to learn how the child ended, ask its parent inside the namespace; unshare's status does not say.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq util-linux=2.38.1-5+deb12u3 && dpkg-deb -x util-linux_*.deb .)
# shellcheck disable=SC2016  # $$ is the inner shell's
seen=$("$dir/usr/bin/unshare" --fork sh -c 'kill -KILL $$' 2>&1 || echo "$?")
printf '%s\n' "$seen"
[ "$seen" = 'unshare: sigprocmask unblock failed: Invalid argument
1' ]
