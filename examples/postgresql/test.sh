#!/bin/sh
# Loads the schema into the job's PostgreSQL, and runs each file of tests in a transaction of its own.
set -eu
for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done

sql() {
  psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null "$@"
}

sql --file=schema.sql
failed=0
for file in tests/*.sql; do
  if { echo 'BEGIN;' && cat "$file" && echo ';ROLLBACK;'; } | sql; then
    echo "ok      $file"
  else
    echo "failed  $file"
    failed=1
  fi
done
exit "$failed"
