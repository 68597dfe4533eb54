# shellcheck shell=sh
# Realises and roots what the jobs of a run need, in one conversation; docs/prepare.md.
# shellcheck disable=SC2317  # `each` calls functions by name
: "${work_dir:?}" "${run_id:?}" "${content_hash:?}" "${source_hash?}" "${subset?}" "${subdir:?}" "${wanted:?}" "${nix_words?}" "${send_inputs?}" "${sandboxed?}"
identifier run_id
digest content_hash source_hash
known subset '' yes
known subdir path query
known send_inputs '' yes
known sandboxed '' yes

run_roots=$work_dir/runs/$run_id/prepared

# Every line of $wanted: key, kind, place (a flake's directory, or a store path), attribute (of a store path, the tree that
# it is made of: directory:HASH, file:HASH, or - where it comes with `nix copy`), head of the record.
each() {
  while read -r key kind place attr head; do
    [ -n "$key" ] || continue
    identifier key
    known kind flake path
    [ "$kind" = flake ] || known_tree
    "$1" || return 1
  done <<EOF
$2
EOF
}

known_tree() {
  tree_hash=${attr#*:}
  case $attr in
    directory:* | file:*) digest tree_hash ;;
    *) known attr - directory:HASH file:HASH ;;
  esac
}

collect_candidate() {
  target=$(readlink "$work_dir/prepared/$key/out") || target=''
  case $target in /nix/store/*) candidates="$candidates $target" ;; esac
  [ "$kind" = flake ] || candidates="$candidates $place"
}

# Sorts $wanted into $missed (flake outputs without a valid record) and $absent (client paths not in the store).
sort_wanted() {
  missed='' absent='' candidates=''
  each collect_candidate "$wanted"
  # shellcheck disable=SC2086  # store paths hold no white space
  invalid=$([ -z "$candidates" ] || nix-store --check-validity --print-invalid $candidates) ||
    fail nix "the Nix store does not answer (nix-store --check-validity)"
  each sort_one "$wanted"
}

is_unbuilt() {
  case " $unbuilt " in *" $key "*) return 0 ;; *) return 1 ;; esac
}

sort_one() {
  is_unbuilt && return 0
  line="$key $kind $place $attr $head$newline"
  if [ "$kind" = flake ]; then
    is_recorded || missed=$missed$line
  else
    is_valid "$place" || absent=$absent$line
  fi
}

is_valid() {
  case "$newline$invalid$newline" in *"$newline$1$newline"*) return 1 ;; esac
}

# A record counts when it is whole and its root leads to the store path that it names.
is_recorded() {
  target=$(readlink "$work_dir/prepared/$key/out") || return 1
  is_valid "$target" && grep -qxs "{.*\"key\":\"$key\".*\"store_path\":\"$target\",\"nix\":.*}" \
    "$work_dir/prepared/$key/record.json"
}

# A daemon takes `sandbox` and `sandbox-fallback` from accounts that it trusts alone: its own configuration has to have
# them. What this account once accepted of a flake's settings does not count.
check_sandbox() {
  [ "$sandboxed" = yes ] || return 0
  export XDG_DATA_HOME="$stage/data"
  [ ! -w /nix/var/nix/db ] || return 0
  settings=$(nix config show 2>/dev/null || nix show-config 2>/dev/null)
  for setting in 'sandbox = true' 'sandbox-fallback = false'; do
    printf '%s\n' "$settings" | grep -qx "$setting" || fail nix "its Nix does not promise \`$setting\`, without which no flake of an untrusted tree is built
hint: write \`$setting\` into the host's /etc/nix/nix.conf and restart nix-daemon (NixOS \`nix.settings.${setting%% *} = ${setting##* };\`)"
  done
}

check_client() {
  lease_check
  [ "$client" = alive ]
}

lock_source() {
  take_lock "$fd_thing" "prepare-$source_hash" -n && return 0
  frame waiting "another run prepares outputs of the same source"
  await_lock "$fd_thing" check_client || exit 1
}

# The flake's source as a store path, where evaluation does not copy it again.
add_source() {
  link=$work_dir/sources/$source_hash
  if source=$(readlink "$link") && is_in_store "$source"; then return 0; fi
  tree=$work_dir/snapshots/$content_hash/snapshot
  [ -d "$tree" ] || fail mismatch "the snapshot $content_hash is no longer on this host"
  [ -z "$subset" ] || select_files
  add_rooted "$tree" "$link"
}

# The list came as a document: NUL-separated names of the files that the flake is made of.
select_files() {
  [ -e "$stage/list" ] || fail nix "a recorded output was garbage-collected just now; run the command again"
  { mkdir -p "$stage/tree" &&
    tar --create --sparse --file="$stage/tree.tar" --directory="$tree" --null --no-recursion --files-from="$stage/list" &&
    tar --extract --file="$stage/tree.tar" --directory="$stage/tree"; } ||
    fail disk "cannot select the flake's files: $(df -P "$stage" | tail -n 1)"
  rm -f "$stage/tree.tar"
  tree=$stage/tree
}

reference() {
  case "$place:$subdir" in
    .:*) printf 'path:%s#%s' "$source" "$attr" ;;
    *:query) printf 'path:%s?dir=%s#%s' "$source" "$place" "$attr" ;;
    *) printf 'path:%s/%s#%s' "$source" "$place" "$attr" ;;
  esac
}

# --no-update-lock-file alone: with --no-write-lock-file beside it Nix only warns and makes up a lock.
build_missed() {
  eval "set -- $nix_words"
  while read -r key kind place attr head; do
    [ -z "$key" ] || set -- "$@" "$(reference)"
  done <<EOF
$missed
EOF
  if attended nix build --keep-going --log-format internal-json --no-update-lock-file --out-link "$run_roots/.build" "$@"; then
    each record_built "$missed" || nix_failed
  else
    settle_failed
  fi
  rm -f "$run_roots"/.build*
}

# The build's own JSON is in the order of the derivations, so each installable is asked for, from Nix's cache.
record_built() {
  ask_output && write_record
}

# Its JSON in $outputs, its $derivation and its $path.
ask_output() {
  eval "attended nix build --dry-run --json --no-link --no-update-lock-file --option substitute false $nix_words" \
    '"$(reference)"' || return 1
  outputs=$(cat "$stage/out")
  derivation=$(sed -n 's/^.*"drvPath":"\(\/nix\/store\/[^"]*\)".*$/\1/p' "$stage/out")
  path=$(sed -n 's/^.*"out":"\(\/nix\/store\/[^"]*\)".*$/\1/p' "$stage/out")
  [ -n "$path" ] || path=$(sed -n 's/^.*"outputs":{"[^"]*":"\(\/nix\/store\/[^"]*\)".*$/\1/p' "$stage/out")
  [ -n "$path" ] || { echo "error: $place#$attr has no output path" >"$stage/log"; return 1; }
}

# A record is there only when the root beside it is.
write_record() {
  dir=$work_dir/prepared/$key
  mkdir -p "$dir" || fail disk "cannot write in $work_dir/prepared"
  root "$dir/out" "$path" || return 0
  { printf '%s,"store_path":"%s","nix":%s}\n' "${head%\}}" "$path" "$outputs" >"$stage/record.json" &&
    place "$stage/record.json" "$dir/record.json"; } || fail disk "cannot write in $dir"
  fresh="$fresh $key"
}

ask_for_absent() {
  paths=''
  each list_absent "$absent"
  lease_done=0
  frame need "$paths"
}

# Rooted before it comes, so that no collection can take it between its arrival and a root.
list_absent() {
  paths=$paths$place$newline
  root_ahead "$run_roots/$key" "$place" || fail nix "Nix makes no root: $(tail -n 1 "$stage/root-log")"
}

await_absent() {
  await_done check_client || exit 1
  each add_sent "$absent"
}

# add_sent: what the client has published comes into the store from there. Its content decides its path, which has to be
# the one that was asked for.
add_sent() {
  [ "$attr" != - ] || return 0
  ! is_in_store "$place" || return 0
  tree=$work_dir/snapshots/$tree_hash/snapshot
  take_lock "$fd_base" "use-$tree_hash" -s
  mark_used "use-$tree_hash"
  [ -d "$tree" ] || fail mismatch "the client path $tree_hash is no longer on this host; run the command again"
  [ "${attr%%:*}" = directory ] || sole_file
  attended nix store add-path --name "${place#/nix/store/*-}" "$tree" || nix_failed
  close_fd "$fd_base"
  [ "$(cat "$stage/out")" = "$place" ] ||
    fail mismatch "the client path $tree_hash became $(cat "$stage/out"), and not $place"
}

# sole_file: $tree is the one file in it.
sole_file() {
  for entry in "$tree"/* "$tree"/.[!.]* "$tree"/..?*; do
    [ ! -f "$entry" ] || tree=$entry
  done
}

# The client fetches the flakes' inputs for a host that can't. Its answers come in the order of the questions.
await_inputs() {
  [ -n "$send_inputs" ] || return 0
  if [ -n "$absent" ]; then
    await_absent
    copied="$copied $absent" absent=''
  fi
  frame inputs ''
  await_absent
}

realise() {
  [ -z "$absent" ] || ask_for_absent
  if [ -n "$missed" ]; then
    lock_source
    asked=$absent
    sort_wanted
    absent=$asked
    [ -z "$missed" ] || { check_sandbox && add_source && await_inputs && build_missed; }
    close_fd "$fd_thing"
  fi
  [ -z "$absent" ] || { await_absent && copied="$copied $absent"; }
}

# Fails when a garbage collection won the race.
root_one() {
  is_unbuilt && return 0
  if [ "$kind" = path ] && ! is_recorded; then
    path=$place outputs=null
    write_record
  fi
  touch -c "$work_dir/prepared/$key/record.json"
  path=$(readlink "$work_dir/prepared/$key/out") && root "$run_roots/$key" "$path"
}

tell_one() {
  is_unbuilt && return 0
  outcome=reused
  case " $fresh " in *" $key "*) [ "$kind" = path ] || outcome=built ;; esac
  case "$copied" in *"$key "*) outcome=copied ;; esac
  frame prepared "$outcome$newline$(cat "$work_dir/prepared/$key/record.json")"
}

# Answered before the heartbeat takes over stdin.
take_list() {
  { [ -n "$subset" ] && [ -n "$missed" ]; } || return 0
  frame list ''
  take_file "$stage/list" "the list of the flake's files"
}

mkdir -p "$work_dir/prepared" "$work_dir/sources" "$work_dir/locks" "$work_dir/tmp" "$run_roots" ||
  fail disk "cannot write in $work_dir"
open_stage prepare
trap close_stage EXIT
fresh='' copied='' unbuilt=''
sort_wanted
take_list
lease_start
for attempt in 1 2 3; do
  [ "$attempt" = 1 ] || sort_wanted
  realise
  if each root_one "$wanted"; then
    each tell_one "$wanted"
    frame end ''
    exit 0
  fi
done
fail nix "what was realised was garbage-collected at once, three times: $(cat "$stage/root-log")"
