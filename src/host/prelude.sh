# shellcheck shell=sh
# Comes first in every host program; docs/protocol.md. Parameters are assigned before it.
# Where sh is bash, an account's environment can bring functions in the place of programs, and options.
if [ -n "${BASH_VERSION:-}" ]; then
  # shellcheck disable=SC3044
  for name in $(compgen -A function); do unset -f "$name"; done
  # shellcheck disable=SC3040
  set +bCefnvx && set +o pipefail
fi
set -u
umask 077
export LC_ALL=C
# What an account's environment says to the programs that host programs start: words for tar, grep and compressors, units
# of sizes, quoting of names, forms of times, what Perl loads.
unset TAR_OPTIONS GREP_OPTIONS GZIP XZ_OPT XZ_DEFAULTS ZSTD_CLEVEL ZSTD_NBTHREADS POSIXLY_CORRECT _POSIX2_VERSION \
  BLOCK_SIZE BLOCKSIZE DF_BLOCK_SIZE DU_BLOCK_SIZE LS_BLOCK_SIZE QUOTING_STYLE TIME_STYLE TZ CDPATH \
  PERL5OPT PERL5LIB PERLLIB PERL5DB PERL_UNICODE
HOME=${HOME:-}
# Where an account's programs are that no login shell has put on the PATH, first of all its own profiles of Nix.
PATH="$PATH:$HOME/.local/state/nix/profile/bin:$HOME/.nix-profile/bin:/etc/profiles/per-user/${USER:-$(id -un)}/bin"
export PATH="$PATH:/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin:/usr/local/bin:/usr/bin:/bin"
trap '' PIPE
# shellcheck disable=SC2034  # not every program needs it
newline='
'

# frame TYPE TEXT: one frame to the client.
frame() {
  printf '%s %d\n%s' "$1" "${#2}" "$2"
}

# fail KIND MESSAGE: the error frame, then exit 1. KIND: host, network, disk, nix, mismatch, snapshot.
fail() {
  frame error "$1
$2"
  exit 1
}

# A service, cron or `env -i` may give none; below a relative one, what is the host's would lie in the workspace.
case $HOME in
/*) ;;
*) fail host "this account has no home: HOME is \"$HOME\"
hint: set HOME to the account's home, as an absolute path, as in \`HOME=/root\`" ;;
esac

# take_bytes: a length line and that many bytes of stdin on stdout, the length also in $take_length. 124: the client was
# silent for its lease; 3: it went away; other failures: stdout takes no more. Empty lines are heartbeats.
take_bytes() {
  take_length=''
  while [ -z "$take_length" ]; do
    eval "{ take_length=\$(timeout \"\$take_s\" sh -c \"\$take_first\" take $fd_body); } $fd_body>&1" || return
  done
  case $take_length in *[!0-9]*) return 2 ;; ??????*) take_left=$take_length ;; *) return 0 ;; esac
  while [ "$take_left" -gt 0 ]; do
    take_part=$((take_left < 65536 ? take_left : 65536))
    timeout "$take_s" head -c "$take_part" || return
    take_left=$((take_left - take_part))
  done
}

# A line on stdout, and what is shorter than 100000 bytes on descriptor $1 at once: one process with a deadline is enough.
# shellcheck disable=SC2016,SC2034
take_first='
  IFS= read -r line || exit 3
  printf %s "$line"
  case $line in "" | 0 | *[!0-9]* | ??????*) exit 0 ;; esac
  exec head -c "$line" >&"$1"'

# take_file FILE WHAT: a document into FILE; what keeps it from being whole ends the program.
take_file() {
  take_bytes 2>/dev/null >"$1" || take_failed "$?" "$2"
  [ "$(stat -c %s -- "$1")" = "$take_length" ] || take_failed 3 "$2"
}

# take_failed STATUS WHAT: ends the program.
take_failed() {
  case $1 in
  2) fail network "what came instead of $2 has no length" ;;
  3) fail network "the client went away before all of $2 had come" ;;
  124) fail network "the client sent nothing for $take_s s before all of $2 had come" ;;
  *) fail disk "$2 cannot be stored: $(df -hP -- "$work_dir" 2>&1 | tail -n 1)" ;;
  esac
}

# centiseconds: monotonic time into $now, no process started.
centiseconds() {
  read -r now _ </proc/uptime
  now=${now%.*}${now#*.}
}

# timestamp: the time of the day, in $stamp.
timestamp() {
  # shellcheck disable=SC2034  # of whoever asked
  stamp=$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)
}

# The effective one, which stands second.
while read -r field _ uid _; do [ "$field" != Uid: ] || break; done </proc/self/status
work_dir=${work_dir:-"$HOME/.local/state/pikaci"}
# What is no number is refused by who needs it (words.sh).
case ${lease_ms:-} in
  '' | *[!0-9]*) take_s=120 ;;
  *) take_s=$(((lease_ms + 999) / 1000)) ;;
esac

# Flakes are still an experimental feature; root without build users builds as itself.
NIX_CONFIG="${NIX_CONFIG:-}
extra-experimental-features = nix-command flakes"
# has_build_users: whether Nix has users to build as.
has_build_users() {
  while IFS=: read -r group _; do [ "$group" != nixbld ] || return 0; done </etc/group
  return 1
} 2>/dev/null

if [ "$uid" = 0 ] && ! has_build_users; then
  NIX_CONFIG="$NIX_CONFIG
build-users-group ="
fi
export NIX_CONFIG
