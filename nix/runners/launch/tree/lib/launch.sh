# shellcheck shell=sh
# The words of a job's launch document, for runners that have sourced it: each has values that are known. Any other ends
# the job by name and is never guessed: a word that is missing, of a wrong type, of a later version. A runner has `fail`.

# word NAME VALUE KNOWN…: fails unless it is one of these.
word() {
  word_name=$1 word_value=$2
  shift 2
  for known; do [ "$word_value" != "$known" ] || return 0; done
  unknown "$word_name" "$word_value" "one of: $*"
}

# number NAME VALUE: a whole number, as a shell counts with it.
number() {
  case $2 in '' | *[!0-9]* | 0?* | ????????????????*) unknown "$1" "$2" "a number" ;; esac
}

# limit NAME VALUE: a number, or empty where there is none.
limit() {
  [ -z "$2" ] || number "$@"
}

# path NAME VALUE: absolute.
path() {
  case $2 in /*) ;; *) unknown "$1" "$2" "an absolute path" ;; esac
}

# mounts NAME VALUE: lines NAME=PLACE, each a prepared output and a path that stays below the workspace.
mounts() {
  [ -n "$2" ] || return 0
  while IFS= read -r mount; do
    case $mount in
      [0-9A-Za-z]*=?*) ;;
      *) unknown "$1" "$2" "lines NAME=PLACE" ;;
    esac
    case ${mount%%=*} in *[!0-9A-Za-z._-]*) unknown "$1" "$2" "lines NAME=PLACE" ;; esac
    case /${mount#*=}/ in *//* | */./* | */../*) unknown "$1" "$2" "places below the workspace" ;; esac
  done <<END
$2
END
}

# unknown NAME VALUE WANTED: on one line of `control`, whatever the value holds.
unknown() {
  fail "this runner was told $1=$(printf '%.60s' "$2" | tr -c ' -~' '?'), and takes $3"
}

# check_launch NETWORK…: what every runner reads; the networks are those that it has besides none.
check_launch() {
  word launch_version "${launch_version-}" 1
  word launch_user "${launch_user-}" root user
  word launch_workspace "${launch_workspace-}" read-only private
  word launch_network "${launch_network-}" none "$@"
  word launch_keep "${launch_keep-}" yes no
  word launch_input "${launch_input-no}" yes no
  path launch_cwd "${launch_cwd-}"
  case ${launch_hostname-} in
    '' | -* | *[!0-9A-Za-z-]*) unknown launch_hostname "${launch_hostname-}" "a host name" ;;
  esac
  number launch_timeout_ms "${launch_timeout_ms-}"
  mounts launch_mounts "${launch_mounts-undefined}"
  limit launch_memory "${launch_memory-undefined}"
  limit launch_processes "${launch_processes-undefined}"
  limit launch_file_size "${launch_file_size-undefined}"
  limit launch_open_files "${launch_open_files-undefined}"
}

# check_machine: what the launchers of virtual machines read.
check_machine() {
  word machine_accel "${machine_accel-}" kvm tcg
  number machine_silence_s "${machine_silence_s-}"
}
