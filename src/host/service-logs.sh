# shellcheck shell=sh
# The logs of a job's services, for its guard: each is a pipe services/<name> that the guest writes to and a file
# service-logs/<name> outside what the guest sees, masked as the job's log is; docs/services.md.
# $services: their names.
services=${services:-} service_writers=''
: "${secrets:=no}"

make_service_logs() {
  [ -n "$services" ] || return 0
  mkdir services service-logs || return 1
  for service in $services; do
    identifier service
    { mkfifo "services/$service" && true >"service-logs/$service"; } || return 1
  done
}

# The log of the service $1, as far as it is kept: no more than 16 MiB of it, and what the disk takes; the rest is read, so that
# nobody waits for a reader. $2: whether its texts on stdin are masked, by the program $3.
# shellcheck disable=SC2016  # the inner shell's
service_log='
  keep() {
    head -c 16777216 || exit_status=1
    [ "$(head -c 1 | wc -c)" = 0 ] || printf "\npikaci: the rest is left out: this log is longer than 16 MiB\n"
    cat >/dev/null
    exit "${exit_status:-0}"
  }
  if [ "$2" = yes ]; then
    env -i PATH="$PATH" LC_ALL=C perl -e "$3" "services/$1" 0.2 /dev/null
  else
    cat "services/$1"
  fi | keep >"service-logs/$1"'

# `timeout` gives each pipeline a process group, and passes a signal on to all of it.
write_service_logs() {
  service_writers=''
  for service in $services; do
    printf '%s' "${mask_text?}" | unlocked exec setpriv --pdeathsig TERM timeout 0 \
      sh -c "$service_log" service-log "$service" "$secrets" "${mask_filter:?}" &
    service_writers="$service_writers $!"
  done
}

# end_service_logs: the guest has ended. Frees those that still wait for a first writer, and waits for the others as for the
# job's log (job-log.sh).
end_service_logs() {
  for service in $services; do : 1<>"services/$service"; done
  for service_writer in $service_writers; do
    log_limit=$((now + 1000)) asleep=0
    await "$service_writer" limit_service_log || true
  done
}
