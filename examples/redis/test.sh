#!/bin/sh
# Runs each file of tests on an empty database of the job's Redis.
set -eu
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
