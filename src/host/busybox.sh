# shellcheck shell=sh
# A busybox that runs in a machine without any other file of this host.

# static_busybox: its path in $found_busybox; fails when there is none.
static_busybox() {
  for found_busybox in "$(command -v busybox)" /bin/busybox /usr/bin/busybox /usr/lib/initcpio/busybox; do
    [ -x "$found_busybox" ] && is_static "$found_busybox" && return 0
  done
  return 1
}

# is_static FILE: its head names no interpreter.
is_static() {
  ! head -c 1024 "$1" | tr '\000' '\n' | grep -q '^/.*ld-'
}
