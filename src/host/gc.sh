# shellcheck shell=sh
# What lies in the work dir, and removes of it what the client names and nobody uses; docs/gc.md.
# $remove: `yes` for a document with lines `KIND/NAME` on stdin. $min_age_s: what was used since then stays.
: "${remove:?}" "${min_age_s:?}"
known remove yes no
number min_age_s

cd "$work_dir" 2>/dev/null || fail host "there is no work dir $work_dir on this host"
is_marked || fail host "the work dir $work_dir has no marker of pikaci's"
mkdir -p locks tmp || fail disk "cannot write in $work_dir"
clock=$(date +%s)

# last_use KIND/NAME: seconds since it was used or changed, in $age; published things have an old mtime.
last_use() {
  age=999999999
  name=${1#*/}
  for mark in "$1" "$1/record.json" "locks/use-$name" "locks/prepare-$name"; do
    times=$(stat -c '%Y %Z' -- "$mark" 2>/dev/null) || continue
    for at in $times; do
      [ "$((clock - at))" -ge "$age" ] || age=$((clock - at))
    done
  done
}

# live_uses NAME: what runs that live, other than this one, have written into their locks.
live_uses() {
  for lock in locks/run-*; do
    { [ -e "$lock" ] && [ "$lock" != "locks/run-$1" ]; } || continue
    is_free "$lock" || { cat "$lock" && echo "runs/${lock#locks/run-}"; }
  done
}

# take_locks KIND/NAME: alone with it, as $fd_run and $fd_thing; fails when anybody has it.
take_locks() {
  name=${1#*/}
  case $1 in
    runs/*) set -- "run-$name" "run-$name" ;;
    snapshots/*) set -- "snapshots-$name" "use-$name" ;;
    runners/* | runner-flakes/*) set -- "runners-$name" "use-$name" ;;
    sources/*) set -- "prepare-$name" "prepare-$name" ;;
    cache/*) set -- "cache-$name" "use-$name" ;;
    artifacts/*) set -- "artifacts-$name" "use-$name" ;;
    verdicts/*) set -- "use-$name" "use-$name" ;;
    *) set -- "prepared-$name" "prepared-$name" ;;
  esac
  open_lock "$fd_thing" "$2"
  take_lock "$fd_run" "$1" -n || return 1
  [ "$1" = "$2" ] || flock -n "$fd_thing"
}

flags() {
  flags=''
  case "$newline$pins$newline" in *"$newline$1$newline"*) flags=pinned ;; esac
  case "$newline$entered$newline" in *"$newline$1$newline"*) flags="$flags,kept" ;; esac
  case "$newline$uses$newline" in *"$newline$1$newline"*) flags="$flags,held" ;; esac
  case $1 in
    snapshots/*) ! has_older_layout "$1" || flags="$flags,outdated" ;;
    runs/*)
      [ ! -e "$1/pin" ] || flags="$flags,pinned"
      for job in "$1"/jobs/*; do
        [ ! -e "$job/result.json" ] || grep -q '"status":"passed"' "$job/result.json" || flags="$flags,failed"
        [ ! -d "$job" ] || [ -e "$job/collected" ] || flags="$flags,uncollected"
      done
      ;;
  esac
}

# list_kind KIND: its things with their size in KiB; what is linked twice counts once. A snapshot and its copy are one.
list_kind() {
  [ -d "$1" ] || return 0
  copy=0
  find_ours "$1" "$1" -printf "ahead/%f\\0$1/%f\\0" | xargs -0 -r du -sk -- 2>/dev/null |
    while read -r size path; do
      case $path in ahead/*) copy=$size && continue ;; esac
      size=$((size + copy)) copy=0
      last_use "$path"
      flags "$path"
      printf '%s %s %s %s\n' "$path" "$size" "$age" "${flags:--}"
    done
}

remove_one() {
  case $1 in
    runs/?* | snapshots/?* | runners/?* | runner-flakes/?* | sources/?* | prepared/?* | cache/?* | artifacts/?* | verdicts/?*) ;;
    *) fail host "not a thing of the work dir: $1" ;;
  esac
  is_ours "$1" || fail host "not a thing of the work dir: $1"
  [ -e "$1" ] || [ -L "$1" ] || { why=gone; return 1; }
  case $1 in snapshots/*) ahead_end "${1#*/}" ;; esac
  take_locks "$1" || { why=held; return 1; }
  last_use "$1"
  [ "$age" -ge "$min_age_s" ] || { why=used; return 1; }
  # Whoever looked at it before the lock was ours has written so into the lock of its run before.
  uses=$(live_uses "${1#*/}")
  flags "$1"
  case $flags in *pinned* | *held* | *kept*) why=$flags; return 1 ;; esac
  gone=$(mktemp -d "tmp/gone.XXXXXXXX") || fail disk "cannot write in $work_dir/tmp"
  # In one step: no root is half there, and what is killed here is swept by the next session.
  mv -T -- "$1" "$gone/it" || { why=changed; return 1; }
  case $1 in snapshots/*) ahead_move "${1#*/}" "$gone/copy" ;; esac
  close_fd "$fd_run" "$fd_thing"
  remove_tree "$gone" || { why=unreadable; return 1; }
}

uses=$(live_uses '')
pins=$(cat runs/*/pin 2>/dev/null)
entered=$(kept_uses)
if [ "$remove" = no ]; then
  for kind in runs snapshots runners runner-flakes sources prepared cache artifacts verdicts; do list_kind "$kind"; done >"tmp/list-$$"
  frame items "$(cat "tmp/list-$$"; rm -f "tmp/list-$$")"
  frame end ''
  exit 0
fi
take_file "tmp/remove-$$" "the list of what to remove"
while IFS= read -r thing; do
  why=''
  if remove_one "$thing"; then frame removed "$thing"; else frame kept "$thing $why"; fi
done <"tmp/remove-$$"
rm -f "tmp/remove-$$"
# Nobody waits for the lock of a thing that was not used for a day and is gone.
find_ours locks locks -mmin +1440 -printf 'locks/%f\n' | while IFS= read -r lock; do
  name=${lock#locks/*-}
  [ -e "snapshots/$name" ] || [ -e "runners/$name" ] || [ -e "runs/$name" ] || [ -e "sources/$name" ] || [ -e "cache/$name" ] || [ -e "artifacts/$name" ] || [ -e "verdicts/$name" ] ||
    flock -n "$lock" rm -f -- "$lock"
done
frame end ''
