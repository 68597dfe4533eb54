/** Opens all of /proc but processes for writing, as far as anybody may write it, and closes it again; names what opened. */
export const TRY_KERNEL = `
  try_file() { { true >>"$1"; } 2>/dev/null && echo "can be written: $1"; }
  try_directory() {
    for path in "$1"/*; do
      if [ -L "$path" ]; then :; elif [ -d "$path" ]; then try_directory "$path"; else try_file "$path"; fi
    done
  }
  for top in /proc/[a-z]*; do
    if [ -L "$top" ]; then :; elif [ -d "$top" ]; then try_directory "$top"; else
      case $(stat -c %A "$top") in *w*) try_file "$top" ;; esac
    fi
  done
  [ -e /proc/sys/kernel/core_pattern ] && echo tried`;

/** With the contract's `MOUNTED`. */
export const TRY_MOUNTED = `
  [ "$(readlink -f node_modules/own)" = /workspace/sub ] && [ -f node_modules/own/inner ] || exit 9
  [ -L "new/two words=2/own" ] && [ "$(cat file sub/placed /prepared/text | sort -u)" = content ] || exit 8
  for changed in node_modules/x "new/two words=2/x"; do touch "$changed" && exit 7; done; echo x >sub/placed && exit 7
  [ "$(stat -c %Y new)" = "$(stat -c %Y sub)" ] && [ "$(stat -c %Y .)" = "$(stat -c %Y sub)" ] || exit 6`;

/** In a job called `names`; a build has nothing that looks names up. */
export const TRY_NAMES = `
  [ "$(uname -n)" = names ] || exit 9
  for address in 127.0.0.1 ::1; do
    grep -qx "$address localhost names" /etc/hosts || exit 8
  done
  [ -d /usr/lib ] || [ -e /run/current-system ] || exit 0
  for name in localhost names; do
    getent ahosts "$name" | grep -Eq '^(127\\.0\\.0\\.1|::1) ' || exit 7
  done`;

/** What every guest has in /etc, and directories that anybody may write. The id is the same in every guest. */
export const TRY_ETC = `
  [ "$(cat /etc/machine-id)" = d9ae312cd0af8e870187ff33af6a8e7d ] || exit 9
  grep -Eq '^https[[:space:]]+443/tcp' /etc/services && grep -Eq '^tcp[[:space:]]+6[[:space:]]' /etc/protocols || exit 8
  grep -Eq '^ID=' /etc/os-release || exit 7
  [ "$(stat -c %a /tmp /var/tmp | tr '\\n' ' ')" = "1777 1777 " ] && touch /tmp/x /var/tmp/x || exit 6
  { touch /etc/x && exit 5; echo x >>/etc/hosts && exit 4; } 2>/dev/null
  for name in shadow gshadow sudoers ssh/ssh_host_rsa_key ssl/private; do [ ! -e "/etc/$name" ] || exit 3; done
  echo tried`;

/** The host's git, or the prepared one where the guest has no other. */
const GIT = `command -v git >/dev/null || git() { /prepared/git/ld --library-path /prepared/git /prepared/git/git "$@"; }
  set -e`;

/** Git says of a clean tree what it says on the client; `diff-files` asks the index alone whether a file changed. */
export const TRY_GIT = `${GIT}
  git describe --dirty --abbrev=12
  git status --porcelain
  git diff-files --name-only
  git diff --exit-code
  [ "$(stat -c %Y .git/index .git/HEAD .git/config | tr '\\n' ' ')" = "315619201 315619200 315619200 " ] || exit 9
  { touch .git/new && exit 8; (echo x >>.git/HEAD) && exit 7; git tag new && exit 6; } 2>/dev/null
  exit 0`;

/** In a private workspace. */
export const TRY_GIT_CHANGED = `${GIT}
  echo more >>file; rm exe; touch new
  git describe --dirty --abbrev=12
  git status --porcelain
  git diff --diff-filter=d`;

/** All of the workspace is from 1980, and modes are those that are published. */
export const TRY_TIMES = `
  [ "$(find . -exec stat -c %Y {} + | sort -u)" = 315619200 ] && [ "$SOURCE_DATE_EPOCH" = 315619200 ] || exit 9
  [ "$(stat -c %a . sub file exe | tr '\\n' ' ')" = "755 755 644 755 " ] || exit 8
  echo tried`;

/** Prints its secret whole, in two writes, and as an error, and waits until somebody has looked for it on the host. */
export const PRINT_SECRET = `
  echo "<$CONTRACT_SECRET>"
  printf %s "\${CONTRACT_SECRET%??}"; printf '%s\\n' "\${CONTRACT_SECRET#"\${CONTRACT_SECRET%??}"}"
  echo "<$CONTRACT_SECRET>" >&2
  { echo "$CONTRACT_SECRET" >/dev/console; echo "$CONTRACT_SECRET" >/dev/kmsg; echo "$CONTRACT_SECRET" >/dev/tty; } 2>/dev/null
  echo printed
  until [ -e /artifacts/seen ]; do sleep 0.2; done
  echo 'let go'`;

/** What `TRY_NEEDS` looks for: each kind of thing that may be an artifact, odd names, and one that may not be. */
export const HAND_ON = `cd /artifacts; echo out >out; chmod 600 out; mkdir -p deep/empty; ln -s ../out deep/link; ln -s /etc/passwd away
  printf '#!/bin/sh\\necho ran\\n' >tool; chmod 755 tool; mkfifo fifo
  touch -- -rf " it's" "$(printf 'new\\nline')" "$(printf 'raw\\377')"`;

/** Exit 1 to 8 for what is not as another job left it, or can be changed. */
export const TRY_NEEDS = `cd /needs/hands-on || exit 1
  [ "$(cat deep/link)" = out ] && [ "$(./tool)" = ran ] && [ "$(readlink away)" = /etc/passwd ] || exit 2
  [ -e -rf ] && [ -e " it's" ] && [ -e "$(printf 'new\\nline')" ] && [ -e "$(printf 'raw\\377')" ] || exit 3
  [ ! -e fifo ] && [ -d deep/empty ] && [ "$(find . -mindepth 1 -maxdepth 1 -exec echo x \\; | wc -l)" = 8 ] || exit 4
  { touch new && exit 5; echo x >>out && exit 5; rm -f out; [ -e out ] || exit 5; } 2>/dev/null
  { mkdir ../mine && exit 6; chmod 777 tool && exit 6; } 2>/dev/null
  [ "$(ls -A /needs | tr '\\n' ' ')" = "hands-nothing hands-on " ] && [ -z "$(ls -A /needs/hands-nothing)" ] || exit 7
  cp -R . /artifacts && chmod -R u+w /artifacts && rm -rf /artifacts/deep || exit 8
  echo found`;
