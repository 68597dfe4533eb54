#!/bin/bash
# Sourced as pid 1 of fresh mount, pid, uts and ipc namespaces, with `set -eu`. open_root ROOT DISK SIZE makes the root
# file system of a machine and changes into it, enter_root COMMAND... makes it / and becomes the command. ROOT is never
# written, and may be several directories for an overlay; what is written is a tmpfs of this namespace, at most SIZE, at
# DISK: it dies with it.

open_root() {
  mount -t tmpfs -o "size=$3,mode=0755" pikaci-lab "$2"
  mkdir "$2/upper" "$2/work" "$2/new"
  mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/new"
  cd "$2/new" || exit

  # Where people and Nix write is a plain file system, not an overlay, as on a real host.
  mkdir -p nix
  local part
  for part in nix root home tmp; do
    cp -a "$part" "$2/$part"
    mount --bind "$2/$part" "$part"
  done

  mount -t proc -o nosuid,nodev,noexec proc proc
  mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
  mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs run
  open_devices
}

open_devices() {
  mount -t tmpfs -o mode=0755,nosuid tmpfs dev
  local node
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
}

# What lay at / is at /old until the command takes it away.
enter_root() {
  mkdir old
  pivot_root . old
  exec chroot . "$@"
}
