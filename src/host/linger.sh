# shellcheck shell=sh
# For programs that only live as long as their client; needs lease.sh.

# linger: returns when the client is no longer alive. A signal between the check and the wait costs two seconds.
linger() {
  : "${client:?}"
  sleeper=''
  while :; do
    if [ -z "$sleeper" ] || ! kill -0 "$sleeper" 2>/dev/null; then
      unlocked exec sleep 2 &
      sleeper=$!
    fi
    lease_check
    [ "$client" = alive ] || break
    wait "$sleeper"
  done
  kill -KILL "$sleeper" 2>/dev/null
}
