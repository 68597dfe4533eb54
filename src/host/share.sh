# shellcheck shell=sh
# Takes verdicts that the client shares; docs/shared-verdicts.md. $names: a line KEY NAME DIGEST for each, whose document follows
# on stdin; DIGEST: what the host keeps its artifacts as, or `-`.
: "${names:?}" "${share_dir:?}" "${in_group:?}"

staging=''
trap '[ -z "$staging" ] || remove_tree "$staging" 2>/dev/null' EXIT
# The directory's group may read what is in a group's directory, and remove it.
[ "$in_group" = no ] || umask 007
mkdir -p "$work_dir/locks" "$share_dir/verdicts" "$share_dir/artifacts" "$share_dir/tmp" || fail disk "cannot write in $share_dir"

# stage: an empty directory of this program.
stage() {
  [ "$in_group" = yes ] || { make_staging verdict && staging=$staged && return; }
  staging=$(mktemp -d "$share_dir/tmp/verdict.XXXXXXXX" 2>&1) || fail disk "cannot write in $share_dir/tmp: $staging"
}

# keep_newest DIR: more than some documents under one key are of use to nobody.
keep_newest() {
  kept=0
  # shellcheck disable=SC2045  # names are digests
  for old in $(ls -1t "$1"); do
    kept=$((kept + 1))
    [ "$kept" -le 16 ] || ! is_digest "$old" || rm -f -- "${1:?}/$old"
  done
}

# hand_out DIGEST: other accounts cannot look into this one's work dir. What is there already has the same name, and each client
# compares what it gets with what was signed.
hand_out() {
  if [ "$in_group" = no ] || [ "$1" = - ] || [ -d "$share_dir/artifacts/$1" ]; then return; fi
  digest artifacts
  mkdir "$staging/tree" && chmod 0750 "$staging/tree" &&
    cp -dRT --preserve=mode,links,timestamps --sparse=auto -- "$work_dir/artifacts/$1" "$staging/tree" &&
    find "$staging/tree" -type d -exec chmod g+rwx {} + && find "$staging/tree" -type f -exec chmod g+r {} + &&
    mv -T -n -- "$staging/tree" "$share_dir/artifacts/$1"
}

# A word each.
# shellcheck disable=SC2086
set -- $names
while [ "$#" -gt 2 ]; do
  key=$1 name=$2 artifacts=$3
  shift 3
  digest key name
  use_thing "$key"
  stage
  take_file "$staging/document" "a verdict"
  said=$(hand_out "$artifacts" 2>&1) || fail disk "the artifacts of a verdict cannot be shared: $said"
  [ "$in_group" = no ] || chmod 0640 "$staging/document"
  { [ -d "$share_dir/verdicts/$key" ] || mkdir "$share_dir/verdicts/$key"; } 2>/dev/null
  # Whoever has the same document has shared it already, and its bytes are the same.
  said=$(place "$staging/document" "$share_dir/verdicts/$key/$name" 2>&1) || fail disk "the verdict cannot be kept: $said"
  remove_tree "$staging" 2>/dev/null
  staging=''
  keep_newest "$share_dir/verdicts/$key"
  close_fd "$fd_thing" "$fd_stage"
done
frame end ''
