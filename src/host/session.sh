# shellcheck shell=sh
# The first program of every run: answers all questions about the host in one `probe` frame, then lives as long
# as its client and removes what the run left. Parameters: docs/protocol.md.
: "${run_id:?}" "${work_dir:?}"
# $alive_s: a slow host says every so often that it is still looking.
alive_s=${alive_s:-10}
# $later: `yes` when the client does not know its snapshot yet, and asks for it after the probe.
later=${later:-no}
# $anew: `yes` to look at all, whatever is remembered; works.sh.
anew=${anew:-no}
# $observer: `yes` for who looks at a run of another client, and neither keeps nor ends it.
observer=${observer:-no}
# $adopt: `yes` to take the work dir of an older pikaci; claim.sh.
content_hash=${content_hash:-} runners=${runners:-} backends=${backends:-} project=${project:-}
identifier run_id
number lease_ms
number alive_s
known observer yes no
known anew yes no
known later yes no
[ -z "$content_hash" ] || digest content_hash
for runner in $runners; do digest runner; done
# shellcheck disable=SC2034  # known reads it
for backend in $backends; do known backend sandbox derivation minivm microvm microvm-kvm; done

# fact NAME VALUE: at most 4 KiB, so that checks that run at once do not mix.
fact() {
  printf '%s=%s\001' "$1" "$2"
}

# printable TEXT: as a fact's value, in $printable.
printable() {
  printable=$1
  case $1 in *[!\ -~"$newline"]*) printable=$(printf '%s' "$1" | tr -cd '[:print:]\n') ;; esac
  [ "${#printable}" -le 2000 ] || printable=$(printf '%.2000s' "$printable")
}

# read_text FILE: its first 2000 bytes or a little more, by whole lines, in $text.
read_text() {
  text=''
  while { IFS= read -r line || [ -n "$line" ]; } && [ "${#text}" -lt 2000 ]; do text=$text$line$newline; done <"$1"
  text=${text%"$newline"}
} 2>/dev/null

# check NAME COMMAND...: `NAME=ok`, or what the command said.
check() {
  check_name=$1
  shift
  if said=$("$@" 2>&1 </dev/null); then
    fact "$check_name" ok
  else
    printable "$said"
    fact "$check_name" "failed: $printable"
  fi
}

make_work_dir() {
  default_place=no
  [ "$work_dir" != "$HOME/.local/state/pikaci" ] || default_place=yes
  [ -d "$work_dir" ] || said=$(mkdir -p -- "$work_dir" 2>&1) || fail disk "the work dir $work_dir cannot be made: $said"
  cd -P -- "$work_dir" 2>/dev/null || fail disk "the work dir $work_dir cannot be entered"
  work_dir=$PWD
  cd /
  claim_work_dir
  said=$(
    exec 2>&1
    cd "$work_dir" || exit
    for name in snapshots ahead runner-flakes runners sources prepared runs cache artifacts verdicts etc locks tmp; do
      [ -d "$name" ] || mkdir -p "$name" || exit
    done
    head -c 4096 /dev/zero >"tmp/probe-$$" && rm "tmp/probe-$$"
  ) || {
    rm -f "$work_dir/tmp/probe-$$"
    fail disk "the work dir $work_dir cannot be written: $said
$(df -h -- "$work_dir" 2>&1)"
  }
}

check_account() {
  fact system "$(uname -sm)"
  fact user "$(id -un)"
  fact uid "$uid"
  fact home "$HOME"
  fact work_dir "$work_dir"
  [ -z "$adopted" ] || fact adopted yes
  os_release
  check_space
  fact clock_ms "$(date +%s%3N)"
}

