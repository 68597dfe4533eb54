#!/bin/sh
# A PostgreSQL with an empty database, in the foreground, as a service has to be.
set -eu
for bin in /usr/lib/postgresql/*/bin; do PATH=$bin:$PATH; done
initdb --no-sync --auth=trust --encoding=UTF8 --locale=C.UTF-8 --pgdata=/tmp/data
exec postgres -D /tmp/data -F -k /tmp
