# shellcheck shell=sh
# Copies of large snapshots, of hard links, that are there before anybody builds upon them: ahead/HASH has the tree as snapshot/,
# the id of its project, and in `synced` what ahead_now says of a moment after which no directory in it was synced. copy-ahead.sh
# makes them, take-ahead.sh takes them; needs locks.sh and process.sh.

# ahead_end HASH: ends who is making a copy of this snapshot, of any when it is empty; what there is of it is swept.
ahead_end() {
  ahead_pid='' ahead_born='' ahead_of=''
  read -r ahead_pid ahead_born ahead_of <"$work_dir/locks/ahead" || return 0
  case $ahead_pid in '' | *[!0-9]*) return 0 ;; esac
  [ "${1:-$ahead_of}" = "$ahead_of" ] || return 0
  look_at "$ahead_pid"
  [ -z "$born" ] || [ "$born" != "$ahead_born" ] || kill -KILL "$ahead_pid"
} 2>/dev/null

# ahead_move HASH TO: the copy, which is whole; fails when there is none.
ahead_move() {
  [ -d "$work_dir/ahead/$1" ] && mv -T -n -- "$work_dir/ahead/$1" "$2" 2>/dev/null
}

# ahead_now: the time of the day and that since boot, in centiseconds, and the boot, in $ahead_now.
ahead_now() {
  read -r ahead_boot </proc/sys/kernel/random/boot_id
  centiseconds
  # shellcheck disable=SC2034  # not every program asks
  ahead_now="$(date +%s%2N) $now $ahead_boot"
}
