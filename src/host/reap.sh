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

# marked: a line `PID START RUN` for each process of this account with the mark of this work dir. One program looks into
# all of them; what it finds is read once more, as the mark may only be a part of something else there.
marked() {
  grep -lsF "PIKACI_MARK=$mark" /proc/[0-9]*/environ | while IFS=/ read -r _ _ pid _; do
    look_at "$pid"
    { [ -n "$born" ] && is_own "$pid"; } || continue
    run=$({ tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null |
      sed -n "s/^PIKACI_MARK=$mark\([0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{8\}\)$/\1/p" | head -n 1)
    [ -z "$run" ] || printf '%s %s %s\n' "$pid" "$born" "$run"
  done
}

# end_marked RUN: kills its processes until there are none, as they may be starting others; $ended counts them, $left
# are those that did not end.
end_marked() {
  seen='' ended=0
  for round in 1 2 3 4 5 6 7 8 9 10 last; do
    left=$(marked | grep " $1\$") || return 0
    [ "$round" != last ] || return 0
    while read -r pid began _; do
      look_at "$pid"
      { [ "$born" = "$began" ] && kill -KILL "$pid" 2>/dev/null; } || continue
      case $seen in *" $pid:$born "*) ;; *) seen="$seen $pid:$born " ended=$((ended + 1)) ;; esac
    done <<END
$left
END
    sleep 0.05
  done
}

# mounts_of RUN: mount points in its directory, the innermost first; /proc/mounts has odd characters as octal.
mounts_of() {
  while read -r _ place _; do
    case $place in *\\*) place=$(printf '%b' "$(printf '%s' "$place" | sed 's/\\\([0-7]\)/\\0\1/g')") ;; esac
    case $place in "$work_dir/runs/$1"*) printf '%s\n' "$place" ;; esac
  done </proc/self/mounts | sort -r
}

# clear_run RUN: for who has its lock alone. Tells what it ended, or nothing.
clear_run() {
  : "${mark:=$(run_mark '')}"
  end_marked "$1"
  mounts=0 left_mounts=0 groups=0
  places=$(mounts_of "$1/")
  if [ -n "$places" ]; then
    mounts=$(printf '%s\n' "$places" | while IFS= read -r place; do umount "$place" && echo; done 2>/dev/null | wc -l)
    left_mounts=$(mounts_of "$1/" | wc -l)
  fi
  for file in "$work_dir/runs/$1/jobs"/*/cgroup; do
    [ -s "$file" ] || continue
    read -r group <"$file"
    case $group in /*/pikaci-"$1"-*) rmdir "$group" 2>/dev/null && groups=$((groups + 1)) ;; esac
  done
  told=''
  [ "$ended" = 0 ] || told="$told, $ended processes"
  [ "$mounts" = 0 ] || told="$told, $mounts mounts"
  [ "$groups" = 0 ] || told="$told, $groups control groups"
  left=$(printf '%s' "$left" | grep -c .)
  [ "$left$left_mounts" = 00 ] || told="$told, not ended: $left processes, $left_mounts mounts"
  printf '%s' "${told#, }"
}

# reap: clears every run that has left something and whose lock nobody holds; a line `RUN WHAT` each.
reap() {
  mark=$(run_mark '')
  {
    marked | cut -d ' ' -f 3
    mounts_of '' | sed "s|^.*/runs/\([^/]*\)/.*|\1|"
    for file in "$work_dir"/runs/*/jobs/*/cgroup; do
      { [ -s "$file" ] && [ -d "$(cat "$file")" ]; } || continue
      file=${file%/jobs/*} && printf '%s\n' "${file##*/}"
    done
  } | grep -x '[0-9]\{8\}T[0-9]\{6\}Z-[0-9a-f]\{8\}' | sort -u | while IFS= read -r run; do
    lock=$work_dir/locks/run-$run
    (
      # shellcheck disable=SC3013  # dash and busybox have it
      { open_fd "$fd_run" "$lock" && flock -n "$fd_run" && [ "$lock" -ef "/dev/fd/$fd_run" ]; } || exit 0
      what=$(clear_run "$run")
      [ -z "$what" ] || printf '%s %s\n' "$run" "$what"
      [ -e "$work_dir/runs/$run" ] || rm -f -- "$lock"
    )
  done
} 2>/dev/null
