# shellcheck shell=sh
# In the guest: runs a command on a terminal of its own, or on a pipe, whose input comes as lines on stdin: `key BASE64`,
# `size ROWS COLUMNS`, `eof`; docs/shell.md. $shell_start: the command as shell text.
: "${shell_start:?}" "${shell_tty:?}" "${shell_rows:?}" "${shell_columns:?}"

case $shell_tty in
  yes | no) ;;
  *)
    echo "pikaci: this shell was told shell_tty=$shell_tty, which it does not know" >&2
    exit 126
    ;;
esac
for number in "$shell_rows" "$shell_columns"; do
  case $number in
    *[!0-9]*)
      echo "pikaci: this shell was told a terminal of $shell_rows rows and $shell_columns columns" >&2
      exit 126
      ;;
  esac
done
place=/run/pikaci/terminal
mkdir "$place" && mkfifo "$place/keys" || exit 1

take_keys() {
  while read -r kind first second; do
    case $kind in
      key) printf %s "$first" | base64 -d ;;
      size) read -r device <"$place/device" && stty rows "$first" cols "$second" <"$device" ;;
      eof) return ;;
    esac
  done
}

exec 3<&0
take_keys <&3 3<&- >"$place/keys" 2>/dev/null &
exec 3<&-
if [ "$shell_tty" = no ]; then
  sh -c "$shell_start" <"$place/keys"
  exit
fi
command -v script >/dev/null || {
  echo 'pikaci: no program script (util-linux) is on the PATH of this guest; a command with its stdin from a pipe needs none' >&2
  exit 127
}
SHELL=/bin/sh script -qefc "stty sane rows $shell_rows cols $shell_columns; tty >$place/device; $shell_start" /dev/null <"$place/keys"
