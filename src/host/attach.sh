# shellcheck shell=sh
# Follows a job that runs or has run on this host, from byte $offset of its log and line $phases of its phases, and
# delivers what it left; docs/guard.md. $own: `yes` for the client of the run that lost its connection; $collect: `no`
# for who looks on while another client is to have the artifacts.
: "${run_id:?}" "${job:?}" "${offset:?}" "${phases:?}" "${own:?}" "${collect:?}" "${lease_ms:?}" "${artifact_bytes:?}"
identifier run_id
job_name job
number offset phases lease_ms artifact_bytes
known own yes no
known collect yes no

run_dir=$work_dir/runs/$run_id
job_dir=$run_dir/jobs/$job

enter_job() {
  cd "$job_dir" 2>/dev/null || fail host "job $job of run $run_id is not on this host
hint: \`pikaci gc\` may have removed it; \`pikaci rerun $run_id\` runs it again"
  take_lock "$fd_run" "run-$run_id" -s
}

# guard_lives: the guard, or what it had started, still holds the job.
guard_lives() {
  ! is_free alive
}

# mark STATE: the guard reads who keeps the job and when it was last heard; the last one that took it over counts.
# A client marks it again only while it is still that one, which a lock decides.
mark() {
  # shellcheck disable=SC2016  # the inner shell's
  flock attaching sh -c '
    { [ "$4" = no ] || { read -r owner _ <attached && [ "$owner" = "$1" ]; }; } 2>/dev/null || exit 0
    printf "%s %s %s\n" "$1" "$2" "$3" >"attached.$1" && mv -T "attached.$1" attached' \
    mark "$$" "$((lease_end - lease_ms / 10))" "$1" "$took_over"
}

# renew: this client's heartbeat, for the guard.
renew() {
  [ "$own" = yes ] || return 0
  { read -r owner _ <attached; } 2>/dev/null
  [ "$owner" = "$$" ] || return 0
  case $client in
    # A connection that ends after a silence, or within 5 s of its beginning, broke: the client may come back.
    gone) if lease_lost || [ "$lease_eof_at" -lt "$((began + 500))" ]; then mark lost; else mark gone; fi ;;
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

# check_log: a guard that was killed leaves the pipe behind, and the log is never over.
check_log() {
  check_client || return
  [ "$((looks % 10))" != 0 ] || guard_lives || rm -f log.pipe
}

# read_result: $result is the guard's; of a guard that was killed, what can be said for it.
read_result() {
  looks=0
  while guard_lives && [ ! -e result.json ]; do
    check_client || return 1
    nap
  done
  result=$(cat result.json 2>/dev/null)
  [ -n "$result" ] || killed_result
}

killed_result() {
  message="host: the guard of this job was killed"
  timestamp
  finished_at=$stamp
  result_json
}

send_rest() {
  if [ -e collected ] || [ ! -d artifacts ]; then
    frame result "$result"
    frame end 'all of it: another client has fetched it before'
    return 0
  fi
  kept=$(head -n 1 kept 2>/dev/null)
  unlocked grouped sh -c "$sender" attach-sender "$result" "$artifact_bytes" "$kept" &
  await "$!" check_client
}

enter_job
lease_start
began=$now marked=$lease_end took_over=no
[ "$own" = no ] || { mark alive && took_over=yes; }
unlocked grouped sh -c "$streamer" attach-streamer "$offset" "$phases" &
await "$!" check_log && read_result || exit 0
if [ "$collect" = no ]; then
  frame result "$result"
  frame end 'all of it: the client of the run fetches it'
  exit 0
fi
open_fd "$fd_turn" collecting || fail disk "cannot write in $job_dir"
await_lock "$fd_turn" check_client || exit 0
lease_done=0
send_rest && await_done check_client || exit 0
# The guard may still write its last words.
flock alive true
remove_tree private prepared needs secrets services
[ -e kept ] || remove_tree artifacts workspace
! grep -q /run/pikaci/secrets command || remove_tree log service-logs
true >collected
true >"$run_dir/keep"
lease_stop
