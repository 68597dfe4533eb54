# shellcheck shell=sh
# For the publication: a copy that was made ahead, in the place of one that is made now; lib/ahead.sh.

# ahead_take HASH STAGING: the copy becomes STAGING/snapshot, for one who asks. Without one it fails, and ends who is making it. Sets
# $since, for `find -newerct`: what changed later is not on the disk; empty when that cannot be told.
ahead_take() {
  since=''
  if ! ahead_move "$1" "$2/ahead"; then
    ahead_end "$1"
    return 1
  fi
  ahead_synced "$2/ahead/synced"
  mv -T -n -- "$2/ahead/snapshot" "$2/snapshot" 2>/dev/null
  rm -rf -- "$2/ahead"
  [ -d "$2/snapshot" ]
}

# ahead_synced FILE: its time tells nothing after another boot, or when the clock was set by more than half a second.
ahead_synced() {
  ahead_then='' ahead_up='' ahead_booted=''
  read -r ahead_then ahead_up ahead_booted <"$1" || return 0
  case $ahead_then$ahead_up in '' | *[!0-9]*) return 0 ;; esac
  ahead_now
  # shellcheck disable=SC2086  # three words
  set -- $ahead_now
  [ "$3" = "$ahead_booted" ] || return 0
  ahead_set=$(($1 - $2 - ahead_then + ahead_up))
  [ "$ahead_set" -lt 50 ] && [ "$ahead_set" -gt -50 ] || return 0
  since=@${ahead_then%??}.${ahead_then#"${ahead_then%??}"}
} 2>/dev/null
