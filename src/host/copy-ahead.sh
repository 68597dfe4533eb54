# shellcheck shell=sh
# For the session: once its run has ended, a copy of a large snapshot is made for the next edit; lib/ahead.sh.
: "${ahead_files:=0}" "${ahead_durable:=yes}" "${work_dir:?}"
number ahead_files
known ahead_durable yes no

# ahead_room SPACE: the words of `stat -f -c "%a %S %d %b %c"` leave a twentieth of the disk free, and of its inodes where it counts
# them.
ahead_room() {
  # shellcheck disable=SC2086
  set -- $1
  [ "$(($1 * 20))" -ge "$4" ] && { [ "$5" = 0 ] || [ "$(($3 * 20))" -ge "$5" ]; }
}

# ahead_drop: the host wants room: nobody makes a copy, and there is none.
ahead_drop() {
  ahead_end ""
  ahead_gone=$(mktemp -d "$work_dir/tmp/gone.XXXXXXXX") || return 0
  for copy in "$work_dir"/ahead/*; do ahead_move "${copy##*/}" "$ahead_gone/${copy##*/}"; done
  rm -rf -- "$ahead_gone"
} 2>/dev/null

# ahead_wanted: the run's snapshot is a large one and has no copy, and there is room.
ahead_wanted() {
  [ "$ahead_files" != 0 ] && [ -n "$content_hash" ] && [ ! -e "$work_dir/ahead/$content_hash" ] || return
  json_number "$work_dir/snapshots/$content_hash/pikaci-snapshot.json" file_count && [ "$json" -ge "$ahead_files" ] &&
    has_this_layout "$work_dir/snapshots/$content_hash" && ahead_room "$(stat -f -c '%a %S %d %b %c' -- "$work_dir")"
} 2>/dev/null

# ahead_start: makes it, in the background, and outlives this program and its connection. One at a time in a work dir. By `exec`:
# a function's redirections leave the shell a copy of what they replace, and the client would wait for the end of its channel.
ahead_start() {
  ahead_wanted || return 0
  (
    close_fd "$fd_run"
    exec </dev/null >/dev/null 2>&1
    ahead_make
  ) &
}

# ahead_make: at the lowest priority; of the project's copies it leaves only its own.
ahead_make() {
  read -r ahead_pid _ </proc/self/stat # `$$` is the session's
  take_lock "$fd_turn" ahead -n || return 0
  renice -n 19 -p "$ahead_pid"
  ionice -c 3 -p "$ahead_pid"
  take_lock "$fd_base" "snapshots-$content_hash" -s -n || return 0
  look_at "$ahead_pid"
  echo "$ahead_pid $born $content_hash" >"$work_dir/locks/ahead"
  ahead_sweep
  make_staging "ahead-$content_hash"
  ahead_copy && mv -T -n -- "$staged" "$work_dir/ahead/$content_hash"
  rm -rf -- "$staged"
}

# ahead_do COMMAND…: ends with this shell.
ahead_do() {
  setpriv --pdeathsig KILL "$@"
}

# ahead_copy: what the copying changed is on the disk, and the time it had ended by is known to a second.
ahead_copy() {
  chmod 00755 "$staged"
  printf '%s' "$project" >"$staged/project" || return
  ahead_do cp -al -- "$work_dir/snapshots/$content_hash/snapshot" "$staged/snapshot" || return
  [ "$ahead_durable" = yes ] || return 0
  ahead_now
  ahead_said=$ahead_now
  ahead_do sleep 1
  ahead_do sync -f -- "$staged" && echo "$ahead_said" >"$staged/synced"
}

# ahead_sweep: what those left that were ended, and the project's earlier copies.
ahead_sweep() {
  for copy in "$work_dir"/tmp/ahead-*; do
    # shellcheck disable=SC3013
    [ ! -d "$copy" ] || ahead_do flock -n "$copy" rm -rf -- "$copy"
  done
  for copy in "$work_dir"/ahead/*; do
    [ -d "$copy" ] || continue
    if [ "$(cat "$copy/project")" = "$project" ] || [ ! -e "$work_dir/snapshots/${copy##*/}" ]; then
      ahead_gone=$(mktemp -d "$work_dir/tmp/gone.XXXXXXXX") && ahead_move "${copy##*/}" "$ahead_gone/copy"
      ahead_do rm -rf -- "$ahead_gone"
    fi
  done
}
