# shellcheck shell=sh
# Ends what a run has left whose guards and session are gone: processes with its mark, mounts, control groups; needs
# process.sh. The mark is in the environment of what a guard starts; docs/guard.md.
: "${uid:?}" "${work_dir:?}"

# is_own PID: all its user ids are this account's; /proc/PID itself belongs to root when nobody may look into it.
is_own() {
  while read -r field a b c d; do
    [ "$field" != Uid: ] || { [ "$a $b $c $d" = "$uid $uid $uid $uid" ] && return 0; }
  done <"/proc/$1/status"
  return 1
} 2>/dev/null

# find_marked: into $marked a line `PID START RUN` for each process of this account with the mark of this work dir. One
# program looks into all of them; what it finds is read once more, as the mark may only be a part of something else there.
find_marked() {
  marked=''
  run_mark ''
  # A substitution, and no pipe: where nothing is found, that is one process.
  environs=$(grep -lsF "PIKACI_MARK=$mark" /proc/[0-9]*/environ)
  while IFS=/ read -r _ _ pid _; do
    [ -n "$pid" ] || continue
    look_at "$pid"
    { [ -n "$born" ] && is_own "$pid"; } || continue
    marked_run=$({ tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null |
      sed -n "s/^PIKACI_MARK=$mark\([0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{8\}\)$/\1/p" | head -n 1)
    [ -z "$marked_run" ] || marked="$marked$pid $born $marked_run$newline"
  done <<END
$environs
END
}

# find_left RUN: its processes, into $left, a line `PID START RUN` each; fails when there are none.
find_left() {
  find_marked
  left=''
  while read -r pid began marked_run; do
    [ "$marked_run" != "$1" ] || left="$left$pid $began $marked_run$newline"
  done <<END
$marked
END
  [ -n "$left" ]
}

# end_marked RUN: kills its processes until there are none, as they may be starting others; $ended counts them, $left
# are those that did not end.
end_marked() {
  seen='' ended=0
  for round in 1 2 3 4 5 6 7 8 9 10 last; do
    find_left "$1" || return 0
    [ "$round" != last ] || return 0
    while read -r pid began _; do
      [ -n "$pid" ] || continue
      look_at "$pid"
      { [ "$born" = "$began" ] && kill -KILL "$pid" 2>/dev/null; } || continue
      case $seen in *" $pid:$born "*) ;; *) seen="$seen $pid:$born " ended=$((ended + 1)) ;; esac
    done <<END
$left
END
    sleep 0.05
  done
}

# find_mounts RUN: mount points in its directory, into $mounts, a line each, the last one mounted first; /proc/mounts has odd
# characters as octal.
find_mounts() {
  mounts=''
  while read -r _ place _; do
    case $place in *\\*) place=$(printf '%b' "$(printf '%s' "$place" | sed 's/\\\([0-7]\)/\\0\1/g')") ;; esac
    case $place in "$work_dir/runs/$1"*) mounts=$place$newline$mounts ;; esac
  done </proc/self/mounts
}

# count_lines TEXT: of whole lines, in $lines.
count_lines() {
  lines=0
  while IFS= read -r line; do [ -z "$line" ] || lines=$((lines + 1)); done <<END
$1
END
}

# unmount_all: what $mounts has; $lines tells how many went.
unmount_all() {
  gone=''
  while IFS= read -r place; do ! umount "$place" || gone=$gone.$newline; done <<END
${mounts%"$newline"}
END
  count_lines "$gone"
} 2>/dev/null

# clear_run RUN: for who has its lock alone. $told is what it ended, or empty.
clear_run() {
  end_marked "$1"
  unmounted=0 left_mounts=0 groups=0
  find_mounts "$1/"
  if [ -n "$mounts" ]; then
    unmount_all
    unmounted=$lines
    find_mounts "$1/"
    count_lines "$mounts"
    left_mounts=$lines
  fi
  for file in "$work_dir/runs/$1/jobs"/*/cgroup; do
    [ -s "$file" ] || continue
    read -r group <"$file"
    case $group in /*/pikaci-"$1"-*) rmdir "$group" 2>/dev/null && groups=$((groups + 1)) ;; esac
  done
  told=''
  [ "$ended" = 0 ] || told="$told, $ended processes"
  [ "$unmounted" = 0 ] || told="$told, $unmounted mounts"
  [ "$groups" = 0 ] || told="$told, $groups control groups"
  count_lines "$left"
  [ "$lines$left_mounts" = 00 ] || told="$told, not ended: $lines processes, $left_mounts mounts"
  told=${told#, }
}

# list_left: the runs that have left something; each may come more than once.
list_left() {
  find_marked
  while read -r _ _ marked_run; do [ -z "$marked_run" ] || printf '%s\n' "$marked_run"; done <<END
$marked
END
  find_mounts ''
  while IFS= read -r place; do
    place=${place#"$work_dir/runs/"}
    case $place in */*) printf '%s\n' "${place%%/*}" ;; esac
  done <<END
$mounts
END
  for file in "$work_dir"/runs/*/jobs/*/cgroup; do
    { [ -s "$file" ] && read -r group <"$file" && [ -d "$group" ]; } || continue
    file=${file%/jobs/*} && printf '%s\n' "${file##*/}"
  done
}

# reap: clears every run that has left something and whose lock nobody holds; a line `RUN WHAT` each.
reap() {
  found=$(list_left)
  [ -n "$found" ] || return 0
  printf '%s\n' "$found" | grep -x '[0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{8\}' | sort -u | while IFS= read -r run; do
    lock=$work_dir/locks/run-$run
    (
      # shellcheck disable=SC3013  # dash and busybox have it
      { open_fd "$fd_run" "$lock" && flock -n "$fd_run" && [ "$lock" -ef "/dev/fd/$fd_run" ]; } || exit 0
      clear_run "$run"
      [ -z "$told" ] || printf '%s %s\n' "$run" "$told"
      [ -e "$work_dir/runs/$run" ] || rm -f -- "$lock"
    )
  done
} 2>/dev/null
