# shellcheck shell=sh
# Long content in frames of at most 1 MiB, for a client that has to see that something comes.

# Text, for it is also what a shell of its own begins with, as in feed.sh.
# tar_out DIR FILE [OPTION]: the tar of its content, without the holes of files; src/publish/sparse-entries.ts reads its form.
# tar_bytes DIR: how long that is; nothing when it cannot be read. Tar writes to /dev/null without reading any content.
# tar_padded DIR: the tar, then zeros: when the disk has more holes by then, it is shorter than tar_bytes said.
# send_parts TYPE BYTES [COMMAND…]: so much of stdin; after each frame, the command.
# shellcheck disable=SC2016
sending='
  tar_out() {
    tar --create --format=gnu --sparse --file="$2" --directory="$1" ${3:+"$3"} .
  }
  tar_bytes() {
    tar_out "$1" /dev/null --totals 2>&1 | sed -n "s/^Total bytes written: \([0-9]*\).*/\1/p"
  }
  tar_padded() {
    tar_out "$1" - && cat /dev/zero 2>/dev/null
  }
  send_parts() {
    type=$1 left=$2
    shift 2
    while [ "$left" -gt 0 ]; do
      part=$((left < 1048576 ? left : 1048576))
      printf "%s %d\n" "$type" "$part"
      head -c "$part" || return
      [ "$#" = 0 ] || "$@"
      left=$((left - part))
    done
  }'
eval "$sending"
