# shellcheck shell=sh
# The client's heartbeat on stdin, for programs that live as long as their client; docs/protocol.md.
# A line of input renews the lease; EOF and $lease_ms without a line end it; the line `cancel` asks to stop,
# the line `done` answers what the program asked for and sets $lease_done to 1; lines of a terminal go to the file $lease_input.
# Sets $client to alive, cancel, gone or silent.

lease_start() {
  number lease_ms
  # shellcheck disable=SC2034  # lease_done is read by programs that ask for something
  lease_beat=0 lease_cancel=0 lease_done=0 lease_eof=0 lease_eof_at=0 lease_late_at=0 client=alive
  trap 'lease_beat=1' USR1
  trap 'lease_cancel=1' HUP
  trap 'lease_done=1' ALRM
  trap 'lease_eof=1' USR2
  # shellcheck disable=SC2016  # $1 is the inner shell's
  beside unlocked exec setpriv --pdeathsig KILL sh -c '
    while IFS= read -r line; do
      case $line in
        cancel) kill -HUP "$1" ;;
        done) kill -ALRM "$1" ;;
        key\ * | size\ * | eof) [ -z "$2" ] || printf "%s\n" "$line" >>"$2" ;;
        *) kill -USR1 "$1" ;;
      esac
    done
    kill -USR2 "$1"' heartbeat "$$" "${lease_input:-}" >/dev/null 2>&1
  lease_reader=$!
  exec </dev/null
  centiseconds
  lease_end=$((now + lease_ms / 10))
}

# lease_check: call often; cheap.
lease_check() {
  centiseconds
  if [ "$lease_beat" = 1 ]; then
    lease_beat=0
    [ "$((now + lease_ms / 10 - lease_end))" -lt 500 ] || lease_late_at=$now
    lease_end=$((now + lease_ms / 10))
  fi
  if [ "$lease_eof" = 1 ]; then
    [ "$lease_eof_at" != 0 ] || lease_eof_at=$now
    client=gone
  elif [ "$now" -ge "$lease_end" ]; then
    client=silent
  elif [ "$lease_cancel" = 1 ]; then
    client=cancel
  fi
}

# lease_lost: the connection of a client that is gone broke: nothing was heard for 5 s before its end. A client that leaves is
# heard until its end. What a network held back is heard late, and the end comes soon after it.
lease_lost() {
  [ "$((lease_eof_at + lease_ms / 10 - lease_end))" -ge 500 ] ||
    { [ "$lease_late_at" != 0 ] && [ "$((lease_eof_at - lease_late_at))" -lt 500 ]; }
}

# lease_holds: somebody is to be served.
lease_holds() {
  lease_check
  case $client in gone | silent) return 1 ;; esac
}

# lease_stop: how the reader ends is no program's exit status.
lease_stop() {
  kill -KILL "$lease_reader" 2>/dev/null
  wait "$lease_reader" 2>/dev/null || true
}
