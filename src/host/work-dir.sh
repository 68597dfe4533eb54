# shellcheck shell=sh
# Whether $work_dir is marked as pikaci's, and which names in it pikaci makes; docs/state-layout.md.

marker=pikaci-work-dir

# name_pattern KIND: of what pikaci makes in KIND/, as an extended regular expression in $pattern.
name_pattern() {
  hash_of='[0-9a-f]{64}' end_of='[.][0-9A-Za-z]{8}'
  run_of='[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}' scope_of='[0-9A-Za-z._-]+(@[0-9A-Za-z._-]+){2}'
  case $1 in
  snapshots | ahead | runner-flakes | runners | sources | prepared | artifacts | verdicts) pattern=$hash_of ;;
  runs) pattern=$run_of ;;
  cache) pattern=$scope_of ;;
  etc) pattern="$hash_of-[0-9a-f]{8}|names-$hash_of-[0-9a-f]{8}|known-$hash_of|current|works([.][0-9]+)?" ;;
  locks) pattern="ahead|run-$run_of|(use|prepare|prepared|runners|runner-flakes|snapshots|artifacts)-$hash_of|(use|cache)-$scope_of" ;;
  tmp)
    pattern="((snapshots|ahead|runner-flakes|aside)-$hash_of|prepare|runner|cache|artifacts|verdict|etc|gone)$end_of|partial-$hash_of-[0-9a-f]{8}|(probe|list|remove)-[0-9]+|verdicts-[0-9]+([.]one)?"
    ;;
  *) fail host "pikaci makes no $1 in a work dir" ;;
  esac
}

# find_ours DIRECTORY KIND ARG...: `find` below DIRECTORY, of what pikaci makes in KIND/ only.
find_ours() {
  found_in=$1
  name_pattern "$2"
  shift 2
  (cd -- "$found_in" && find . -regextype posix-extended -mindepth 1 -maxdepth 1 -regex "[.]/($pattern)" "$@")
}

# is_ours KIND/NAME
is_ours() {
  case $1 in *"
"*) return 1 ;; esac
  name_pattern "${1%%/*}"
  printf '%s\n' "${1#*/}" | grep -Eqx -- "$pattern"
}

# is_marked: the marker is a file of this account, and no link to one.
is_marked() {
  # shellcheck disable=SC3067  # dash and busybox have it
  [ -f "$work_dir/$marker" ] && [ ! -L "$work_dir/$marker" ] && [ -O "$work_dir/$marker" ]
}
