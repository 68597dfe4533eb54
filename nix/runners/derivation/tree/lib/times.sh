# shellcheck shell=sh
# Times in a job's copy of the workspace, since Nix's store has none; docs/derivation.md.

# set_times TIME TREE PATH…: gives all of TREE and PATH… the time, in seconds since 1970, and git's index in TREE a second
# more: git believes only what is older. A symlink is never followed, and one may stand in the place of `.git`.
set_times() {
  time=$1 tree=$2
  shift
  find "$@" -exec touch -h -d "@$time" {} +
  [ -L "$tree/.git" ] || [ ! -f "$tree/.git/index" ] || touch -h -d "@$((time + 1))" "$tree/.git/index"
}
