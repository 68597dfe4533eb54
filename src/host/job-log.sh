# shellcheck shell=sh
# A job's log, for its guard: from the pipe to the file, and from there to the client; docs/guard.md.
: "${secrets:=no}" "${log_pause:=0.1}"

# write_log: log.pipe → log; what is masked never comes on the disk. A pipe has it, as a here-document may be a file.
write_log() {
  if [ "$secrets" = yes ]; then
    printf '%s' "$mask_text" | unlocked exec env -i PATH="$PATH" LC_ALL=C perl -e "$mask_filter" log.pipe 0.2 log.read >>log &
  else
    unlocked exec cat <log.pipe >>log &
  fi
  log_writer=$!
  ! is_last || mask_text=''
}

# stream_log: to the client, until the log is closed; of all attempts.
stream_log() {
  unlocked grouped sh -c "$streamer" guard-streamer 0 0 "$log_pause" &
  stream=$!
}

# close_log: no other attempt follows.
close_log() {
  rm -f log.pipe
  wake_streamer "$stream"
}

# Its writer ends with the last descriptor of the pipe. A job with the host's network can hand one to a process outside:
# then the writer sleeps, look after look. One that waits for its turn or for the disk has something to write.
end_log() {
  log_limit=$((now + 1000)) asleep=0
  await "$log_writer" limit_log
  log_status=$?
  end_service_logs
  rm -f log.read
}

# limit_service_log: as limit_log, for one whose children do the writing.
limit_service_log() {
  watch_client
  case $client in gone | silent) return 1 ;; esac
  asleep=$((asleep + 1))
  [ "$now" -lt "$log_limit" ] || [ "$asleep" -lt 100 ]
}

limit_log() {
  watch_client
  case $client in gone | silent) log_limit=$now asleep=100 ;; esac
  [ "$process_state" != S ] || asleep=$((asleep + 1))
  [ "$now" -lt "$log_limit" ] || [ "$asleep" -lt 100 ] || kill -KILL "$log_writer" 2>/dev/null || true
}
