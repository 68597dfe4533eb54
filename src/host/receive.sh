# shellcheck shell=sh
# Takes a tree from the client into a content-addressed place, complete or not at all; docs/protocol.md.
# A program calls, in this order:
#   receive_lock KIND HASH · receive_stage KIND HASH · frame send '' · receive_tree true · receive_place FINAL
# $idle_s seconds without input end it. Whatever goes wrong, the staging directory is gone when the program ends, unless
# receive_keep was called and the client went away.

: "${work_dir:?}"
idle_s=${idle_s:-30}
number idle_s
staging='' watchdog='' received='' keep=''
trap 'received=silent' TERM
trap receive_end EXIT

# receive_end: removes the staging directory and the watchdog; runs at every exit.
receive_end() {
  receive_watched
  [ -z "$staging" ] || { [ -n "$keep" ] && holds_whole_files "$staging"; } || unlocked rm -rf -- "$staging"
  staging=''
}

# holds_whole_files DIR: a file's time is set when it is written to its end.
holds_whole_files() {
  [ -n "$(find "$1" -mindepth 2 -type f ! -newermt "@$published_time" -print -quit 2>/dev/null)" ]
}

# receive_lock KIND HASH: the exclusive lock of KIND-HASH, as $fd_thing, until the program ends.
# Says `waiting` when another holds it, and ends when the client goes meanwhile. Look again whether the thing exists
# once this returns.
receive_lock() {
  take_lock "$fd_thing" "$1-$2" -n && return
  frame waiting "$1-$2"
  flock "$fd_thing" </dev/null &
  receive_locker=$!
  beside unlocked receive_last_word >/dev/null 2>&1
  receive_waiter=$!
  wait "$receive_locker" || fail network "the client went away while it waited for the lock of $1-$2"
  # It must be gone before the client is told to go on: else it may take a byte of what comes then.
  { kill -KILL "$receive_waiter" && wait "$receive_waiter"; } 2>/dev/null
  return 0
}

# receive_last_word: the client has nothing to say yet but heartbeats: the end of its input is its own end. A milder signal
# could be lost on a shell that is about to become flock: this one's traps are still set there.
receive_last_word() {
  while IFS= read -r _; do :; done
  kill -KILL "$receive_locker"
}

# receive_stage KIND HASH: an empty $staging under tmp/, marked as in use by a lock on itself.
receive_stage() {
  make_staging "$1-$2"
  staging=$staged
  chmod 00755 "$staging"
}

# receive_stage_at DIR: as receive_stage, and DIR is where receive_keep will keep it. Fails when something is there.
receive_stage_at() {
  mkdir -m 755 -- "$1" 2>/dev/null || return
  # It has the group's bit where the work dir has it.
  [ ! -g "$1" ] || chmod 00755 -- "$1"
  if read_fd "$fd_stage" "$1" && flock -n "$fd_stage"; then
    staging=$1
  else
    close_fd "$fd_stage"
    return 1
  fi
}

# receive_keep DIR: from here on, what arrived whole stays in DIR when the client goes away.
receive_keep() {
  if [ "$staging" != "$1" ]; then
    mv -T -n -- "$staging" "$1" 2>/dev/null
    if [ -d "$staging" ]; then return; fi
    staging=$1
  fi
  keep=yes
}

# receive_watch: ends this process group's readers and writers after $idle_s seconds without a URG to $watchdog, which
# does no harm to a process that does not wait for it yet. This shell itself only notes the end.
receive_watch() {
  if [ -n "$watchdog" ]; then
    kill -URG "$watchdog" && kill -CONT "$watchdog"
    return 0
  fi
  read -r _ _ _ _ receive_group _ <"/proc/$$/stat"
  # shellcheck disable=SC2016  # $1 and $2 are the inner shell's
  unlocked exec setpriv --pdeathsig KILL sh -c '
    trap "" TERM
    trap "silence=0" URG
    silence=0
    while [ "$silence" -lt "$1" ]; do
      silence=$((silence + 1))
      setpriv --pdeathsig KILL sleep 1
    done
    kill -TERM "-$2"' watchdog "$idle_s" "$receive_group" </dev/null >/dev/null 2>&1 &
  watchdog=$!
}

# receive_pause: for now the client has nothing to send; receive_watch waits for it again.
receive_pause() {
  [ -z "$watchdog" ] || kill -STOP "$watchdog"
}

# receive_watched: the client has sent all it had to.
receive_watched() {
  [ -z "$watchdog" ] || kill -KILL "$watchdog" 2>/dev/null
  watchdog=''
}

# with_ending COMMAND…: receive_chunks within it says on this stdout how the stream ended.
with_ending() {
  eval '"$@"' "$fd_ending>&1"
}

