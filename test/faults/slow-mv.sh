#!/bin/sh
# In front of the lab host's mv: waits around the rename that publishes a snapshot, while a flag file exists.
for last; do :; done
case $last in
*/snapshots/*) ;;
*) exec /usr/bin/mv "$@" ;;
esac
hold() {
  [ -e "/run/faults/$1-mv" ] || return
  : >/run/faults/at-mv
  while [ -e "/run/faults/$1-mv" ]; do sleep 0.05; done
}
hold before
/usr/bin/mv "$@"
status=$?
hold after
exit "$status"
