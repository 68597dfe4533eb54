# shellcheck shell=sh
# Runs a job that failed again, in a new guest of the same guard; docs/retries.md.
# $retries: how often at most. $attempt counts from 1; $attempts is how those that have ended did, as JSON.
: "${job_dir:?}" "${command_document?}"
retries=${retries:-0} attempt=1 attempts=''
number retries
total=$((retries + 1))

# write_command: what the guest runs. A job that may run again is told which attempt this is; to Nix, each is another build.
write_command() {
  {
    [ "$retries" = 0 ] || echo "export PIKACI_ATTEMPT=$attempt"
    printf %s "$command_document"
  } >"command"
}

# is_last: no other attempt follows this one, whatever becomes of it.
is_last() {
  [ "$attempt" = "$total" ]
}

# tell_times: when the command began and how long it ran, as JSON.
tell_times() {
  begun=null duration=null
  [ "$phase" = boot ] || duration=$(((finished - started) * 10)) begun="\"$started_at\""
}

# note_attempt: the verdict of the one that has ended, into $attempts.
note_attempt() {
  tell_times
  json_text "$message"
  attempts="$attempts${attempts:+,}{\"status\":\"$status\",\"exit_code\":$code,\"signal\":$signal,\"started_at\":$begun"
  attempts="$attempts,\"duration_ms\":$duration,\"message\":\"$json\"}"
}

# may_pass: another attempt may end otherwise, since the command itself ended this one. What the host or the client did, and a
# guest that did not boot, say nothing of the job.
may_pass() {
  case $status-$why in
    failed-* | timeout-timeout-run | timeout-timeout-silence) ;;
    *) return 1 ;;
  esac
}

# try_again: until an attempt says something that counts, or there is none left.
try_again() {
  [ "$retries" != 0 ] || return 0
  note_attempt
  while ! is_last && may_pass; do
    attempt=$((attempt + 1)) last=$json
    no_result
    begin_attempt || { phase=boot; return 0; }
    launch
    watch_guest
    decide
    note_attempt
  done
  judge_attempts
}

# judge_attempts: a pass that was not the first try is no plain pass.
judge_attempts() {
  [ "$attempt" != 1 ] || { attempts=''; return 0; }
  case $status in
    passed) status=flaky message="exit 0 at attempt $attempt of $total; the attempt before: $last" ;;
    failed | timeout) message="$message (attempt $attempt of $total)" ;;
  esac
}

# begin_attempt: fails when there is no use in another one, or when it cannot be made ready, which is then the verdict.
begin_attempt() {
  write_state starting boot
  if make_ready; then ready=yes; else ready=no; fi
  watch_client
  if [ "$client" != alive ]; then
    why=$client
    decide
  elif [ "$ready" = no ]; then
    message="disk: attempt $attempt of $total could not be made ready: $(disk_use)"
  else
    return 0
  fi
  timestamp
  finished_at=$stamp
  return 1
}

# make_ready: the job's directory is as it was before the attempt that failed. Where the disk is full, what that one left stays.
make_ready() {
  mkdir fresh fresh/private fresh/artifacts && clear_attempt && mv -T fresh/private private && mv -T fresh/artifacts artifacts &&
    rmdir fresh && write_command && make_service_logs && renew_caches && say_attempt
} 2>/dev/null

# clear_attempt: all goes that is not the guard's or the client's: what the runner made, and what the job left.
clear_attempt() {
  set --
  for thing in * .[!.]*; do
    case $thing in
      alive | attach* | cancel | collect* | control | launch | *.json | *.json.new | log | log.pipe | workspace | etc | prepared | needs) ;;
      fresh | secrets | caches | cache-work | touched | touch-time | '*' | '.[!.]*') ;;
      *) set -- "$@" "$thing" ;;
    esac
  done
  remove_tree "$@"
}

# say_attempt: for clients, with the place in the log where it begins; what stands in `control` before it is past.
say_attempt() {
  echo "attempt $attempt $total $(stat -c %s log) $last" >>control || return 1
  past=$(wc -l <control)
}
