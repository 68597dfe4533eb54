# shellcheck shell=sh
# Gives a job that has ended to the guard's client; needs lease.sh, feed.sh and lib/.
: "${artifact_bytes:?}"

# listens: the client is there to take it; one that was replaced is not.
listens() {
  [ ! -e attached ] && lease_holds
}

# deliver: succeeds when the client says that it has stored all of it. What it does not take stays for attach.sh.
deliver() {
  [ "$detached" = no ] && await "$stream" listens || return 1
  open_fd "$fd_turn" collecting && flock -n "$fd_turn" || return 1
  lease_done=0
  unlocked grouped sh -c "$sender" guard-sender "$result" "$artifact_bytes" "$kept" &
  await "$!" listens && await_done lease_holds
}

# is_left: no client of this guard takes what the job left: it is detached, or the client went away. A shell leaves nothing.
is_left() {
  [ "$detached" = yes ] || { [ "$input" = no ] && ! listens; }
}

# left_to_disk RESULT: syncs what a job left that no client has yet, its result in the file RESULT, and what keeps the run from
# being swept. What cannot be read is left out.
left_to_disk() {
  true >../../keep
  sync_tree artifacts linked
  sync_paths log "$1" ../../keep
  [ ! -d service-logs ] || sync_tree service-logs
  sync_paths . .. ../.. "$work_dir/runs"
} 2>/dev/null
