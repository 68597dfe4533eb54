# shellcheck shell=sh
# Tells which jobs of a run are on this host, and what is known of each.
: "${run_id:?}"
identifier run_id

cd "$work_dir/runs/$run_id/jobs" 2>/dev/null || fail host "run $run_id is not on this host
hint: name the host it ran on with \`--on\`; \`pikaci gc\` may have removed it"
for job in *; do
  [ -d "$job" ] || continue
  if is_free "$job/alive"; then lives=no; else lives=yes; fi
  frame job "$job
$lives
$(cat "$job/result.json" 2>/dev/null)"
done
frame end ''
