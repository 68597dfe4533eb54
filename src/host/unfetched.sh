# shellcheck shell=sh
# Results that nobody has fetched since their client was killed; docs/guard.md. Needs work-dir.sh, lib/locks, lib/remove.
: "${work_dir:?}" "${project:=}" "${unfetched_s:=86400}"
number unfetched_s

# is_unfetched DIRECTORY: of a run that has ended, and is neither detached nor pinned nor kept to be entered.
is_unfetched() {
  { [ -e "$1/keep" ] && [ ! -e "$1/detached" ] && [ ! -e "$1/pin" ]; } || return 1
  missing_job=''
  for one in "$1"/jobs/*; do
    [ ! -e "$one/kept" ] || return 1
    [ -e "$one/collected" ] || missing_job=yes
  done
  [ -n "$missing_job" ]
}

# list_unfetched: a line `RUN SECONDS PROJECT` for each, the project as JSON, or nothing of an older pikaci's.
list_unfetched() {
  clock=''
  for dir in "$work_dir"/runs/*; do
    run=${dir##*/}
    { is_unfetched "$dir" && is_ours "runs/$run"; } || continue
    : "${clock:=$(date +%s)}"
    of=''
    [ ! -e "$dir/project" ] || IFS= read -r of <"$dir/project" || of=''
    printf '%s %s %s\n' "$run" "$((clock - $(stat -c %Y -- "$dir/keep")))" "$of"
  done
} 2>/dev/null

# drop_unfetched: those of this project whose time is over; a line each.
drop_unfetched() {
  { [ -n "$project" ] && [ "$project" != '""' ]; } || return 0
  unfetched=$(list_unfetched)
  while read -r run age of; do
    { [ "$of" = "$project" ] && [ "$age" -ge "$unfetched_s" ]; } || continue
    (
      lock=$work_dir/locks/run-$run
      # shellcheck disable=SC3013  # dash and busybox have it
      { open_fd "$fd_run" "$lock" && flock -n "$fd_run" && [ "$lock" -ef "/dev/fd/$fd_run" ]; } || exit 0
      if ! is_unfetched "$work_dir/runs/$run"; then :
      elif remove_tree "$work_dir/runs/$run" 2>/dev/null; then rm -f -- "$lock" && echo swept
      else echo "left $work_dir/runs/$run"
      fi
    )
  done <<END
$unfetched
END
}

# tell_unfetched: a fact for each that nobody holds, at most 100.
tell_unfetched() {
  list_unfetched | head -n 100 | while IFS= read -r line; do
    ! is_free "$work_dir/locks/run-${line%% *}" || fact unfetched "$line"
  done
}
