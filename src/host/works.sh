# shellcheck shell=sh
# Whether what a host has works: Nix and its store, namespaces, overlays, bubblewrap. It takes processes to see that. So it is
# remembered for an hour of one boot when all of it did, for the same programs, settings of the kernel and configuration of
# Nix. A guest that does not start, and Nix when it fails, end that (forget_works).
: "${work_dir:?}" "${uid:?}" "${anew:=no}" "${backends:=}"

works_file=$work_dir/etc/works
works_centiseconds=360000
fact_end=$(printf '\001')
recalled='' not_here=''

# works_key: all that it was seen to work with, in $works_key; one process.
works_key() {
  set -- /etc/nix/nix.conf "$HOME/.config/nix/nix.conf" /nix/var/nix/daemon-socket/socket
  set -f
  IFS=:
  for tool in nix-instantiate bwrap unshare mount setpriv tar find; do
    for dir in $PATH; do
      if [ -x "$dir/$tool" ]; then
        set -- "$@" "$dir/$tool"
        break
      fi
    done
  done
  unset IFS
  set +f
  read -r works_boot </proc/sys/kernel/random/boot_id
  works_key="$works_boot $uid $work_dir$newline$PATH$newline$NIX_CONFIG"
  for setting in user/max_user_namespaces user/max_mnt_namespaces user/max_pid_namespaces kernel/unprivileged_userns_clone \
    kernel/apparmor_restrict_unprivileged_userns kernel/apparmor_restrict_unprivileged_unconfined; do
    setting_now=''
    [ ! -r "/proc/sys/$setting" ] || read -r setting_now <"/proc/sys/$setting"
    works_key="$works_key$newline$setting_now"
  done
  # Another root, as of a chroot, has other mounts; what a process may do stands in its status.
  read -r setting_now </proc/self/mountinfo
  works_key=$works_key$newline$setting_now
  while read -r field setting_now; do
    case $field in Cap* | NoNewPrivs: | Seccomp*) works_key="$works_key$newline$field $setting_now" ;; esac
  done </proc/self/status
  works_key=$works_key$newline$(stat -L -c '%n %d %i %s %Z' -- "$@")
} 2>/dev/null

# recall_works: facts of an earlier session into $recalled; empty when they are too old, of something else or do not answer
# what is asked now.
recall_works() {
  works_key
  [ "$anew" = no ] || return 0
  works_then=''
  { IFS= read -r works_until && IFS= read -r works_facts && while IFS= read -r line; do
    works_then=$works_then$line$newline
  done; } <"$works_file" || return 0
  centiseconds
  case $works_until in '' | *[!0-9]* | ????????????????*) return 0 ;; esac
  { [ "$works_then" = "$works_key$newline" ] && [ "$now" -lt "$works_until" ] &&
    [ "$((works_until - now))" -le "$works_centiseconds" ] && all_works "$fact_end$works_facts"; } || return 0
  recalled=$works_facts
} 2>/dev/null

# all_works FACTS: of what jobs may need now. The file by which Nix showed that it writes is still there.
all_works() {
  for works in "$fact_end"store_here=yes "$fact_end"namespaces=ok "$fact_end"overlay=ok "$fact_end"setpriv=yes; do
    case $1 in *"$works$fact_end"*) ;; *) return 1 ;; esac
  done
  case " $backends " in *' sandbox '*) case $1 in *"$fact_end"bwrap=ok"$fact_end"*) ;; *) return 1 ;; esac ;; esac
  nix_fact=${1#*"$fact_end"nix=}
  [ "$nix_fact" != "$1" ] && nix_fact=${nix_fact%%"$fact_end"*} && [ -e "${nix_fact##* }" ]
}

# remember_works FACTS: of this session, when all of it worked.
remember_works() {
  [ -z "$recalled" ] || return 0
  case $fact_end$1 in *"$fact_end"missing_tools="$fact_end"*) ;; *) return 0 ;; esac
  all_works "$fact_end$1" || return 0
  works_facts="nix=$nix_fact${fact_end}store_here=yes${fact_end}namespaces=ok${fact_end}overlay=ok${fact_end}setpriv=yes$fact_end"
  for works in gnu_tar=yes bwrap=ok; do
    case $fact_end$1 in *"$fact_end$works$fact_end"*) works_facts=$works_facts$works$fact_end ;; esac
  done
  centiseconds
  { printf '%s\n' "$((now + works_centiseconds))" "$works_facts" "$works_key" >"$works_file.$$" &&
    mv -T "$works_file.$$" "$works_file"; } || rm -f "$works_file.$$"
} 2>/dev/null

# find_prints: busybox's cannot list a tree as the client compares it.
find_prints() {
  find "$work_dir" -maxdepth 0 -printf '' 2>/dev/null
}

# check_works: each in the background.
check_works() {
  check_words &
  check_store &
  check_namespaces &
  case " $backends " in
  *' sandbox '*) check bwrap bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev --perms 1777 --tmpfs /tmp true & ;;
  esac
}

# check_words: whether programs know the words that pikaci uses.
check_words() {
  case $(tar --version 2>/dev/null) in *GNU*) fact gnu_tar yes ;; esac
  ! setpriv --pdeathsig KILL true 2>/dev/null || fact setpriv yes
}

# check_store: one evaluation gives the version and writes a file of some bytes, so it shows that the store works.
check_store() {
  command -v nix-instantiate >/dev/null || return 0
  said=$(nix-instantiate --eval --read-write-mode -E 'builtins.concatStringsSep " "
    [ builtins.nixVersion builtins.storeDir (toString (builtins.toFile "pikaci-probe" "pikaci")) ]' 2>&1)
  quoted_words "$said"
  if [ -n "$answer" ] && { [ -e "${answer##* }" ] || look_at_root; }; then
    fact nix "$answer"
    [ -n "$not_here" ] || fact store_here yes
  else
    printable "$said"
    fact nix_error "$printable"
  fi
}

# quoted_words TEXT: the line of it that is three words in double quotes, in $answer; empty when there is none. Nix may warn.
quoted_words() {
  answer=''
  while IFS= read -r line; do
    case $line in '"'*'"') line=${line#?} line=${line%?} ;; *) continue ;; esac
    case $line in
    *'"'* | *' '*' '*' '* | *' ' | ' '* | *'  '*) ;;
    *' '*' '*) answer=$line ;;
    esac
  done <<END
$1
END
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

# check_namespaces: both at once, which a host that can do both takes half the processes for; else each by itself.
check_namespaces() {
  if overlay_works --pid --fork --kill-child --mount-proc 2>/dev/null </dev/null; then
    fact namespaces ok
    fact overlay ok
  else
    check namespaces namespaced --pid --fork --kill-child --mount-proc true
    check overlay overlay_works
  fi
}

# overlay_works ARG...: in a mount namespace, and in what else these arguments of unshare make.
overlay_works() {
  # shellcheck disable=SC2016  # the inner shell's
  namespaced "$@" --mount sh -c '
    cd "$1" && mount -t tmpfs tmpfs . && cd "$1" && mkdir lower upper work merged &&
      mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr overlay merged' overlay "$work_dir/tmp"
}
