# shellcheck shell=sh
# Publishes one snapshot: docs/protocol.md. $repair: `yes` also replaces what is there and wrong; $verify: `yes` also
# hashes every file; $base: a published snapshot to start from, or empty; $fetch: `yes` sends the base's manifest first; $large:
# `yes` for a tree that is worth several processes.
: "${content_hash:?}" "${work_dir:?}"
repair=${repair:-no} verify=${verify:-no} base=${base:-} fetch=${fetch:-no} large=${large:-no}
digest content_hash
[ -z "$base" ] || digest base
known repair yes no
known verify yes no
known fetch yes no
known large yes no
final=$work_dir/snapshots/$content_hash
from=$work_dir/snapshots/$base
read -r boot </proc/sys/kernel/random/boot_id
# After a crash of the host, what a file of full size holds is not certain.
partial=$work_dir/tmp/partial-$content_hash-${boot%%-*}
# Without `b3sum` there are no digests to compare: the client says so.
if command -v b3sum >/dev/null; then hashes=yes; else hashes=no; fi

# found_hash DIR: the content hash that the published metadata names, or why there is none.
found_hash() {
  found="no metadata"
  [ -f "$1/pikaci-snapshot.json" ] || return 0
  json_string "$1/pikaci-snapshot.json" content_hash
  found=$json
  is_digest "$found" || found="unreadable metadata"
}

# answer_have: ends the program when the snapshot is there and right, and when it is wrong and not to be repaired.
answer_have() {
  found_hash "$final"
  wrong=''
  if [ "$found" = "$content_hash" ] && [ "$repair$verify" != nono ]; then
    frame check ''
    receive_watch
    receive_line
    receive_watched
    [ -n "$line" ] || fail network "the client went away before it said what the snapshot has to be"
    wrong=$(tree_wrong "$line" "$hashes" "$(tree_sums "$final" "$hashes" list_tree snapshot)")
  fi
  if [ "$found" = "$content_hash" ] && [ -z "$wrong" ]; then
    frame have "$(cat "$final/pikaci-snapshot.json")"
    exit 0
  fi
  [ "$repair" = no ] || return 0
  [ -n "$wrong" ] ||
    fail mismatch "the published snapshot $content_hash is not what its name says: $final holds $found"
  receive_stage snapshots "$content_hash"
  send_evidence "$final" "$wrong"
  frame wrong "$wrong"
  exit 1
}

# take_partial: what an upload that was cut has left becomes $staging again.
take_partial() {
  [ -d "$partial" ] && read_fd "$fd_stage" "$partial" || return
  if flock -w 2 "$fd_stage" && [ -d "$partial" ]; then
    staging=$partial keep=yes
    rm -rf -- "$staging/.delta" "$staging/.parts" "$staging/.list" "$staging/.sums" "$staging/ahead"
  else
    close_fd "$fd_stage"
    return 1
  fi
}

# hold_base: the base is there and stays while this program lives. It never waits: two that wait for each other's
# snapshots would do so for ever.
hold_base() {
  [ -n "$base" ] && [ -d "$from/snapshot" ] && [ -f "$from/manifest" ] && [ -f "$from/B3SUMS" ] || return
  take_lock "$fd_base" "snapshots-$base" -s -n && found_hash "$from" && [ "$found" = "$base" ] &&
    has_this_layout "$from" && return
  close_fd "$fd_base"
  return 1
}

# send_base: what the base holds, as short as it can be told: of each file 40 digits (160 bits) of its hash, and what is
# no ordinary file. Names that B3SUMS lacks need the whole manifest.
send_base() {
  if grep -q '"b3sums_left_out": 0,' "$from/pikaci-snapshot.json"; then
    cut -b 1-40,65- <"$from/B3SUMS" | send_compressed base-files
    find "$from/snapshot" -mindepth 1 \( -type l -o -type d -empty -o -type f -perm -100 \) -printf '%y %P\0' |
      send_compressed base-others
  else
    send_compressed base-manifest <"$from/manifest"
  fi
}

# offer: tells the client what there is to start from.
offer() {
  case $origin in
  staged)
    (cd -- "$staging" && list_tree snapshot manifest B3SUMS) 2>/dev/null | send_compressed listing || exit 1
    frame send staged
    ;;
  base)
    [ "$fetch" = no ] || send_base
    frame send base
    ahead_take "$base" "$staging" || copy_tree "$from/snapshot" "$staging/snapshot" "$large"
    ;;
  *) frame send all ;;
  esac
}

