# shellcheck shell=sh
# What a job that failed left, kept for a while to be entered; docs/shell.md. Its directory then has the file `kept`: until
# when (seconds since 1970), then what the work dir must keep for it, a line each.
# Whose guest has it now says so in the lock of its run.

# is_entered RUN/jobs/JOB
is_entered() {
  for lock in "$work_dir"/locks/run-*; do
    ! grep -qxF "enter/$1" "$lock" || is_free "$lock" || return 0
  done
  return 1
}

# drop_kept DIRECTORY
drop_kept() (
  cd "$1" || return
  remove_tree kept-workspace workspace 2>/dev/null || echo "left $1/kept-workspace"
  [ ! -e collected ] || remove_tree artifacts 2>/dev/null || echo "left $1/artifacts"
  rm -f kept && echo dropped
)

# drop_expired: for the session. What nobody has fetched stays, as of any other job.
drop_expired() {
  clock=''
  for file in "$work_dir"/runs/*/jobs/*/kept; do
    [ -e "$file" ] || continue
    : "${clock:=$(date +%s)}"
    { read -r until <"$file" && [ "$clock" -ge "$until" ]; } 2>/dev/null || continue
    thing=${file#"$work_dir/runs/"} thing=${thing%/kept}
    is_ours "runs/${thing%%/*}" || continue
    is_entered "$thing" || drop_kept "$work_dir/runs/$thing"
  done
} 2>/dev/null

# kept_uses: what must stay for jobs whose time is not over; a line `runs/RUN` or `snapshots/HASH` each. In the work dir.
kept_uses() {
  for file in runs/*/jobs/*/kept; do
    { read -r until <"$file" && [ "$clock" -lt "$until" ]; } 2>/dev/null || continue
    printf '%s\n' "${file%%/jobs/*}"
    sed 1d "$file"
  done
}
