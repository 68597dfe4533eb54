# shellcheck shell=sh
# Long content in frames of at most 1 MiB, for a client that has to see that something comes.

# Text, for it is also what a shell of its own begins with, as in feed.sh.
# tar_bytes DIR: how long the tar of its content is; nothing when it cannot be read. Tar writes to /dev/null without
# reading any content.
# send_parts TYPE BYTES [COMMAND…]: so much of stdin; after each frame, the command.
# shellcheck disable=SC2016
sending='
  tar_bytes() {
    tar --totals -cf /dev/null -C "$1" . 2>&1 | sed -n "s/^Total bytes written: \([0-9]*\).*/\1/p"
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
