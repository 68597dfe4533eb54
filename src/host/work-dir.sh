# shellcheck shell=sh
# Whether $work_dir is marked as pikaci's, and which names in it pikaci makes; docs/state-layout.md.

marker=pikaci-work-dir

# name_pattern KIND: of what pikaci makes in KIND/, as an extended regular expression.
name_pattern() {
  hash='[0-9a-f]{64}' end='[.][0-9A-Za-z]{8}'
  run='[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}' scope='[0-9A-Za-z._-]+(@[0-9A-Za-z._-]+){2}'
  case $1 in
  snapshots | runner-flakes | runners | sources | prepared) echo "$hash" ;;
  runs) echo "$run" ;;
  cache) echo "$scope" ;;
  etc) echo "$hash-[0-9a-f]{8}|names-$hash-[0-9a-f]{8}|current" ;;
  locks) echo "run-$run|(use|prepare|prepared|runners|runner-flakes|snapshots)-$hash|(use|cache)-$scope" ;;
  tmp)
    echo "((snapshots|runner-flakes|aside)-$hash|prepare|runner|cache|etc|gone)$end|partial-$hash-[0-9a-f]{8}|(probe|list|remove)-[0-9]+"
    ;;
  *) fail host "pikaci makes no $1 in a work dir" ;;
  esac
}

# find_ours DIRECTORY KIND ARG...: `find` below DIRECTORY, of what pikaci makes in KIND/ only.
find_ours() {
  found_in=$1 found_kind=$2
  shift 2
  (cd -- "$found_in" && find . -regextype posix-extended -mindepth 1 -maxdepth 1 -regex "[.]/($(name_pattern "$found_kind"))" "$@")
}

# is_ours KIND/NAME
is_ours() {
  case $1 in *"
"*) return 1 ;; esac
  printf '%s\n' "${1#*/}" | grep -Eqx -- "$(name_pattern "${1%%/*}")"
}

# is_marked: the marker is a file of this account, and no link to one.
is_marked() {
  case $(stat -c '%F %u' -- "$work_dir/$marker" 2>/dev/null) in
  "regular file $uid" | "regular empty file $uid") ;;
  *) return 1 ;;
  esac
}
