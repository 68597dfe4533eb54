# shellcheck shell=sh
# Publishes, builds and records one runner, in one conversation; docs/render.md. $repair: `yes` replaces what is wrong.
# $busybox: `yes` adds this host's own static busybox to the flake that is built.
: "${work_dir:?}" "${content_hash:?}" "${system:?}"
repair=${repair:-no} busybox=${busybox:-no}
digest content_hash
known repair yes no
known busybox yes no
flake=$work_dir/runner-flakes/$content_hash
dir=$work_dir/runners/$content_hash
record=$dir/pikaci-runner-flake.json

# The build is over in a second; a client that goes meanwhile costs nothing.
check_client() {
  :
}

# read_record: $state is missing, gone (its store path is), ready, or what the record names instead of this hash.
read_record() {
  state=missing
  [ -e "$record" ] || return 0
  json_string "$record" content_hash
  named=$json
  json_string "$record" remote_store_path
  store_path=$json
  { is_digest "$named" && [ "$(cat "$record")" = "$(record_json "$named" "$store_path")" ]; } || named=''
  if [ "$named" != "$content_hash" ]; then
    state="wrong ${named:-no content hash that can be read}"
  elif is_in_store "$store_path" && [ "$(readlink "$dir/runner")" = "$store_path" ]; then
    state=ready
  else
    state=gone
  fi
}

# move_aside: what is wrong goes to tmp/, where it is swept later.
move_aside() {
  aside=$(mktemp -d "$work_dir/tmp/aside-$content_hash.XXXXXXXX") || fail disk "cannot write in $work_dir/tmp"
  for wrong in "$flake" "$dir"; do
    [ ! -e "$wrong" ] || mv -T -- "$wrong" "$aside/$(basename "$(dirname "$wrong")")" ||
      fail disk "cannot move $wrong aside"
  done
}

publish_flake() {
  receive_stage runner-flakes "$content_hash"
  frame send ''
  receive_tree true || fail host "the upload could not be unpacked: $receive_said"
  receive_place "$flake"
}

# The source is added by content, so that what the flake evaluates to does not depend on the work directory's name.
build_runner() {
  whole=$flake
  [ "$busybox" = no ] || add_busybox
  add_rooted "$whole" "$dir/source" || return 1
  attended nix build --log-format internal-json --no-update-lock-file --out-link "$dir/runner" \
    "path:$source#packages.$system.runner" || nix_failed
  store_path=$(readlink "$dir/runner")
  is_in_store "$store_path"
}

# add_busybox: $whole becomes a copy of the flake with host/busybox.
add_busybox() {
  whole=$stage/flake
  rm -rf "$whole"
  static_busybox || fail host "there is no static busybox on this host
hint: Debian \`apt-get install busybox-static\`, NixOS \`environment.systemPackages = [ pkgs.pkgsStatic.busybox ]\`"
  { cp -a "$flake" "$whole" && mkdir "$whole/host" && cp "$found_busybox" "$whole/host/busybox"; } ||
    fail disk "cannot write in $work_dir/tmp"
}

# record_json HASH STORE_PATH: a record, which has this form and no other.
record_json() {
  printf '{"schema_version":1,"content_hash":"%s","remote_store_path":"%s"}\n' "$1" "$2"
}

write_record() {
  { record_json "$content_hash" "$store_path" >"$stage/record.json" && place "$stage/record.json" "$record"; } || fail disk "cannot write $record"
}

tell() {
  frame runner "$1$newline$(cat "$record")"
  exit 0
}

receive_lock runners "$content_hash"
read_record
outcome=built
case $state in
  ready) tell reused ;;
  wrong*)
    [ "$repair" = yes ] ||
      fail mismatch "the runner $content_hash is not what its name says: $record names ${state#wrong }"
    move_aside
    outcome=repaired
    ;;
esac
[ -e "$flake" ] || publish_flake
mkdir -p "$dir" || fail disk "cannot write in $work_dir/runners"
open_stage runner
trap 'receive_end; close_stage' EXIT
for attempt in 1 2 3; do
  if build_runner; then
    write_record
    tell "$outcome"
  fi
done
fail nix "the runner $content_hash was garbage-collected as soon as it was built, $attempt times"
