# shellcheck shell=sh
# Gives a job that has ended to the guard's client; needs lease.sh, process.sh and feed.sh.
: "${artifact_bytes:?}"

# await PID: until it ends, or the client does; a client that was replaced is none.
await() {
  until ended "$1"; do
    lease_check
    [ ! -e attached ] || client=gone
    case $client in gone | silent) kill -TERM "$1" 2>/dev/null; return 1 ;; esac
    sleep 0.05
  done
  wait "$1"
}

# deliver: succeeds when the client says that it has stored all of it. What it does not take stays for attach.sh.
deliver() {
  [ "$detached" = no ] && await "$stream" || return 1
  command exec 5>collecting && flock -n 5 || return 1
  lease_done=0
  grouped sh -c "$sender" guard-sender "$result" "$artifact_bytes" "$kept" 5>&- 6>&- 8>&- 9>&- &
  await "$!" || return 1
  until [ "$lease_done" = 1 ]; do
    lease_check
    case $client in gone | silent) [ "$lease_done" = 1 ] || return 1 ;; esac
    sleep 0.02
  done
}
