# shellcheck shell=sh
# For programs that only live as long as their client; needs lease.sh.

# linger: returns when the client is no longer alive; starts one process every two seconds.
linger() {
  : "${client:?}"
  while [ "$client" = alive ]; do
    sleep 2 9>&- &
    while [ "$client" = alive ] && kill -0 "$!" 2>/dev/null; do
      wait "$!"
      lease_check
    done
  done
  kill -KILL "$!" 2>/dev/null
}
