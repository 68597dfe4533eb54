# shellcheck shell=sh
# Locks are files below locks/ in the work dir, held by a descriptor of descriptors.sh; docs/protocol.md, docs/gc.md.

# open_fd NUMBER FILE: for appending; fails, and says nothing, when it cannot be opened.
open_fd() {
  { eval "command exec $1>>\"\$2\""; } 2>/dev/null
}

# read_fd NUMBER PATH: a file or directory for reading, as open_fd.
read_fd() {
  { eval "command exec $1<\"\$2\""; } 2>/dev/null
}

# open_lock NUMBER NAME: the lock's file, not locked yet.
open_lock() {
  open_fd "$1" "$work_dir/locks/$2" || fail disk "cannot write in $work_dir/locks"
}

# take_lock NUMBER NAME [OPTION…]: with flock's options and status; waits for ever when they do not say otherwise.
take_lock() {
  open_lock "$1" "$2"
  lock_fd=$1
  shift 2
  flock "$@" "$lock_fd"
}

# use_thing HASH [OPTION…]: shared, as fd_thing, and marked as used now: it is not collected, repaired or removed meanwhile.
use_thing() {
  used_thing=$1
  shift
  take_lock "$fd_thing" "use-$used_thing" -s "$@"
  mark_used "use-$used_thing"
}

# use_artifacts DIGEST: for this run until its end: who removes it looks for that line once this lock is taken (gc.sh).
use_artifacts() {
  echo "artifacts/$1" >&"$fd_run"
  take_lock "$fd_cache" "use-$1" -s
  mark_used "use-$1"
  close_fd "$fd_cache"
}

# mark_used NAME: the time of the lock's file, which is empty: whoever opens it to write anew sets that.
mark_used() {
  { true >"$work_dir/locks/$1"; } 2>/dev/null
}

# make_staging NAME: a new directory tmp/NAME.… is $staged, which nobody sweeps as long as $fd_stage is open.
make_staging() {
  staged=$(mktemp -d "$work_dir/tmp/$1.XXXXXXXX" 2>&1) || fail disk "cannot write in $work_dir/tmp: $staged"
  { read_fd "$fd_stage" "$staged" && flock -n "$fd_stage"; } || fail host "cannot lock $staged"
}

# is_free FILE: nobody holds it.
is_free() {
  flock -n "$1" true 2>/dev/null
}