# start_anew: nothing that was there before is used.
start_anew() {
  origin='' since=''
  find "$staging" -mindepth 1 -delete
}

# take_upload: what the client sends, on top of what there is; fails when that gives another tree than it should.
take_upload() {
  receive_watch
  receive_line
  case $line in
  delta) ;;
  all) start_anew ;;
  *) fail network "the upload was cut before it began" ;;
  esac
  mkdir "$staging/.delta" || fail disk "cannot write in $staging"
  receive_list "$staging/.delta/drop" || fail network "the upload was cut before it began"
  receive_pause
  remove_listed .delta/drop
  receive_keep "$partial"
  wrong=unpacked
  receive_tree start_sums || return
  wait "$summer"
  wrong=$(tree_wrong "$commit" "$verify" "$(cat "$staging/.sums")")
  rm -f -- "$staging/.sums"
  [ -z "$wrong" ]
}

# start_sums: what the tree holds by now goes to .sums, while the client counts together what it has to hold.
start_sums() {
  finish_tree
  rm -rf -- "$staging/.list"
  if [ "$large" = yes ]; then set -- list_large "${since:-@0}"; else set -- list_tree snapshot; fi
  (
    close_fd "$fd_base" "$fd_thing"
    exec >"$staging/.sums"
    tree_sums "$staging" "$verify" "$@"
  ) &
  summer=$!
}

# receive_sync: for a large tree, what its listing has found on the way.
receive_sync() {
  if [ ! -e "$staging/.list/sync" ]; then
    sync_tree "$staging"
  elif [ "$durable" = yes ]; then
    {
      rm -rf -- "$staging/.list"
      touch -d "@$published_time" -- "$staging"
      printf '%s\0' "$staging" "$staging/manifest" "$staging/B3SUMS" "$staging/pikaci-snapshot.json" &&
        cat
    } <"$staging/.list/sync" | (cd -- "$staging" && sync_listed .)
  fi
}

# finish_tree: what can be done only when all files are there; $patched names those whose time is still to be set.
finish_tree() {
  patched=''
  umask 022
  for name in manifest B3SUMS; do
    [ -e "$staging/.delta/$name" ] || continue
    patch_file "$from/$name" <"$staging/.delta/$name" >"$staging/$name"
    patched="$patched $name"
  done
  umask 077
  if [ -e "$staging/.delta/late" ]; then
    remove_listed .delta/late
    (cd -- "$staging" && xargs -0 -r touch -d "@$published_time" -- <.delta/touch) >&2
  fi
  rm -rf -- "$staging/.delta"
}

# move_aside: $final goes to tmp/, where it is swept when no guest sees it any more.
move_aside() {
  aside=$(mktemp -d "$work_dir/tmp/aside-$content_hash.XXXXXXXX" 2>&1) || fail disk "$aside"
  mv -T -- "$final" "$aside/wrong" || fail disk "cannot move $final aside"
  ahead_move "$content_hash" "$aside/copy"
}

# It shares the lock, and may take long on a busy host.
ahead_end "$content_hash"
receive_lock snapshots "$content_hash"
outcome=uploaded superseded=no
if has_other_layout "$final"; then
  superseded=yes
elif [ -e "$final" ]; then
  answer_have
  # A guard holds it as long as a guest sees the snapshot; a probe only for a moment.
  take_lock "$fd_base" "use-$content_hash" -w 5 ||
    fail host "the snapshot $content_hash is wrong and a running job uses it: repair it when that has ended"
  move_aside
  outcome=repaired
fi
since=''
if take_partial; then
  origin=staged
else
  receive_stage_at "$partial" || receive_stage snapshots "$content_hash"
  if hold_base; then origin=base; else origin=''; fi
fi
offer
until take_upload; do
  if [ -z "$origin" ]; then
    keep=''
    [ "$wrong" != unpacked ] || fail host "the upload could not be unpacked: $receive_said"
    send_evidence "$staging" "$wrong"
    frame wrong "$wrong"
    exit 1
  fi
  send_evidence "$staging" "$wrong"
  start_anew
  frame again "$wrong"
done
# Only now: until the new one is whole, the other pikaci that published it may start jobs on it.
[ "$superseded" = no ] || move_aside
# shellcheck disable=SC2086  # words
receive_place "$final" $patched
frame published "$outcome"
[ ! -d "$partial" ] || (read_fd "$fd_stage" "$partial" && flock -n "$fd_stage" && rm -rf -- "$partial") 2>/dev/null
