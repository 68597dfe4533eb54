# shellcheck shell=sh
# What a published or staged directory holds, and how a staged one is made from another; docs/protocol.md.

# For `find`: the record of each path; src/publish/tree-listing.ts.
records='\( -type d -printf "%p//d %m %T@\0" -o -type l -printf "%p//l %l\0" -o -printf "%p//%y %m %s %T@\0" \)'

# list_tree NAME...: what these are and hold, in the directory we are in.
list_tree() {
  eval 'find "$@"' "$records" | sort -z
}

# For a shell of its own, with SINCE, a depth option with its value, and paths: a part of a listing, and of what has to be synced.
# shellcheck disable=SC2016
part_program='
  since=$1 option=$2 depth=$3
  shift 3
  part=$(mktemp .list/part.XXXXXXXX) || exit
  find "$@" "$option" "$depth" \( \( -type d -newerct "$since" -o -type f -links 1 \) -fprint0 "$part.sync" , '"$records"' \) |
    sort -z >"$part"'

# list_large SINCE: snapshot/ of the directory we are in, as list_tree lists it, by several processes: that is most of what there is
# to do for a large tree of which little was sent. Into .list/sync goes, on the way, what has to be synced: directories that
# changed after SINCE, and files that no other tree has.
list_large() {
  mkdir .list || return
  find snapshot -mindepth 2 -maxdepth 2 -type d -print0 >.list/below
  share_of .list/below
  sh -c "$part_program" part "$1" -maxdepth 2 snapshot &
  xargs -0 -r -n "$share" -P "$share_width" sh -c "$part_program" part "$1" -mindepth 1 <.list/below
  wait "$!" || return
  cat .list/*.sync >.list/sync
  sort -z -m .list/part.????????
}

# How many processes work on the parts of a large tree at a time.
share_width=3

# share_of FILE: of the paths in it, each ended by NUL, as many as one process takes, in $share.
share_of() {
  share=$(tr -cd '\0' <"$1" | wc -c)
  share=$((share / (2 * share_width) + 1))
}

# list_digests: BLAKE3 of each regular file of snapshot/, one a line, in byte order of their paths.
list_digests() (
  cd snapshot && find . -type f -print0 | sort -z | xargs -0 -r b3sum --no-names --
)

# tree_sums DIR YES LISTER…: what DIR holds, a line of sha256sum each: the listing, which the command gives, the manifest, B3SUMS,
# with YES also the digests. A line that is missing differs from whatever it should be.
tree_sums() (
  content=$2
  cd -- "$1" || exit
  shift 2
  "$@" | sha256sum
  sha256sum -- manifest B3SUMS
  [ "$content" = no ] || list_digests | sha256sum
) 2>/dev/null

# tree_wrong SUMS YES FOUND: what is not what the client says it has to be: `listing`, `manifest`, `B3SUMS`, with YES also
# `digests`; nothing when all is right. FOUND is what tree_sums said.
tree_wrong() {
  content=$2
  # shellcheck disable=SC2086  # four words
  set -- "$3" $1 . . . .
  {
    read -r found_listing _
    read -r found_manifest _
    read -r found_b3sums _
    read -r found_digests _
  } <<END
$1
END
  if [ "$found_listing" != "$2" ]; then
    echo listing
  elif [ "$found_manifest" != "$3" ]; then
    echo manifest
  elif [ "$found_b3sums" != "$4" ]; then
    echo B3SUMS
  elif [ "$content" = yes ] && [ "$found_digests" != "$5" ]; then
    echo digests
  fi
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

# copy_large FROM TO: as `cp -al`, by several processes, each with some of what lies two levels down.
copy_large() (
  cd -- "$1" && mkdir -m 00755 -- "$2" || exit
  find . -mindepth 1 -maxdepth 1 -type d -print0 | (cd -- "$2" && xargs -0 -r mkdir -m 00755 --) || exit
  find . -mindepth 1 -maxdepth 1 ! -type d -print0 | xargs -0 -r cp -al -t "$2" -- && copied=0 || copied=1
  find . -mindepth 2 -maxdepth 2 -print0 >"$2.below" || exit
  share_of "$2.below"
  xargs -0 -r -n "$share" -P "$share_width" cp -al --parents -t "$2" -- <"$2.below" || copied=1
  find "$2" -maxdepth 1 -type d -exec touch -d "@$published_time" -- {} +
  rm -f -- "$2.below"
  exit "$copied"
)

# copy_tree FROM TO [LARGE]: a tree of hard links; files that have too many already are copied.
# Whether it is complete, the listing tells in the end.
copy_tree() {
  if [ "${3:-no}" = yes ]; then
    copy_said=$(copy_large "$1" "$2" 2>&1) && return
  else
    copy_said=$(cp -al -- "$1" "$2" 2>&1) && return
  fi
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
