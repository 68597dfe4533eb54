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
