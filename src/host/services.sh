# shellcheck shell=sh
# shellcheck disable=SC2154  # each service's variables are set by name
# In the guest, in the place of a job's command: starts its services, waits until all are ready, runs the command, ends them;
# docs/services.md. For each service 1 … $service_count: $service_name_N, $service_start_N and $service_ready_N, which are
# scripts (an empty one: ready at once), and $service_within_N, milliseconds. $job_script: the command, a script, too.
# What became of a service goes to /run/pikaci/told, a line each, which only explains a verdict that is a failure anyway.
: "${service_count:?}" "${job_script:?}"

state=/run/pikaci/state stopped=no
# A session of its own: TERM then reaches all that a service started, and what ends the command does not end it.
own_session=$(command -v setsid) || own_session=''
cores=$(grep -c '^processor' /proc/cpuinfo) || cores=1
mkdir -p "$state" || exit 1

# read_clock: $now, in hundredths of a second.
read_clock() {
  read -r up _ </proc/uptime
  now=$((${up%.*} * 100 + 1${up#*.} - 100))
}

# count_time: takes from $left the hundredths of a second since $looked_at that this machine was quiet: while more
# processes want a core than there are cores, a second counts for their share of it (docs/deadlines.md).
count_time() {
  read_clock
  read -r _ _ _ wanting _ </proc/loadavg
  wanting=${wanting%%/*}
  [ "$wanting" -gt "$cores" ] || wanting=$cores
  left=$((left - (now - looked_at) * cores / wanting)) looked_at=$now
}

# run_service N: all its life; its output is its log. The inner shell's status is that of the service.
run_service() {
  eval "start=\$service_start_$1 ready=\$service_ready_$1 left=\$((service_within_$1 / 10))"
  printf '%s\n' "$start" >"$state/$1.start"
  (
    trap : TERM
    # What this shell says of a child that a signal ended is no output of the service.
    exec 3>&2 2>/dev/null
    # shellcheck disable=SC2016  # the inner shell's
    (exec $own_session sh -c 'echo "$$" >"$1.pid.new" && mv "$1.pid.new" "$1.pid" && . "$1.start"' service "$state/$1" </dev/null 2>&3 3>&-)
    echo "$?" >"$state/$1.ended.new" && mv "$state/$1.ended.new" "$state/$1.ended"
  ) &
  starter=$!
  exec 2>/dev/null
  if [ -z "$ready" ]; then true >"$state/$1.ready"; else await_ready "$1"; fi
  wait "$starter"
}

# await_ready N: tries again and again; of what the tries say, only the last is kept, for the log of a service that never is.
await_ready() {
  printf '%s\n' "$ready" >"$state/$1.probe"
  read_clock
  looked_at=$now
  until [ -e "$state/$1.ended" ]; do
    rm -f "$state/$1.status"
    (
      sh "$state/$1.probe" </dev/null >"$state/$1.saying" 2>&1
      code=$?
      mv "$state/$1.saying" "$state/$1.said" && echo "$code" >"$state/$1.status"
    ) &
    until [ -s "$state/$1.status" ] || [ -e "$state/$1.ended" ] || [ "$left" -le 0 ]; do sleep 0.1; count_time; done
    if [ -s "$state/$1.status" ] && [ "$(cat "$state/$1.status")" = 0 ]; then
      true >"$state/$1.ready"
      return
    elif [ "$left" -le 0 ]; then
      echo "pikaci: not ready within its readyTimeout; the last try of its ready command said:"
      # The last that has ended, or one that never did.
      if [ -e "$state/$1.said" ]; then tail -c 4096 "$state/$1.said"; else tail -c 4096 "$state/$1.saying"; fi
      true >"$state/$1.late"
      return
    fi
    sleep 0.1
    count_time
  done
}

# tell WORDS…: to the runner, and for people to the job's log.
tell() {
  printf '%s\n' "$1" >>/run/pikaci/told
  echo "pikaci: $2" >&2
}

# all_ready: returns 1 while one is not; ends the job when one never will be.
all_ready() {
  waiting=0 n=0
  while [ "$n" -lt "$service_count" ]; do
    n=$((n + 1))
    eval "name=\$service_name_$n"
    if [ -s "$state/$n.ended" ]; then
      code=$(cat "$state/$n.ended")
      if [ -e "$state/$n.ready" ]; then when="the command started"; else when="it was ready"; fi
      tell "unready $name $code $when" "service $name ended with exit $code before $when"
      give_up 1
    elif [ -e "$state/$n.late" ]; then
      eval "tell \"late $name \$service_within_$n\"" "'service $name was not ready in time'"
      give_up 1
    elif [ ! -e "$state/$n.ready" ]; then
      waiting=1
    fi
  done
  return "$waiting"
}

# tell_dead: of services that have ended by themselves by now.
tell_dead() {
  n=0
  while [ "$n" -lt "$service_count" ]; do
    n=$((n + 1))
    eval "name=\$service_name_$n"
    [ ! -s "$state/$n.ended" ] || tell "died $name $(cat "$state/$n.ended")" "service $name had ended with exit $(cat "$state/$n.ended")"
  done
}

# signal_services NAME: to those that run still; 1 when there are none.
signal_services() {
  running=1 n=0
  while [ "$n" -lt "$service_count" ]; do
    n=$((n + 1))
    [ ! -e "$state/$n.ended" ] && read -r pid <"$state/$n.pid" || continue
    running=0
    if [ -n "$own_session" ]; then kill "-$1" "-$pid"; else kill "-$1" "$pid"; fi
  done 2>/dev/null
  return "$running"
}

# stop_services: TERM, then for what is left after 5 s KILL; what ends how says nothing of the job.
stop_services() {
  signal_services TERM || return 0
  read_clock
  stop_by=$((now + 500))
  while [ "$now" -lt "$stop_by" ]; do
    signal_services 0 || return 0
    sleep 0.05
    read_clock
  done
  signal_services KILL
  sleep 0.1
}

# give_up STATUS: the end of a job whose command was not started.
give_up() {
  stop_services
  exit "$1"
}

trap 'stopped=yes' TERM
n=0
while [ "$n" -lt "$service_count" ]; do
  n=$((n + 1))
  eval "name=\$service_name_$n"
  (trap : TERM; run_service "$n") >>"/run/pikaci/services/$name" 2>&1 </dev/null &
done
until all_ready; do
  [ "$stopped" = no ] || give_up 143
  sleep 0.1
done
[ "$stopped" = no ] || give_up 143
printf '%s\n' "$job_script" >"$state/command"
sh "$state/command"
status=$?
if [ "$status" != 0 ] && [ "$stopped" = no ]; then
  # One that has just ended may be why.
  sleep 0.1
  tell_dead
fi
stop_services
exit "$status"
