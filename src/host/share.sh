# shellcheck shell=sh
# Takes verdicts that the client shares; docs/shared-verdicts.md. $names: a line KEY NAME for each, whose document follows on stdin.
: "${names:?}"

share_dir=$work_dir/verdicts
staging=''
trap '[ -z "$staging" ] || rm -f -- "$staging"' EXIT
mkdir -p "$work_dir/locks" "$work_dir/tmp" "$share_dir" || fail disk "cannot write in $work_dir"

# keep_newest DIR: more than some documents under one key are of use to nobody.
keep_newest() {
  kept=0
  # shellcheck disable=SC2045  # names are digests
  for old in $(ls -1t "$1"); do
    kept=$((kept + 1))
    [ "$kept" -le 16 ] || ! is_digest "$old" || rm -f -- "${1:?}/$old"
  done
}

# A word each. What has no newline ends the last one.
# shellcheck disable=SC2086
set -- $names
while [ "$#" -gt 1 ]; do
  key=$1 name=$2
  shift 2
  digest key name
  use_thing "$key"
  staging=$(mktemp "$work_dir/tmp/verdict.XXXXXXXX" 2>&1) || fail disk "cannot write in $work_dir/tmp: $staging"
  take_file "$staging" "a verdict"
  { [ -d "$share_dir/$key" ] || mkdir "$share_dir/$key"; } 2>/dev/null
  # Whoever has the same document has shared it already, and its bytes are the same.
  said=$(place "$staging" "$share_dir/$key/$name" 2>&1) || fail disk "the verdict cannot be kept: $said"
  staging=''
  keep_newest "$share_dir/$key"
  close_fd "$fd_thing"
done
frame end ''