# check_space: without copies that were made ahead, where they take room that is wanted.
check_space() {
  space=$(stat -f -c '%a %S %d %b %c' -- "$work_dir")
  if any "$work_dir"/ahead/* "$work_dir"/tmp/ahead-* && ! ahead_room "$space"; then
    ahead_drop
    space=$(stat -f -c '%a %S %d %b %c' -- "$work_dir")
  fi
  space=${space% *}
  fact space "${space% *}"
}

os_release() {
  text=''
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in ID=* | ID_LIKE=*) text=$text$line$newline ;; esac
  done </etc/os-release
  printable "${text%"$newline"}"
  fact os_release "$printable"
} 2>/dev/null

check_tools() {
  missing=''
  for tool in bwrap b3sum comm cp cut date df dd find flock grep gzip head join ls mkdir mktemp mv nix nix-store perl prlimit sed setpriv \
    sha256sum sleep sort stat sync tar timeout touch tr unshare xargs zstd; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
  done
  [ -n "$recalled" ] || find_prints || case $missing in *" find"*) ;; *) missing="$missing find" ;; esac
  fact missing_tools "$missing"
}

# Marked as used before it is looked at, under the lock under which gc.sh looks for that mark and removes.
check_snapshot() {
  [ -n "$content_hash" ] || return 0
  snapshot=$work_dir/snapshots/$content_hash
  use_thing "$content_hash"
  if [ -f "$snapshot/pikaci-snapshot.json" ]; then
    read_text "$snapshot/pikaci-snapshot.json"
    printable "$text"
    fact snapshot "have $printable"
  elif [ -e "$snapshot" ]; then
    fact snapshot broken
  else
    fact snapshot missing
  fi
}

# await_snapshot: the client asks once it knows its snapshot, by a line `snapshot HASH KEY…`; keys are those of verdicts that others
# may have shared. Sets $client. Nothing here holds the
# channel open when this program is killed.
await_snapshot() {
  client=alive
  while :; do
    # shellcheck disable=SC2016  # the inner shell's
    line=$(unlocked timeout "$take_s" sh -c 'IFS= read -r line || exit 3; printf %s "$line"' 2>/dev/null)
    case $? in
    0) ;;
    124) client=silent && return ;;
    *) client=gone && return ;;
    esac
    case $line in 'snapshot '*) break ;; esac
  done
  set -f
  # shellcheck disable=SC2086  # a word each
  set -- ${line#snapshot }
  set +f
  content_hash=${1:-}
  digest content_hash
  shift
  echo "snapshots/$content_hash" >&"$fd_run"
  snapshot_fact=$(unlocked check_snapshot)
  snapshot_fact=${snapshot_fact#snapshot=}
  frame snapshot "${snapshot_fact%"$fact_end"}"
  [ "$#" = 0 ] || unlocked tell_verdicts "$@"
}

# newest_snapshots: of the project, whose name as JSON is $project, newest first; only what can be built upon.
# The time of the last change of state is the one that publication does not set.
newest_snapshots() {
  [ -n "$project" ] || return 0
  found=$(
    cd "$work_dir/snapshots" || exit
    # shellcheck disable=SC2045  # names are content hashes
    for name in $(ls -1tc); do
      [ "$#" -lt 1000 ] || break
      set -- "$@" "$name/pikaci-snapshot.json"
    done
    [ "$#" = 0 ] || grep -lF -- "\"project_id\": $project," "$@"
  ) 2>/dev/null
  newest='' count=0
  for metadata in $found; do
    snapshot=${metadata%/*}
    has_this_layout "$work_dir/snapshots/$snapshot" || continue
    newest="$newest$snapshot " count=$((count + 1))
    [ "$count" -lt 24 ] || break
  done
  fact snapshots "${newest% }"
}

# check_runner HASH: missing, broken (no store path in the record), gone (not valid or not rooted any more) or ready. While Nix is
# known to work, what has a root and is there is valid.
check_runner() {
  use_thing "$1"
  record=$work_dir/runners/$1/pikaci-runner-flake.json
  if [ ! -e "$record" ]; then
    fact runner "$1 missing "
    return
  fi
  json_string "$record" remote_store_path
  store_path=$json
  case ${store_path#/nix/store/} in "$store_path" | '' | */*) store_path='' ;; esac
  if [ -z "$store_path" ]; then
    state=broken
  elif [ "$(readlink "$work_dir/runners/$1/runner")" = "$store_path" ] &&
    { [ -n "$recalled" ] && [ -e "$store_path" ] || nix-store --check-validity "$store_path" 2>/dev/null; }; then
    state=ready
  else
    state=gone
  fi
  read_text "$record"
  printable "$text"
  fact runner "$1 $state $printable"
}

# any PATH...: one of these is there, as a pattern that matches nothing is not.
any() {
  for path; do [ ! -e "$path" ] || return 0; done
  return 1
}

