# shellcheck shell=sh
# The programs that send what a job says and leaves, apart from the guard: a client that stops reading stops only them.
# shellcheck disable=SC2034  # the guard starts them

# Sends phases and the log as they grow, until log.pipe is gone and then what is left of both: from byte $1 of the log and
# line $2 of the phases on; $3: how long to pause between two looks. URG (`wake_streamer`) ends a pause.
# shellcheck disable=SC2016
streamer='
  sent=$1 lines=$2 pause=${3:-0.1}
  trap : URG
  send_phases() {
    n=0
    while IFS= read -r line; do
      n=$((n + 1))
      [ "$n" -le "$lines" ] || printf "phase %d\n%s" "${#line}" "$line"
    done <control
    lines=$n
  }
  send_log() {
    [ -s log ] || return 0
    size=$(stat -c %s log)
    while [ "$size" -gt "$sent" ]; do
      n=$((size - sent))
      [ "$n" -le 1048576 ] || n=1048576
      printf "log %d\n" "$n"
      dd if=log iflag=skip_bytes,count_bytes bs=65536 skip="$sent" count="$n" status=none || exit 1
      sent=$((sent + n))
    done
  }
  while :; do
    [ -e log.pipe ]; more=$?
    send_phases && send_log || exit 1
    [ "$more" = 0 ] || exit 0
    sleep "$pause" &
    wait "$!" || kill -KILL "$!" 2>/dev/null
  done'

# wake_streamer PID: there is something to send. It does no harm where nobody waits for it yet.
wake_streamer() {
  kill -URG "-$1" 2>/dev/null || true
}

# For a shell of its own, in a job's directory, and for the guard.
# is_empty DIR: nothing is in it, as far as that can be told without a program.
# over_limits MOST: more than a job may leave, and $reason says what: 100000 entries, sparse files of 8 times MOST bytes
# together (src/publish/unpack.ts), or a tar of more than MOST bytes. A number that is too long for the shell counts as too large.
# sparse_within MOST: so long are the sparse files of artifacts together, each once however many names it has.
# shellcheck disable=SC2016
limiting='
  is_empty() {
    [ -r "$1" ] && [ -x "$1" ] || return 1
    for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
      [ ! -e "$entry" ] && [ ! -L "$entry" ] || return 1
    done
  }
  sparse_within() {
    find artifacts/. -type f -printf "%S %i %s\\n" | sed -n "/^0/p; /^[^ ]*e-/p" | sort -u | {
      sum=0
      while read -r _ _ size; do
        [ "$size" -le "$1" ] && sum=$((sum + size)) && [ "$sum" -le "$1" ] || return
      done
    }
  } 2>/dev/null
  over_limits() {
    entries=$(find artifacts/. -mindepth 1 -printf x | wc -c)
    reason="$entries files and directories are more than 100000; pack them into an archive"
    [ "$entries" -le 100000 ] || return 0
    reason="its sparse files are more than $(($1 * 8)) bytes long, 8 times the limit of $1 (limits.artifacts)"
    sparse_within "$(($1 * 8))" || return 0
    bytes=$(tar_bytes artifacts)
    [ -n "$bytes" ] || exit 1
    reason="$bytes bytes are more than the limit of $1 (limits.artifacts)"
    ! [ "$bytes" -le "$1" ] 2>/dev/null
  }'
eval "$limiting"

# Sends the result, which is $1, and the artifacts; none, with the reason in the last frame, when they are more than $2
# bytes. $3: until when the job is kept, or empty.
# The size first: nothing can change the tree now.
# shellcheck disable=SC2016
sender=$sending$limiting'
  refuse() {
    printf "end %d\n%s" "${#1}" "$1"
    exit
  }
  # send_pieces NAME: the log of a service, each frame with the name in its first line.
  send_pieces() {
    size=$(stat -c %s "service-logs/$1") sent=0
    while [ "$size" -gt "$sent" ]; do
      n=$((size - sent))
      [ "$n" -le 1048576 ] || n=1048576
      printf "service-log %d\n%s\n" "$((${#1} + 1 + n))" "$1"
      dd if="service-logs/$1" iflag=skip_bytes,count_bytes bs=65536 skip="$sent" count="$n" status=none || exit 1
      sent=$((sent + n))
    done
  }
  printf "result %d\n%s" "${#1}" "$1"
  for path in service-logs/*; do
    [ ! -f "$path" ] || send_pieces "${path#service-logs/}"
  done
  [ -z "$3" ] || printf "kept %d\n%s" "${#3}" "$3"
  is_empty artifacts && printf "end 0\n" && exit
  chmod -R u+rX artifacts
  ! over_limits "$2" || refuse "all of it: $reason"
  tar_padded artifacts | send_parts artifacts "$bytes" || exit 1
  printf "end 0\n"'

# grouped COMMAND…: in a process group that ends as a whole: by TERM to its first process, or when the guard dies.
grouped() {
  exec setpriv --pdeathsig TERM timeout 0 "$@" </dev/null
}
