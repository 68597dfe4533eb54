# shellcheck shell=sh
# Nix, for host programs that realise something; docs/prepare.md. A program defines check_client.
: "${work_dir:?}"

# open_stage NAME: an empty directory $stage under tmp/, with a pipe for what Nix says.
open_stage() {
  make_staging "$1"
  stage=$staged
  mkfifo "$stage/stderr" || fail disk "cannot write in $stage"
}

close_stage() {
  rm -rf -- "$stage"
}

# attended COMMAND…: its stdout in $stage/out, its stderr to the client and in $stage/log, ended when the client goes.
attended() {
  unlocked exec tee "$stage/log" <"$stage/stderr" >&2 &
  log_copy=$!
  unlocked exec setpriv --pdeathsig TERM "$@" </dev/null >"$stage/out" 2>"$stage/stderr" &
  child=$!
  await "$child" check_attended
  attended_status=$?
  await "$log_copy" check_client || check_client || exit 1
  return "$attended_status"
}

# check_attended: Nix ends its builders when it is told to stop, not when it is killed.
check_attended() {
  check_client && return
  kill -TERM "$child"
  within 300 ended "$child" || kill -KILL "$child" 2>/dev/null
  exit 1
}

# nix_failed: the end of the conversation; the client makes an error of Nix's own words, which a full disk swallows.
nix_failed() {
  { echo >"$stage/check"; } 2>/dev/null ||
    fail disk "the disk of $work_dir is full: $(df -P -- "$work_dir" | tail -n 1)"
  # Whether Nix works at all is looked at again (works.sh). Only now: a file that goes makes room on a full disk.
  rm -f -- "$work_dir/etc/works"
  frame nix-failed "$(tail -c 200000 "$stage/log")"
  exit 0
}

# is_in_store PATH: valid in the store now.
is_in_store() {
  case $1 in /nix/store/*) nix-store --check-validity "$1" 2>/dev/null ;; *) return 1 ;; esac
}

# root LINK PATH: an indirect GC root at its final place, for a path that is valid now; never asks a substituter.
root() {
  nix-store --option substitute false --realise "$2" --add-root "$1" >/dev/null 2>"$stage/root-log"
}

# root_ahead LINK PATH: an indirect GC root for a path that is still to come. Nix registers a link only to something
# valid, so it first leads to a derivation, which one process makes and roots: no collection comes between.
root_ahead() {
  nix-instantiate --add-root "$1" --expr 'derivation { name = "to-come"; builder = "none"; system = "none"; }' \
    >/dev/null 2>"$stage/root-log" || return
  { ln -s "$2" "$stage/link" && mv -T "$stage/link" "$1"; } || fail disk "cannot write $1"
}

# add_rooted DIRECTORY LINK: adds it by content as $source, with LINK as root. What a collection took before it had its
# root is added again, with the root ahead of it.
add_rooted() {
  for _ in 1 2 3; do
    attended nix store add-path --name source "$1" || nix_failed
    source=$(cat "$stage/out")
    root "$2" "$source" && return 0
    root_ahead "$2" "$source" || return 1
  done
  return 1
}
