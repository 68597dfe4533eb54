# shellcheck shell=sh
# What the launchers of virtual machines have in common: servers of shares, the machine's words, its end.
# A launcher has `control`, `fail`, `tell_machine WORD`, `machine_gone` and $hypervisor, and private/control.out is a pipe.
: "${hypervisor:?}" "${machine_accel:?}" "${machine_silence_s:?}"

# What stands in `control` and in the log already is that of an earlier attempt.
said_before=$(wc -l <control) logged_before=$(stat -c %s log)

# has_verdict: the machine, or who attends it, has said how this attempt ended.
has_verdict() {
  tail -n "+$((said_before + 1))" control | grep -q '^exit \|^unready \|^error '
}

# unprivileged: $account becomes the words that make a process nobody's, where the host's account is root.
unprivileged() {
  account='' group=65534
  [ "$machine_accel" != kvm ] || group=$(stat -c %g /dev/kvm)
  words="setpriv --pdeathsig KILL --reuid=65534 --regid=$group --clear-groups --inh-caps=-all --bounding-set=-all"
  # shellcheck disable=SC2086  # words
  ! $words true 2>/dev/null || account=$words
}

# serve NAME COMMAND…: in the background, until private/NAME.sock is there; its end is told to the listener.
serve() {
  server=$1
  shift
  (
    "$@" >"private/$server.log" 2>&1
    echo "server-ended $server $?" 1<>private/control.out
  ) &
  tries=0
  until [ -S "private/$server.sock" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 500 ] || fail "$1 does not start: $(tail -n 1 "private/$server.log")"
    sleep 0.02
  done
  [ -z "$account" ] || chmod 666 "private/$server.sock"
}

# serve_passt PROGRAM: without the gateway's mapping nothing that listens on the host's loopback can be reached.
serve_passt() {
  serve network "$1" --foreground --one-off --quiet --socket private/network.sock --ipv4-only \
    --address 10.0.2.15 --netmask 255.255.255.0 --gateway 10.0.2.2 --no-map-gw --dns-forward 10.0.2.3 \
    --tcp-ports none --udp-ports none
}

# end_machine PID TEXT: an error, and the machine's end.
end_machine() {
  control "error $2"
  kill -KILL "$1" 2>/dev/null
}

# log_bytes: how much of what was printed has come to the log; what is masked has another length there, and is counted.
log_bytes() {
  if [ -s log.read ]; then cat log.read; else echo "$(($(stat -c %s log) - logged_before))"; fi
}

# await_log BYTES: what the job printed passes through the guard; it is there before the verdict.
await_log() {
  case $1 in '' | *[!0-9]*) return ;; esac
  tries=0
  while [ "$(log_bytes)" -lt "$1" ] && [ "$tries" -lt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
}

# listen PID: takes the machine's words, as few and as short as they have to be, and those of the servers.
listen() {
  verdict='' words=0
  while [ "$words" -lt 64 ] && IFS= read -r line; do
    kill -USR1 "$$"
    [ -z "$verdict" ] || continue
    case $line in
      start | "workspace read-only" | "workspace overlay" | "workspace copy" | "note "* | "unenforced "*)
        words=$((words + 1))
        control "$line"
        ;;
      "logged "*) await_log "${line#logged }" ;;
      "exit "*[!0-9]* | "exit ") ;;
      "exit "* | "unready "* | "error "*)
        verdict=$line
        control "$line"
        tell_machine bye
        ;;
      "server-ended "*)
        sleep 0.3
        kill -0 "$1" 2>/dev/null || continue
        verdict=ended
        end_machine "$1" "the server of the machine's share or network ended (${line#server-ended }): $(cat private/*.log | tail -n 1)"
        ;;
    esac
  done <private/control.out
}

# count_silence: five seconds more, or the part of them that each of the processes that want a core now has had.
count_silence() {
  read -r _ _ _ wanting _ </proc/loadavg
  wanting=${wanting%%/*}
  cores=$(grep -c '^processor' /proc/cpuinfo) || cores=1
  [ "$wanting" -gt "$cores" ] || wanting=$cores
  silent=$((silent + 5000 * cores / wanting))
}

# attend PID [SECONDS]: until the machine has ended; why, if it said no verdict. It may be silent for SECONDS more before
# its first word, where it boots for longer than that.
attend() {
  machine=$1 silent=-$((1000 * ${2:-0}))
  trap 'silent=0' USR1
  trap count_silence USR2
  trap 'tell_machine stop' TERM
  listen "$machine" &
  listener=$!
  while sleep 5; do kill -USR2 "$$" || exit; done &
  while kill -0 "$machine" 2>/dev/null; do
    wait "$machine"
    status=$?
    [ "$silent" -lt $((1000 * machine_silence_s)) ] ||
      end_machine "$machine" "nothing was heard of the machine for $((silent / 1000)) s"
  done
  machine_gone
  # Frees a listener that waits for the first writer.
  : 1<>private/control.out
  # The signals above interrupt a wait, and the verdict may still lie in the pipe.
  while kill -0 "$listener" 2>/dev/null; do wait "$listener"; done
  explain_end "$status"
}

# explain_end STATUS: why there is no verdict, from the console.
explain_end() {
  ! has_verdict || return 0
  panic=$(sed -n 's/.*Kernel panic - not syncing: *//p' console | head -n 1)
  said=$(sed -n 's/^.*pikaci: //p' console | head -n 1)
  tail -n 20 console
  if [ -n "$panic" ]; then
    control "error the machine's kernel panicked: $panic"
  elif [ -n "$said" ]; then
    control "error the machine did not boot: $said"
  else
    control "error $hypervisor ended without a verdict (status $1): $(tail -n 1 private/machine.log)"
  fi
}
