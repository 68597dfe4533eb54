# shellcheck shell=sh
# Publishes one snapshot: docs/protocol.md. $repair: `yes` also replaces what is there and wrong.
: "${content_hash:?}" "${work_dir:?}"
repair=${repair:-no}
final=$work_dir/snapshots/$content_hash

# found_hash: the content hash that the published metadata names, or why there is none.
found_hash() {
  if [ -f "$final/pikaci-snapshot.json" ]; then
    found=$(sed -n 's/.*"content_hash": *"\([0-9a-f]\{64\}\)".*/\1/p' "$final/pikaci-snapshot.json" | head -n 1)
    found=${found:-unreadable metadata}
  else
    found="no metadata"
  fi
}

# sound: whether the published files have the content that B3SUMS says; a host without b3sum cannot tell.
sound() {
  [ -d "$final/snapshot" ] && [ -f "$final/B3SUMS" ] || return 1
  [ -s "$final/B3SUMS" ] || return 0
  (cd "$final/snapshot" && b3sum --quiet --check ../B3SUMS) </dev/null >&2
}

# answer_have: ends the program when the snapshot is there and right.
answer_have() {
  found_hash
  if [ "$found" = "$content_hash" ] && { [ "$repair" = no ] || sound; }; then
    frame have "$(cat "$final/pikaci-snapshot.json")"
    exit 0
  fi
  [ "$repair" = yes ] ||
    fail mismatch "the published snapshot $content_hash is not what its name says: $final holds $found"
}

receive_lock snapshots "$content_hash"
outcome=uploaded
if [ -e "$final" ]; then
  answer_have
  aside=$(mktemp -d "$work_dir/tmp/aside-$content_hash.XXXXXXXX" 2>&1) || fail disk "$aside"
  mv -T -- "$final" "$aside/wrong" || fail disk "cannot move $final aside"
  outcome=repaired
fi
receive_stage snapshots "$content_hash"
frame send ''
receive_tree
receive_place "$final"
frame published "$outcome"
