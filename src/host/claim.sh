# shellcheck shell=sh
# For the session: takes $work_dir only when it is empty or marked as pikaci's; needs work-dir.sh.
: "${adopt:=no}" "${host_name:=HOST}" "${default_place:=no}"
known adopt yes no

work_dir_names='snapshots|ahead|runner-flakes|runners|sources|prepared|runs|cache|etc|artifacts|locks|tmp'

# mark_work_dir: fails when a marker is there already, and then changes nothing.
mark_work_dir() {
  (set -C && echo "What lies beside this file is pikaci's, which also removes it." >"$work_dir/$marker") 2>&1
}

# list_work_dir: what lies in it, into $listed, but for the directory that mkfs makes.
list_work_dir() {
  listed=$(cd -- "$work_dir" && find . -mindepth 1 -maxdepth 1 ! \( -name lost+found -type d \) 2>&1) ||
    fail disk "the work dir $work_dir cannot be read: $listed"
}

# is_laid_out: it holds directories of this account, as every pikaci makes them first of all.
is_laid_out() {
  for name in snapshots runs locks tmp; do
    [ "$(stat -c '%F %u' -- "$work_dir/$name" 2>/dev/null)" = "directory $uid" ] || return 1
  done
}

# is_older_default: in the default place, closed to others, and nothing in it but what pikaci makes.
is_older_default() {
  [ "$default_place" = yes ] && [ "$(stat -c '%a %u' -- "$work_dir")" = "700 $uid" ] && is_laid_out &&
    ! printf '%s\n' "$listed" | grep -Evqx -- "[.]/($work_dir_names)"
}

# claim_work_dir: ends the program when $work_dir is not pikaci's. An empty one is marked before anything else is made in
# it; one of an older pikaci when $adopt is `yes`, or when it cannot be anything else. $adopted tells of that.
claim_work_dir() {
  adopted=''
  if is_marked; then return; fi
  list_work_dir
  # Another first run may have marked it meanwhile.
  if is_marked; then return; fi
  if [ -e "$work_dir/$marker" ] || [ -L "$work_dir/$marker" ]; then
    is_marked || fail host "$work_dir/$marker is not a file of this account
hint: find out who made it, and give the host another \`workDir\` in the configuration"
  elif [ -n "$listed" ]; then
    may_adopt
    adopted=yes
  fi
  said=$(mark_work_dir) || is_marked || fail disk "the work dir $work_dir cannot be written: $said"
}

# may_adopt: ends the program when a work dir that holds something and has no marker is not to be taken.
may_adopt() {
  if [ "$adopt" = yes ]; then
    is_laid_out || fail host "the work dir $work_dir is not laid out as pikaci's, so it is not adopted
hint: give the host an empty or a new directory as \`workDir\` in the configuration"
  elif ! is_older_default; then
    fail host "the work dir $work_dir is not empty and lacks the file $marker, so it is not pikaci's to fill and to sweep
hint: give the host an empty or a new directory as \`workDir\` in the configuration; if an older pikaci made this one, type \`pikaci doctor --adopt --on $host_name\`"
  fi
}
