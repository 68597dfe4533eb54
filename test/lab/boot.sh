#!/bin/bash
# Boots one host: boot.sh ROOT DIR NAME KIND SIZE, as pid 1 of fresh mount, pid, uts, ipc and net
# namespaces. ROOT is the cached root file system; DIR the host's directory with mnt/ and etc/, SIZE the limit of
# its disk (new-root.sh).
set -eu
root=$1 dir=$2 name=$3 kind=$4 size=$5
# shellcheck source=/dev/null
. "${0%/*}/new-root.sh"
# The name "self" is read by this process in the outer /proc: the host's pid as the owner sees it.
read -r pid _ </proc/self/stat
open_root "$root" "$dir/mnt" "$size"
cp -R "$dir/etc/." etc/
mkdir run/sshd run/lab
hostname "$name"
ip link set lo up
echo "$pid" >"$dir/pid"
enter_root /bin/bash /etc/lab/init.sh "$kind" </dev/null
