# shellcheck shell=sh
# Sends artifacts that the host keeps, one after the other: `begin` or `missing` with the digest, `part` frames, `whole`;
# docs/shared-verdicts.md. $digests: with spaces between.
: "${run_id:?}" "${digests:?}" "${share_dir:?}"
identifier run_id

mkdir -p "$work_dir/locks" || fail disk "cannot write in $work_dir"
take_lock "$fd_run" "run-$run_id" -s
for artifacts in $digests; do
  digest artifacts
  use_artifacts "$artifacts"
  tree=$work_dir/artifacts/$artifacts
  bytes=''
  [ -d "$tree" ] || tree=$share_dir/artifacts/$artifacts
  [ ! -d "$tree" ] || [ -L "$tree" ] || bytes=$(tar_bytes "$tree")
  if [ -n "$bytes" ]; then
    frame begin "$artifacts"
    tar_padded "$tree" | send_parts part "$bytes" || exit 1
    frame whole ''
  else
    frame missing "$artifacts"
  fi
done
frame end ''
