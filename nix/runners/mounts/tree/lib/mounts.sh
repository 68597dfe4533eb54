# shellcheck shell=sh
# Where in the workspace a job has what is prepared for it. Each is a line NAME=PLACE; `mounts` of launch.sh checks them.

# make_point PREPARED TREE PLACE LIKE: makes the mount point PLACE in TREE, a directory or a file as PREPARED is, with the
# time of the directory LIKE. Returns 1, with $point_wrong, where something else is in the way: what a job left may have
# a link in any step, which must not lead out of the tree.
make_point() {
  point=$2 point_rest=$3/ point_wrong=''
  while [ -n "$point_rest" ]; do
    above=$point point=$point/${point_rest%%/*} point_rest=${point_rest#*/}
    if [ -n "$point_rest" ] || [ -d "$1" ]; then point_kind=directory; else point_kind=text; fi
    if [ -L "$point" ]; then
      point_wrong="a symlink is in the way"
      return 1
    elif [ "$point_kind" = directory ] && [ -d "$point" ]; then
      continue
    elif [ "$point_kind" = text ] && [ -f "$point" ] && [ ! -s "$point" ]; then
      continue
    elif [ -e "$point" ]; then
      point_wrong="the workspace has something else there"
      return 1
    fi
    case $point_kind in
      directory) mkdir "$point" ;;
      text) true >"$point" ;;
    esac || point_wrong="it cannot be made"
    [ -z "$point_wrong" ] || return 1
    touch -r "$4/." "$point" "$above" || point_wrong="it cannot be given its time"
    [ -z "$point_wrong" ] || return 1
  done
}
