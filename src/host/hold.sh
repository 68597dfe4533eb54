# shellcheck shell=sh
# Holds a further connection open for its channels until the client ends it.
number lease_ms
frame ready ''
lease_start
linger
lease_stop
