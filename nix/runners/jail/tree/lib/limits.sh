# shellcheck shell=sh
# A job's limits: a control group of its own where this account may make one, else what the kernel counts a process.
: "${launch_memory?}" "${launch_processes?}" "${launch_file_size?}" "${launch_open_files?}"

# make_cgroup: $cgroup becomes a group below this process's own or one above it; empty when none may be made.
make_cgroup() {
  cgroup=''
  mounted=$(sed -n 's/^[^ ]* \([^ ]*\) cgroup2 .*/\1/p' /proc/mounts | head -n 1)
  own=$(sed -n 's/^0:://p' /proc/self/cgroup)
  [ -n "$mounted" ] || return 0
  while :; do
    try_cgroup "$mounted$own" && return 0
    case $own in '' | /) return 0 ;; esac
    own=${own%/*}
  done
}

# try_cgroup DIRECTORY: fails when no group with both controllers can be made there and entered.
try_cgroup() {
  group=${1%/}/pikaci-${PIKACI_RUN_ID:-run}-${PIKACI_JOB:-job}
  { echo '+memory +pids' >"${1%/}/cgroup.subtree_control"; } 2>/dev/null
  mkdir "$group" 2>/dev/null || return 1
  printf '%s\n' "$group" >cgroup
  # shellcheck disable=SC2016  # the inner shell's
  if [ -e "$group/memory.max" ] && [ -e "$group/pids.max" ] &&
    sh -c 'echo 0 >"$1/cgroup.procs"' enter "$group" 2>/dev/null; then
    cgroup=$group
  else
    drop_cgroup
    return 1
  fi
}

drop_cgroup() {
  [ ! -s cgroup ] || rmdir "$(cat cgroup)"
  rm -f cgroup
} 2>/dev/null

# enter_limits COMMAND…: becomes the command, limited.
enter_limits() {
  [ -z "$cgroup" ] || echo 0 >"$cgroup/cgroup.procs" || exit 1
  [ -z "$launch_open_files$launch_file_size$process_limit" ] ||
    set -- prlimit ${launch_open_files:+"--nofile=$launch_open_files"} ${launch_file_size:+"--fsize=$launch_file_size"} \
      ${process_limit:+"--nproc=$process_limit"} "$@"
  exec "$@"
}

# set_limits: what cannot be enforced goes to `control`. The kernel counts no processes of its own root.
set_limits() {
  cgroup='' process_limit='' missing=''
  [ -z "$launch_memory$launch_processes" ] || make_cgroup
  if [ -n "$cgroup" ]; then
    [ -z "$launch_memory" ] || echo "$launch_memory" >"$cgroup/memory.max" || missing=memory
    [ -z "$launch_memory" ] || echo 0 >"$cgroup/memory.swap.max"
    [ -z "$launch_processes" ] || echo "$launch_processes" >"$cgroup/pids.max" || missing="$missing processes"
  else
    [ -z "$launch_memory" ] || missing=memory
    process_limit=$launch_processes
    if [ -n "$launch_processes" ] && [ "$(stat -c %u /proc/sys)" = 0 ]; then
      missing="$missing processes"
    fi
  fi 2>/dev/null
  # shellcheck disable=SC2086  # words
  [ -z "$missing" ] || control unenforced $missing
}

# explain_limits: a job that its memory limit ended is told so.
explain_limits() {
  [ -n "$cgroup" ] || return 0
  [ "$(sed -n 's/^oom_kill //p' "$cgroup/memory.events")" = 0 ] ||
    control "note out of memory: the job passed its memory limit of $((launch_memory / 1048576)) MiB"
  drop_cgroup
}
