#!/bin/sh
# Starts a Redis that ends with the job, and runs each file of tests on an empty database.
set -eu
mkdir /tmp/data
redis-server --daemonize yes --dir /tmp/data --bind 127.0.0.1 ::1 --port 6379 --unixsocket /tmp/redis.sock \
  --save '' --appendonly no --logfile /artifacts/redis.log
trap 'redis-cli SHUTDOWN NOSAVE' EXIT

tries=0
until [ "$(redis-cli PING 2>/dev/null)" = PONG ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ]
  sleep 0.1
done
[ "$(redis-cli -s /tmp/redis.sock PING)" = PONG ]
[ "$(redis-cli -h localhost PING)" = PONG ]

failed=0
for file in tests/*.sh; do
  redis-cli FLUSHALL >/dev/null
  if sh -eu "$file"; then
    echo "ok      $file"
  else
    echo "failed  $file"
    failed=1
  fi
done
exit "$failed"
