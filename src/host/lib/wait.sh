# shellcheck shell=sh
# Waiting for a child, a lock or the client, while something is looked at on the way; needs process.sh.
# CHECK is a command that fails when there is nothing to wait for any more; it may end the program.

# Since the last nap a child has ended.
stirred=''
trap 'stirred=yes' CHLD

# nap: between two looks: 0.02 s for the first half second, then 0.1 s. Who begins to look sets $looks to 0. The end of a
# child and what the client says (lease.sh) end it at once; one that comes just as it begins waits for its end.
nap() {
  looks=$((looks + 1))
  if [ "$looks" -lt 25 ]; then sleep 0.02 & else sleep 0.1 & fi
  napper=$!
  [ -n "$stirred" ] || wait "$napper"
  ended "$napper" || { kill -KILL "$napper" && wait "$napper"; }
  stirred=''
} 2>/dev/null

# await PID CHECK…: until this child has ended; its status. It is told to end when CHECK fails.
await() {
  awaited=$1 looks=0
  shift
  until ended "$awaited"; do
    "$@" || { kill -TERM "$awaited" 2>/dev/null; return 1; }
    nap
  done
  status_of "$awaited"
}

# status_of PID: of a child that has exited. A signal of ours interrupts `wait` even then, and its status looks like that of
# a child that a signal ended: a program with threads has exited some time before the last of them lets it be waited for.
status_of() {
  wait "$1" && child_status=0 || child_status=$?
  while [ "$child_status" -gt 128 ]; do
    is_child "$1" && again=yes || again=no
    wait "$1" 2>/dev/null && next_status=0 || next_status=$?
    [ "$next_status" != 127 ] || break
    child_status=$next_status
    [ "$again" = yes ] || break
  done
  return "$child_status"
}

# await_lock NUMBER CHECK…: until the lock of this descriptor is ours alone.
await_lock() {
  awaited=$1
  shift
  until flock -w 1 "$awaited"; do "$@" || return 1; done
}

# await_done CHECK…: until the client has said `done`, which counts once; needs lease.sh.
await_done() {
  looks=0
  until [ "$lease_done" = 1 ]; do
    "$@" || [ "$lease_done" = 1 ] || return 1
    nap
  done
  lease_done=0
}

# within CENTISECONDS COMMAND…: until it succeeds; fails when that takes longer.
within() {
  centiseconds
  limit=$((now + $1)) looks=0
  shift
  until "$@"; do
    centiseconds
    [ "$now" -lt "$limit" ] || return 1
    nap
  done
}
