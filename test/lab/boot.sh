#!/bin/bash
# Boots one host: boot.sh ROOT DIR NAME KIND SIZE, as pid 1 of fresh mount, pid, uts, ipc and net
# namespaces. ROOT is the cached root file system (never written), or several for an overlay; DIR the
# host's directory with mnt/ and etc/, SIZE the limit of its disk. The disk is a tmpfs of this namespace:
# it dies with it.
set -eu
root=$1 dir=$2 name=$3 kind=$4 size=$5
# The name "self" is read by this process in the outer /proc: the host's pid as the owner sees it.
read -r pid _ </proc/self/stat
disk=$dir/mnt
mount -t tmpfs -o "size=$size,mode=0755" pikaci-lab "$disk"
mkdir "$disk/upper" "$disk/work" "$disk/new"
mount -t overlay -o "lowerdir=$root,upperdir=$disk/upper,workdir=$disk/work" overlay "$disk/new"
cd "$disk/new"

# Where people and Nix write is a plain file system, not an overlay, as on a real host.
mkdir -p nix
for part in nix root home tmp; do
  cp -a "$part" "$disk/$part"
  mount --bind "$disk/$part" "$part"
done

mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs run
mount -t tmpfs -o mode=0755,nosuid tmpfs dev
for node in null zero full random urandom tty; do
  : >"dev/$node"
  mount --bind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

cp -R "$dir/etc/." etc/
mkdir run/sshd run/lab old
hostname "$name"
ip link set lo up
echo "$pid" >"$dir/pid"
pivot_root . old
exec chroot . /bin/bash /etc/lab/init.sh "$kind" </dev/null
