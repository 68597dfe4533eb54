# shellcheck shell=sh
# Who is still there, told from /proc without starting a process.

# look_at PID: its parent in $parent, its start time in $born and its state (R, S, D …) in $process_state, all empty when
# it has exited.
# A shell may reap a child unasked, so a number alone may be another process by now.
look_at() {
  parent='' born='' process_state=''
  { read -r stat_line <"/proc/$1/stat"; } 2>/dev/null || return 0
  # shellcheck disable=SC2086  # fields, from the third on
  set -- ${stat_line##*) }
  # shellcheck disable=SC2034  # not every program reads all
  [ "$1" = Z ] || { process_state=$1 parent=$2 born=${20}; }
}

# ended PID: a child has exited, whether or not it was waited for.
ended() {
  look_at "$1"
  [ "$parent" != "$$" ]
}

# is_child PID: it is this shell's, and there at least to be waited for.
is_child() {
  { read -r stat_line <"/proc/$1/stat"; } 2>/dev/null || return 1
  # shellcheck disable=SC2086  # fields, from the third on
  set -- ${stat_line##*) }
  [ "$2" = "$$" ]
}

# run_mark RUN: in $mark; names the work dir by what it is, not by its path, which another host's or container's may share.
run_mark() {
  : "${mark_place:=$(stat -L -c %d-%i -- "$work_dir")}"
  # shellcheck disable=SC2034  # not every program marks
  mark=$mark_place:$1
}
