# shellcheck shell=sh
# Follows a job that runs or has run on this host, from byte $offset of its log and line $phases of its phases, and
# delivers what it left; docs/guard.md. $own: `yes` for the client of the run that lost its connection; $collect: `no`
# for who looks on while another client is to have the artifacts.
: "${run_id:?}" "${job:?}" "${offset:?}" "${phases:?}" "${own:?}" "${collect:?}" "${lease_ms:?}" "${artifact_bytes:?}"

run_dir=$work_dir/runs/$run_id
job_dir=$run_dir/jobs/$job

enter_job() {
  cd "$job_dir" 2>/dev/null || fail host "job $job of run $run_id is not on this host
hint: \`pikaci gc\` may have removed it; \`pikaci rerun $run_id\` runs it again"
  command exec 8>>"$work_dir/locks/run-$run_id" || fail disk "cannot write in $work_dir/locks"
  flock -s 8
}

# guard_lives: the guard, or what it had started, still holds the job.
guard_lives() {
  ! flock -n alive true 2>/dev/null
}

# mark STATE: the guard reads who keeps the job; the last one that took it over counts.
mark() {
  printf '%s %s %s\n' "$$" "$now" "$1" >"attached.$$" && mv -T "attached.$$" attached
}

# renew: this client's heartbeat, for the guard.
renew() {
  [ "$own" = yes ] || return 0
  { read -r owner _ <attached; } 2>/dev/null
  [ "$owner" = "$$" ] || return 0
  case $client in
    # After a silence it is the network's end, as in the guard: the client may come once more.
    gone) [ "$((lease_eof_at + lease_ms / 10 - lease_end))" -ge 500 ] || mark gone ;;
    cancel) true >cancel ;;
    *) [ "$lease_end" = "$marked" ] || { marked=$lease_end && mark alive; } ;;
  esac
}

check_client() {
  lease_check
  renew
  [ "$client" != cancel ] || true >cancel
  case $client in gone | silent) return 1 ;; esac
}

# await PID
await() {
  ticks=0
  until ended "$1"; do
    check_client || { kill -TERM "$1" 2>/dev/null; return 1; }
    ticks=$((ticks + 1))
    # A guard that was killed leaves the pipe behind, and the log is never over.
    [ "$((ticks % 20))" != 0 ] || guard_lives || rm -f log.pipe
    sleep 0.05
  done
  wait "$1"
}

# read_result: $result is the guard's; of a guard that was killed, what can be said for it.
read_result() {
  while guard_lives && [ ! -e result.json ]; do
    check_client || return 1
    sleep 0.05
  done
  result=$(cat result.json 2>/dev/null)
  [ -n "$result" ] || result=$(printf '{"schema_version":1,"run_id":"%s","job":"%s","status":"infra","exit_code":null,"signal":null,"timed_out":false,"started_at":null,"finished_at":"%s","duration_ms":null,"message":"host: the guard of this job was killed"}' \
    "$run_id" "$job" "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)")
}

send_rest() {
  if [ -e collected ] || [ ! -d artifacts ]; then
    frame result "$result"
    frame end 'all of it: another client has fetched it before'
    return 0
  fi
  kept=$(head -n 1 kept 2>/dev/null)
  grouped sh -c "$sender" attach-sender "$result" "$artifact_bytes" "$kept" 5>&- 8>&- &
  await "$!"
}

enter_job
lease_start
marked=$lease_end
[ "$own" = no ] || mark alive
grouped sh -c "$streamer" attach-streamer "$offset" "$phases" 8>&- &
await "$!" && read_result || exit 0
if [ "$collect" = no ]; then
  frame result "$result"
  frame end 'all of it: the client of the run fetches it'
  exit 0
fi
command exec 5>>collecting || fail disk "cannot write in $job_dir"
until flock -w 1 5; do check_client || exit 0; done
lease_done=0
send_rest || exit 0
until [ "$lease_done" = 1 ]; do
  check_client || [ "$lease_done" = 1 ] || exit 0
  sleep 0.02
done
# The guard may still write its last words.
flock alive true
rm -rf private prepared secrets
[ -e kept ] || rm -rf artifacts workspace
! grep -q /run/pikaci/secrets command || rm -f log
true >collected
true >"$run_dir/keep"
lease_stop
