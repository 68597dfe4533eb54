# shellcheck shell=sh
# Keeps what an earlier run used from being collected, or lets go of it: $pin is `yes` or `no`.
: "${run_id:?}" "${content_hash:?}" "${pin:?}"
identifier run_id
digest content_hash
known pin yes no

run_dir=$work_dir/runs/$run_id
if [ "$pin" = no ]; then
  rm -f "$run_dir/pin"
elif [ ! -d "$work_dir/snapshots/$content_hash/snapshot" ]; then
  fail host "the snapshot $content_hash of run $run_id is not on this host any more
hint: what is gone cannot be pinned; \`pikaci run\` publishes the tree as it is now"
else
  { mkdir -p "$run_dir" && true >"$run_dir/keep" && echo "snapshots/$content_hash" >"$run_dir/pin"; } 2>/dev/null ||
    fail disk "cannot write in $run_dir"
fi
frame end ''
