# shellcheck shell=sh
# Keeps what an earlier run used from being collected, or lets go of it: $pin is `yes` or `no`; $git_hash: the snapshot with
# a repository that its jobs saw, or empty.
: "${run_id:?}" "${content_hash:?}" "${pin:?}"
git_hash=${git_hash:-}
identifier run_id
digest content_hash
[ -z "$git_hash" ] || digest git_hash
known pin yes no

run_dir=$work_dir/runs/$run_id
# $git_hash may be empty.
# shellcheck disable=SC2086
set -- "$content_hash" $git_hash
if [ "$pin" = no ]; then
  rm -f "$run_dir/pin"
else
  for hash; do
    [ -d "$work_dir/snapshots/$hash/snapshot" ] || fail host "the snapshot $hash of run $run_id is no longer on this host
hint: what is gone cannot be pinned; \`pikaci run\` publishes the tree as it is now"
  done
  { mkdir -p "$run_dir" && true >"$run_dir/keep" && printf 'snapshots/%s\n' "$@" >"$run_dir/pin"; } 2>/dev/null ||
    fail disk "cannot write in $run_dir"
fi
frame end ''
