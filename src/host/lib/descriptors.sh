# shellcheck shell=sh
# Which descriptor is what, in all host programs: opened, closed and handed on by these names, never by a number.
# A shell opens only those of one digit; 0 to 2 are the channel and stderr. Two names share a number where no program
# has both.
# shellcheck disable=SC2034  # not every program has all
{
  fd_input=3  # the client's input, when a process in the background reads it
  fd_cache=3  # guard: a cache that is used
  fd_caches=4 # guard: who holds it has the locks of the job's caches
  fd_turn=5   # one at a time: who saves a cache, who delivers a job, who copies a snapshot ahead
  fd_alive=6  # guard: the job, until nothing of it is left
  fd_ending=6 # receive: how a stream of chunks ended
  fd_body=7   # where a document goes whose length goes to stdout
  fd_base=7   # what one starts from: a published snapshot, a saved state of a cache (one in the making, too)
  fd_run=8    # the run
  fd_stage=8  # a staging directory
  fd_thing=9  # a thing that others use or change: a snapshot, a runner, a source
}

# close_fd NUMBER…
close_fd() {
  for fd; do eval "exec $fd>&-"; done
}

# without NUMBERS COMMAND…: runs it without these descriptors, which stay this shell's own. In the background, with
# `exec` before the command, no shell stands between.
without() {
  closed=''
  for fd in $1; do closed="$closed $fd>&-"; done
  shift
  eval '"$@"' "$closed"
}

# unlocked COMMAND…: without any lock, for what may outlive its program.
unlocked() {
  without "$fd_caches $fd_turn $fd_alive $fd_base $fd_run $fd_thing" "$@"
}

# beside COMMAND…: in the background, as $!, with this shell's stdin: a shell gives a background process none unless told.
beside() {
  eval "exec $fd_input<&0"
  eval '"$@"' "<&$fd_input $fd_input<&-" &
  close_fd "$fd_input"
}
