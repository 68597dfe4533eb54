# shellcheck shell=sh
# Tells which artifacts are on this host, a `have` or `missing` frame each, and keeps those for this run; docs/needs.md.
# $digests: with spaces between.
: "${run_id:?}" "${digests:?}"
identifier run_id

mkdir -p "$work_dir/locks" || fail disk "cannot write in $work_dir"
take_lock "$fd_run" "run-$run_id" -s
for artifacts in $digests; do
  digest artifacts
  use_artifacts "$artifacts"
  if [ -d "$work_dir/artifacts/$artifacts" ]; then frame have "$artifacts"; else frame missing "$artifacts"; fi
done
frame end ''