# receive_chunks: the stream's bytes on stdout; says `complete` to $fd_ending when it saw the end, `discarded` when
# the client gave it up. What follows a line `zstd` is compressed. An empty line is a heartbeat of a client that reads on.
receive_chunks() {
  while IFS= read -r length; do
    case $length in
    0)
      printf complete >&"$fd_ending"
      return
      ;;
    '')
      kill -URG "$watchdog"
      continue
      ;;
    zstd)
      receive_chunks | zstd -dcq
      return
      ;;
    discard)
      printf discarded >&"$fd_ending"
      return
      ;;
    *[!0-9]*) return ;;
    esac
    head -c "$length" || return
    kill -URG "$watchdog"
  done
}

# receive_list FILE: a chunk stream into FILE; fails unless it was complete, and ends the program when the disk is full.
receive_list() {
  receive_said=$(without "$fd_base $fd_thing" with_ending receive_into "$1" 2>&1)
  [ "$receive_said" = complete ] && return
  receive_full
  return 1
}

receive_into() {
  receive_chunks >"$1"
}

# receive_line: the next line of stdin that is no heartbeat into $line; empty when there is none.
receive_line() {
  line=$(
    line=''
    while [ -z "$line" ] && IFS= read -r line; do [ -z "$watchdog" ] || kill -URG "$watchdog"; done
    printf '%s' "$line"
  )
}

# receive_unpack: the chunk stream on stdin, a tar archive, into $staging; `complete 0` when all is there.
# The modes and times are the archive's. When errors are many, the closed pipe ends tar. Whatever outlives a killed
# program here has the staging directory's lock, and no other.
receive_unpack() (
  trap - PIPE
  with_ending receive_untar | head -c 2000
)

receive_untar() {
  receive_chunks | tar -x -p -f - -C "$staging" --no-same-owner --warning=no-timestamp 2>&1
  printf ' %d' "$?"
}

# receive_tree COMMAND…: the tree on stdin into $staging, then the line `commit` and what follows it in $commit. Between them the
# command, while the client still sums up what the tree has to be.
# Fails when it could not be unpacked for a reason that may lie in what was there before; anything else ends the program.
receive_tree() {
  receive_watch
  receive_said=$(without "$fd_base $fd_thing" receive_unpack)
  if [ "$receive_said" = 'complete 0' ]; then
    receive_pause
    "$@"
    receive_watch
  fi
  case $receive_said in complete*) receive_line ;; *) line='' ;; esac
  receive_watched
  commit=${line#commit}
  [ "$received" != silent ] || fail network "the client sent nothing for $idle_s s; $(receive_kept)"
  receive_full
  case $receive_said in
  complete*) [ "$commit" != "$line" ] || fail network "the client did not confirm the upload; $(receive_kept)" ;;
  discarded*)
    keep=''
    fail snapshot "the client gave the upload up; nothing of it was kept"
    ;;
  *) fail network "the upload was cut; $(receive_kept)" ;;
  esac
  [ "$receive_said" = 'complete 0' ]
}

receive_kept() {
  if [ -n "$keep" ]; then echo "what arrived whole is kept for a day"; else echo "nothing of it was kept"; fi
}

# receive_full: ends the program when what tar said is that the disk is full.
receive_full() {
  case $receive_said in *'No space left'* | *'quota exceeded'* | *'Read-only file system'* | *'Wrote only'*) ;; *) return 0 ;; esac
  receive_reason=$(
    printf '%s' "$receive_said" | grep -m 1 -e 'No space left' -e 'quota exceeded' -e 'Read-only file system' ||
      printf '%s' "$receive_said" | grep -m 1 'Wrote only'
  ) || return 0
  keep=''
  fail disk "the disk of $work_dir is full: ${receive_reason#complete}
$(df -h -- "$work_dir" 2>&1)"
}

# receive_sync: $staging, to the disk.
receive_sync() {
  sync_tree "$staging"
}

# receive_place FINAL [NAME…]: $staging becomes FINAL, which must not exist, in one step, when all of it is on the disk. It
# and these files in it get the time of what is published.
receive_place() {
  (cd -- "$staging" && shift && touch -d "@$published_time" -- "$@" .)
  receive_said=$(unlocked receive_sync 2>&1) ||
    fail disk "what was sent cannot be brought to the disk of $work_dir: $receive_said"
  receive_said=$(mv -T -n -- "$staging" "$1" 2>&1) ||
    fail disk "cannot put $1 in place: $receive_said"
  [ ! -d "$staging" ] || fail host "$1 appeared although its lock is held"
  staging=''
  receive_said=$(sync_paths "${1%/*}" 2>&1) || fail disk "the name $1 cannot be brought to the disk: $receive_said"
}
