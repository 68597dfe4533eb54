#!/bin/bash
# Runs a shell script on a machine that has nothing, on the network of this one: enter.sh ROOT DIR SIZE NODE NPM SCRIPT,
# as pid 1 of fresh mount, pid, uts and ipc namespaces. NODE is the program and NPM its directory, both of here. ROOT is the
# cached root file system, DIR has mnt/ and files/, which is laid over it, SIZE is the limit of its disk
# (../lab/new-root.sh). The environment is what a first login of root's has, and files/etc/environment.
set -eu
root=$1 dir=$2 size=$3 node=$4 npm=$5 script=$6
# shellcheck source=/dev/null
. "${0%/*}/../lab/new-root.sh"
open_root "$root" "$dir/mnt" "$size"
# The lab that boots in here needs it.
mkdir dev/net
: >dev/net/tun
mount --bind /dev/net/tun dev/net/tun
cp -R --preserve=mode,timestamps "$dir/files/." .
: >usr/bin/node
mount --bind "$node" usr/bin/node
mkdir -p usr/lib/node_modules/npm
mount --bind "$npm" usr/lib/node_modules/npm
for program in npm npx; do ln -s "../lib/node_modules/npm/bin/$program-cli.js" "usr/bin/$program"; done
chown -R 0:0 root
chmod 0700 root
hostname fresh
set -a
# shellcheck source=/dev/null
. etc/environment
set +a
# shellcheck disable=SC2016
enter_root /bin/bash -c 'umount -l /old && rmdir /old && cd && eval "$1"' fresh "$script" </dev/null
