# shellcheck shell=sh
# Holds a further connection open for its channels until the client ends it.
frame ready ''
lease_start
linger
lease_stop
