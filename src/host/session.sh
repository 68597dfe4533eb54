# shellcheck shell=sh
# The first program of every run: answers all questions about the host in one `probe` frame, then lives as long
# as its client and removes what the run left. Parameters: docs/protocol.md.
: "${run_id:?}" "${work_dir:?}"
# $alive_s: a slow host says every so often that it is still looking.
alive_s=${alive_s:-10}
not_here=''
# $observer: `yes` for who looks at a run of another client, and neither keeps nor ends it.
observer=${observer:-no}
# $adopt: `yes` to take the work dir of an older pikaci; claim.sh.
content_hash=${content_hash:-} runners=${runners:-} backends=${backends:-} project=${project:-}
identifier run_id
number lease_ms
number alive_s
known observer yes no
[ -z "$content_hash" ] || digest content_hash
for runner in $runners; do digest runner; done
# shellcheck disable=SC2034  # known reads it
for backend in $backends; do known backend sandbox derivation minivm microvm microvm-kvm; done

# fact NAME VALUE: at most 4 KiB, so that checks that run at once do not mix.
fact() {
  printf '%s=%s\001' "$1" "$2"
}

# printable: stdin as a fact's value.
printable() {
  tr -cd '[:print:]\n' | head -c 2000
}

make_work_dir() {
  default_place=no
  [ "$work_dir" != "$HOME/.local/state/pikaci" ] || default_place=yes
  said=$(mkdir -p -- "$work_dir" 2>&1) || fail disk "the work dir $work_dir cannot be made: $said"
  said=$(cd -P -- "$work_dir" 2>&1 && pwd -P) || fail disk "the work dir $work_dir cannot be entered"
  work_dir=$said
  claim_work_dir
  said=$(
    cd "$work_dir" && mkdir -p snapshots runner-flakes runners sources prepared runs cache etc locks tmp 2>&1 &&
      { head -c 4096 /dev/zero >"tmp/probe-$$"; } 2>&1 && rm "tmp/probe-$$" 2>&1
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
  fact os_release "$(sed -n '/^ID=/p;/^ID_LIKE=/p' /etc/os-release 2>/dev/null | printable)"
  fact space "$(stat -f -c '%a %S %d' -- "$work_dir")"
  fact clock_ms "$(date +%s%3N)"
}

check_tools() {
  missing=''
  for tool in bwrap b3sum comm cp cut date df dd find flock grep gzip head join ls mkdir mktemp mv nix nix-store perl prlimit sed setpriv \
    sha256sum sleep sort stat sync tar timeout touch tr unshare xargs zstd; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
  done
  # Busybox's cannot list a tree as the client compares it.
  find "$work_dir" -maxdepth 0 -printf '' 2>/dev/null || case $missing in *" find"*) ;; *) missing="$missing find" ;; esac
  fact missing_tools "$missing"
  case $(tar --version 2>/dev/null) in *GNU*) fact gnu_tar yes ;; esac
  setpriv --pdeathsig KILL true 2>/dev/null && fact setpriv yes
}

# check_store: one evaluation gives the version and writes a file of some bytes, so it shows that the store works.
check_store() {
  command -v nix-instantiate >/dev/null || return 0
  said=$(nix-instantiate --eval --read-write-mode -E 'builtins.concatStringsSep " "
    [ builtins.nixVersion builtins.storeDir (toString (builtins.toFile "pikaci-probe" "pikaci")) ]' 2>&1)
  answer=$(printf '%s\n' "$said" | sed -n 's/^"\([^ "]* [^ "]* [^ "]*\)"$/\1/p')
  if [ -n "$answer" ] && { [ -e "${answer##* }" ] || look_at_root; }; then
    fact nix "$answer"
    [ -z "$not_here" ] && fact store_here yes
  else
    fact nix_error "$(printf '%s' "$said" | printable)"
  fi
}

# look_at_root: a collection may have taken the file before it was seen. What has a root stays: seen or not, that is
# the answer, in $not_here. Fails when Nix gives none.
look_at_root() {
  probe_root=$work_dir/tmp/probe-root-$$
  said=$(nix-instantiate --add-root "$probe_root" --indirect -E \
    'derivation { name = "pikaci-probe"; system = "none"; builder = "none"; }' 2>&1) || return
  [ -e "$probe_root" ] || not_here=yes
  rm -f "$probe_root"
}

# namespaced ARG...: unshare with these arguments, in a user namespace unless root.
namespaced() {
  if [ "$uid" = 0 ]; then unshare "$@"; else unshare --user --map-root-user "$@"; fi
}

# check NAME COMMAND...: `NAME=ok`, or what the command said.
check() {
  check_name=$1
  shift
  if said=$("$@" 2>&1 </dev/null); then
    fact "$check_name" ok
  else
    fact "$check_name" "failed: $(printf '%s' "$said" | printable)"
  fi
}

overlay_works() {
  # shellcheck disable=SC2016  # the inner shell's
  namespaced --mount sh -c '
    cd "$1" && mount -t tmpfs tmpfs . && cd "$1" && mkdir lower upper work merged &&
      mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr overlay merged' overlay "$work_dir/tmp"
}

# Marked as used before it is looked at, under the lock under which gc.sh looks for that mark and removes.
check_snapshot() {
  [ -n "$content_hash" ] || return 0
  snapshot=$work_dir/snapshots/$content_hash
  use_thing "$content_hash"
  if [ -f "$snapshot/pikaci-snapshot.json" ]; then
    fact snapshot "have $(printable <"$snapshot/pikaci-snapshot.json")"
  elif [ -e "$snapshot" ]; then
    fact snapshot broken
  else
    fact snapshot missing
  fi
}

# newest_snapshots: of the project, whose name as JSON is $project, newest first; only what can be built upon.
# The time of the last change of state is the one that publication does not set.
newest_snapshots() {
  [ -n "$project" ] || return 0
  # shellcheck disable=SC2012  # names are content hashes
  found=$(
    cd "$work_dir/snapshots" && ls -1tc | head -n 1000 | sed 's/$/\/pikaci-snapshot.json/' |
      xargs -r grep -lF -- "\"project_id\": $project," |
      xargs -r grep -lF -- "\"layout_version\": $layout_version," | head -n 24 | cut -d / -f 1
  ) 2>/dev/null
  fact snapshots "$(printf '%s' "$found" | tr '\n' ' ')"
}

# check_runner HASH: missing, broken (no store path in the record), gone (not valid or not rooted any more) or ready.
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
    nix-store --check-validity "$store_path" 2>/dev/null; then
    state=ready
  else
    state=gone
  fi
  fact runner "$1 $state $(printable <"$record")"
}

