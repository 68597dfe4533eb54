# shellcheck shell=sh
# Ends jobs of a run that no client keeps, and says so when nothing of them is left; docs/guard.md.
# $jobs: names, a line each; empty: all of the run's.
: "${run_id:?}" "${jobs?}" "${wait_s:?}"
identifier run_id
number wait_s

cd "$work_dir/runs/$run_id/jobs" 2>/dev/null || fail host "run $run_id is not on this host
hint: \`pikaci status $run_id\` shows what is known of it here"
[ -n "$jobs" ] || jobs=$(ls)
while IFS= read -r job; do
  [ -n "$job" ] || continue
  job_name job
  [ -d "$job" ] || fail host "run $run_id has no job $job on this host"
  [ -e "$job/result.json" ] || true >"$job/cancel" || fail disk "cannot write in $PWD/$job"
done <<END
$jobs
END
# The lock is free when the guard and the first process of the namespace have ended, and then all of it has.
centiseconds
end=$((now + wait_s * 100))
while IFS= read -r job; do
  [ -n "$job" ] || continue
  within "$((end - now))" is_free "$job/alive" || fail host "job $job still runs $wait_s s after it was told to end"
  frame ended "$job
$(cat "$job/result.json" 2>/dev/null)"
done <<END
$jobs
END
frame end ''
