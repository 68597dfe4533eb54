# shellcheck shell=sh
# What a published or staged directory holds, and how a staged one is made from another; docs/protocol.md.

# list_tree NAME...: what these are and hold, in the directory we are in; src/publish/tree-listing.ts.
list_tree() {
  find "$@" \( -type d -printf '%p//d %m %T@\0' -o -type l -printf '%p//l %l\0' -o -printf '%p//%y %m %s %T@\0' \) |
    sort -z
}

# list_digests: BLAKE3 of each regular file of snapshot/, one a line, in byte order of their paths.
list_digests() (
  cd snapshot && find . -type f -print0 | sort -z | xargs -0 -r b3sum --no-names --
)

# tree_wrong DIR SUMS YES: what of DIR is not what the client says it has to be: `listing`, `manifest`, `B3SUMS`, with
# YES also `digests`; nothing when all is right.
tree_wrong() (
  content=$3
  cd -- "$1" || exit
  # shellcheck disable=SC2086  # four words
  set -- $2 . . . .
  documents=$(sha256sum -- manifest B3SUMS)
  if is_other "$1" "$(list_tree snapshot | sha256sum)"; then
    echo listing
  elif is_other "$2" "${documents%"$newline"*}"; then
    echo manifest
  elif is_other "$3" "${documents#*"$newline"}"; then
    echo B3SUMS
  elif [ "$content" = yes ] && is_other "$4" "$(list_digests | sha256sum)"; then
    echo digests
  fi
) 2>/dev/null

# is_other DIGEST LINE: of sha256sum, which names its stdin after the digest.
is_other() {
  [ "${2%% *}" != "$1" ]
}

# send_evidence DIR WRONG: what a client can tell from what is wrong.
send_evidence() {
  case $2 in
  listing) (cd -- "$1" && list_tree snapshot) | send_compressed listing || exit 1 ;;
  digests) (cd -- "$1" && list_digests) | send_compressed digests || exit 1 ;;
  esac
}

# send_compressed TYPE: stdin, compressed, in frames; in $staging for a while. A client that reads none for $idle_s seconds
# ends the program, or the pipeline's part that this is.
send_compressed() {
  gzip -1 >"$staging/.parts" || fail disk "cannot write in $staging"
  bytes=$(stat -c %s -- "$staging/.parts")
  receive_watch
  (
    close_fd "$fd_thing"
    send_parts "$1" "$bytes" kill -URG "$watchdog"
  ) <"$staging/.parts" || exit 1
  receive_watched
  rm -f -- "$staging/.parts"
}

# patch_file FILE: the file that stdin says how to make from FILE, on stdout; src/publish/patch.ts.
patch_file() {
  [ -r "$1" ] || return
  patched_to=0
  while read -r action count; do
    case $action in
    c) dd if="$1" iflag=skip_bytes,count_bytes bs=65536 skip="$patched_to" count="$count" status=none ;;
    s) ;;
    l) head -c "$count" ;;
    *) return 1 ;;
    esac || return
    [ "$action" = l ] || patched_to=$((patched_to + count))
  done
}

# copy_tree FROM TO: a tree of hard links; files that have too many already are copied.
# Whether it is complete, the listing tells in the end.
copy_tree() {
  copy_said=$(cp -al -- "$1" "$2" 2>&1) && return
  case $copy_said in
  *'No space left'* | *'quota exceeded'*) fail disk "the disk of $work_dir is full: $(printf '%s' "$copy_said" | head -n 1)
$(df -h -- "$work_dir" 2>&1)" ;;
  *'Too many links'*)
    tar -c --format=gnu --sparse -C "$1" . | tar -x -p -C "$2" --skip-old-files --no-same-owner
    find "$2" -type d -exec touch -d "@$published_time" -- {} +
    ;;
  esac >&2
}

# remove_listed FILE: the paths in FILE, each ended by NUL, in this order; directories only when empty.
remove_listed() {
  (cd -- "$staging" && xargs -0 -r rm -fd -- <"$1") >&2
}