# sweep: of what pikaci makes only. What dead programs left in tmp/ (an upload that was cut stays for a day), runs whose client and guards are gone
# and that nobody keeps, and the locks of runs that nobody holds. `flock NAME` would make a file where an upload's
# directory has just become a snapshot, so that is opened first. A guest may see what was moved aside.
sweep() {
  # shellcheck disable=SC2016  # the inner shell's
  swept=$(
    any "$work_dir"/tmp/* && find_ours "$work_dir/tmp" tmp -user "$uid" \
      \( -mmin +1440 -o -mmin +2 ! -name 'partial-*' \) -exec sh -c '
      exec 8<"$1" && flock -n 8 && [ "$1" -ef /dev/fd/8 ] || exit
      used=${1#./aside-}
      [ "$used" = "$1" ] || { exec 9>>"$2/locks/use-${used%.*}" && flock -n 9; } || exit
      if sh -c "$3" remove "$1" 2>/dev/null; then echo swept; else echo "left $2/tmp/${1#./}"; fi' \
      sweep {} "$work_dir" "$remove_program" \;
    any "$work_dir"/runs/* && find_ours "$work_dir/runs" runs -mmin +10 -exec sh -c '
      lock=$1/locks/run-${2##*/}
      [ ! -e "$2/keep" ] || exit 0
      flock -n -E 75 "$lock" sh -c "$3" remove "$2" 2>/dev/null
      case $? in
        0) rm -f -- "$lock" && echo swept ;;
        75) ;;
        *) echo "left $1/runs/${2#./}" ;;
      esac' sweep "$work_dir" {} "$remove_program" \;
    drop_unfetched
    drop_expired
    any "$work_dir"/ahead/* && find_ours "$work_dir/ahead" ahead -mmin +1440 -exec sh -c "$remove_program" remove {} +
    any "$work_dir"/locks/run-* && find_ours "$work_dir/locks" locks -name 'run-*' -mmin +10 -exec flock -n {} rm -f -- {} \;
  ) 2>/dev/null
  count=0
  while IFS= read -r line; do
    case $line in
    '') ;;
    'left '*) fact unremovable "${line#left }" ;;
    *) count=$((count + 1)) ;;
    esac
  done <<END
$swept
END
  fact swept "$count"
}

# sweep_etc: copies of /etc that no session has used for a month. After check_seen, so that its own is young.
sweep_etc() {
  find_ours "$work_dir/etc" etc ! -name current -mtime +30 -exec sh -c "$remove_program" remove {} + 2>/dev/null
}

# look_for_leftovers: a `reaped` fact for each run that had left something.
look_for_leftovers() {
  reaped=$(reap)
  [ -n "$reaped" ] || return 0
  while IFS= read -r line; do fact reaped "$line"; done <<END
$reaped
END
}

probe() {
  check_account &
  check_tools &
  if [ -n "$recalled" ]; then printf %s "$recalled"; else check_works; fi
  case " $backends " in *' minivm '* | *' microvm'*) check_machine & ;; esac
  case " $backends " in *' sandbox '* | *' minivm '*) { check_seen '' && { [ -n "$recalled" ] || sweep_etc; }; } & ;; esac
  case " $backends " in *' derivation '*) check_busybox & ;; esac
  check_snapshot &
  newest_snapshots &
  for runner in $runners; do check_runner "$runner" & done
  sweep &
  look_for_leftovers &
  [ "$observer" = no ] || tell_unfetched &
  wait
}

# say_alive: an empty frame now and then; what it waits for ends with it.
say_alive() {
  while setpriv --pdeathsig KILL sleep "$alive_s" >/dev/null && kill -0 "$$"; do frame alive ''; done
}

frame alive ''
make_work_dir
say_alive 2>/dev/null &
alive_sayer=$!
[ "$observer" = yes ] || {
  take_lock "$fd_run" "run-$run_id" -s
  [ -z "$content_hash" ] || echo "snapshots/$content_hash" >&"$fd_run"
  for runner in $runners; do printf 'runners/%s\nrunner-flakes/%s\n' "$runner" "$runner" >&"$fd_run"; done
}
run_mark ''
recall_works
facts=$(unlocked probe)
remember_works "$facts"
{ kill -KILL "$alive_sayer" && wait "$alive_sayer"; } 2>/dev/null
printf 'probe %d\n' "${#facts}"
set -f
IFS=$(printf '\001')
# shellcheck disable=SC2086  # a word each
printf '%s\0' $facts
unset IFS
set +f

client=alive
[ "$later" = no ] || await_snapshot
if [ "$client" = alive ]; then
  lease_start
  linger
  lease_stop
fi
[ "$client" != silent ] || frame error "network
nothing was heard of the client for $((lease_ms / 1000)) s, so the host ended the run
hint: run the command again; a longer \`lease\` of the host in the configuration lets the client be silent for longer"

{ [ "$observer" = no ] && [ ! -e "$work_dir/runs/$run_id/detached" ]; } || exit 0
# The guards of this run hold the lock as long as they live.
if flock -w 20 "$fd_run"; then
  clear_run "$run_id"
  # What cannot be removed now the next session tells.
  [ -e "$work_dir/runs/$run_id/keep" ] || remove_tree "${work_dir:?}/runs/$run_id" 2>/dev/null
  rm -f -- "$work_dir/locks/run-$run_id"
fi
ahead_start
