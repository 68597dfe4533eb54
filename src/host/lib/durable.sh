# shellcheck shell=sh
# What is on the disk before it has its name, and outlives a power cut; docs/state-layout.md. $durable: `no` leaves it to
# the kernel, which takes half a minute.
durable=${durable:-yes}
known durable yes no

# Each file costs a write of the journal, the whole file system one, and all that others have written to it.
sync_limit=1000

# sync_paths PATH…: files, and the names in directories.
sync_paths() {
  [ "$durable" = no ] || sync -- "$@"
}

# sync_tree DIR [linked]: its directories and files; without `linked`, no file that has further names, since those are another
# tree's, which has synced it.
sync_tree() {
  [ "$durable" = yes ] || return 0
  if [ "${2:-}" = linked ]; then sync_names=+0; else sync_names=1; fi
  sync_find "$1" -print0 | sync_listed "$1"
}

# sync_listed DIR: the paths on stdin, each ended by NUL, which lie below it.
sync_listed() {
  xargs -0 -r -n "$((sync_limit + 1))" -s 1000000 sh -c "$sync_program" sync "$1" "$sync_limit" || [ "$?" = 124 ]
}

# The paths after the tree and the limit; when they are more than that, the whole file system instead, and xargs starts no more
# (255, which it makes 124).
# shellcheck disable=SC2016
sync_program='
  tree=$1 limit=$2
  shift 2
  if [ "$#" -gt "$limit" ]; then
    sync -f -- "$tree" && exit 255
    exit 1
  fi
  printf "%s\0" "$@" | xargs -0 -n 64 -P 8 sync --'

sync_find() {
  sync_root=$1
  shift
  find "$sync_root" \( -type d -o -type f -links "$sync_names" \) "$@"
}

# place FROM TO: a file takes TO's name, whole or not at all.
place() {
  sync_paths "$1" && mv -T -- "$1" "$2" && sync_paths "${2%/*}"
}