# sweep: of what pikaci makes only. What dead programs left in tmp/ (an upload that was cut stays for a day), runs whose client and guards are gone
# and that nobody keeps, and the locks of runs that nobody holds. `flock NAME` would make a file where an upload's
# directory has just become a snapshot, so that is opened first. A guest may see what was moved aside.
sweep() {
  # shellcheck disable=SC2016  # the inner shell's
  swept=$(
    find_ours "$work_dir/tmp" tmp -user "$uid" \
      \( -mmin +1440 -o -mmin +2 ! -name 'partial-*' \) -exec sh -c '
      exec 8<"$1" && flock -n 8 && [ "$1" -ef /dev/fd/8 ] || exit
      used=${1#./aside-}
      [ "$used" = "$1" ] || { exec 9>>"$2/locks/use-${used%.*}" && flock -n 9; } || exit
      if sh -c "$3" remove "$1" 2>/dev/null; then echo swept; else echo "left $2/tmp/${1#./}"; fi' \
      sweep {} "$work_dir" "$remove_program" \;
    find_ours "$work_dir/runs" runs -mmin +10 -exec sh -c '
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
    find_ours "$work_dir/locks" locks -name 'run-*' -mmin +10 -exec flock -n {} rm -f -- {} \;
  ) 2>/dev/null
  fact swept "$(printf '%s\n' "$swept" | grep -cv '^left \|^$')"
  printf '%s\n' "$swept" | sed -n 's/^left //p' | while IFS= read -r path; do fact unremovable "$path"; done
}

# sweep_etc: copies of /etc that no session has used for a month. After check_seen, so that its own is young.
sweep_etc() {
  find_ours "$work_dir/etc" etc ! -name current -mtime +30 -exec sh -c "$remove_program" remove {} + 2>/dev/null
}

# look_for_leftovers: a `reaped` fact for each run that had left something.
look_for_leftovers() {
  reap | while IFS= read -r line; do fact reaped "$line"; done
}

probe() {
  check_account &
  check_tools &
  check_store &
  check namespaces namespaced --pid --fork --kill-child --mount-proc true &
  check overlay overlay_works &
  case " $backends " in
  *' sandbox '*) check bwrap bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev --perms 1777 --tmpfs /tmp true & ;;
  esac
  case " $backends " in *' minivm '* | *' microvm'*) check_machine & ;; esac
  case " $backends " in *' sandbox '* | *' minivm '*) { check_seen '' && sweep_etc; } & ;; esac
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
facts=$(unlocked probe)
{ kill -KILL "$alive_sayer" && wait "$alive_sayer"; } 2>/dev/null
printf 'probe %d\n' "$(printf %s "$facts" | wc -c)"
printf %s "$facts" | tr '\001' '\000'

lease_start
linger
[ "$client" != silent ] || frame error "network
nothing was heard of the client for $((lease_ms / 1000)) s, so the host ended the run
hint: run the command again; a longer \`lease\` of the host in the configuration lets the client be silent for longer"
lease_stop

{ [ "$observer" = no ] && [ ! -e "$work_dir/runs/$run_id/detached" ]; } || exit 0
# The guards of this run hold the lock as long as they live.
if flock -w 20 "$fd_run"; then
  clear_run "$run_id" >/dev/null
  # What cannot be removed now the next session tells.
  [ -e "$work_dir/runs/$run_id/keep" ] || remove_tree "${work_dir:?}/runs/$run_id" 2>/dev/null
  rm -f -- "$work_dir/locks/run-$run_id"
fi
