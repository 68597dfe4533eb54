#!/bin/sh
# Starts a PostgreSQL that ends with the job, loads the schema, and runs each file of tests in a transaction of its own.
set -eu
for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done
export PGDATA=/tmp/data PGHOST=localhost PGDATABASE=postgres

initdb --no-sync --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/artifacts/initdb.log
pg_ctl start --wait --silent --log=/artifacts/postgresql.log --options='-F -k /tmp'
trap 'pg_ctl stop --silent --mode=immediate' EXIT

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
