# shellcheck shell=sh
# What a guest sees of a host whose /usr and /etc it is shown, as digests for the `probe` frame; docs/caching.md says what
# is in each. Each function has the root of the host as its first argument, so that tests can make one.

# Beside what every guest is shown of /etc (etc.sh), of one with the host's network.
seen_names='hosts resolv.conf'

# check_seen ROOT: a `seen` fact: packages, /usr/local, /etc, names; SHA-256 each. Without a copy of /etc there is none. One
# half is looked at while the other is.
check_seen() {
  # shellcheck disable=SC2086  # words
  { list_local "$1" | seen_sum && printf ' ' && list_etc "$1" $seen_names | seen_sum && echo; } | {
    packages=$(list_packages "$1" </dev/null | sha256sum)
    packages=${packages%% *}
    show_etc "$1" "$packages" </dev/null
    read -r local_files names
    [ -n "$etc" ] && fact seen "$packages $local_files $etc $names"
  }
}

# check_busybox: what a guest without /usr sees of the host.
check_busybox() {
  static_busybox && fact seen_busybox "$(seen_sum <"$found_busybox")"
}

seen_sum() {
  seen_digest=$(sha256sum) && printf '%s' "${seen_digest%% *}"
}

# list_packages ROOT: whatever package managers there are say; where none does, or one may not be read, the host's own id.
list_packages() (
  cd "$1/" || return
  told='' hidden=''
  [ -L run/current-system ] && said=$(readlink run/current-system) && told=yes && echo "nixos $said"
  for database in var/lib/dpkg/status lib/apk/db/installed usr/lib/apk/db/installed var/lib/pacman/local usr/lib/pacman/local \
    var/lib/rpm usr/lib/sysimage/rpm usr/share/rpm; do
    [ -e "$database" ] || continue
    [ -r "$database" ] || hidden=yes
    case $database in
      *rpm) said=$(list_rpm "$database") ;;
      */local) said=$(list_pacman "$database") ;;
      *) said=$(sha256sum <"$database") said=${said%% *} ;;
    esac
    [ -z "$said" ] || { told=yes && echo "$database $said"; }
  done
  [ "$told$hidden" = yes ] || host_id
) 2>/dev/null

# list_rpm DIRECTORY: the database is too large to be read each time, and every change of it is another time of its inode.
list_rpm() {
  find -H "$1" -maxdepth 1 -type f \( -name Packages -o -name Packages.db -o -name rpmdb.sqlite -o -name rpmdb.sqlite-wal -size +0 \) \
    -printf '%f %s %T@ %C@ %i\n' | sort
}

# list_pacman DIRECTORY: a directory for each package and version.
list_pacman() {
  find -H "$1" -mindepth 1 -maxdepth 1 -type d -printf '%f %T@\n' | sort
}

# host_id: and when something was last added to or removed from its directories of programs.
host_id() {
  said=$(cat etc/machine-id)
  echo "host ${said:-$(uname -n && cat /proc/sys/kernel/random/boot_id)}"
  find -H usr bin sbin lib -maxdepth 1 -type d -printf '%p %T@ %C@\n' | sort
}

# list_local ROOT: of each file in /usr/local type, mode, owner, size and time, of a symlink where it leads.
list_local() (
  cd "$1/usr/local" || return
  find . \( -type d -printf '%p//d %m %U %G\0' -o -type l -printf '%p//l %l\0' \
    -o -printf '%p//%y %m %U %G %s %T@\0' \) | sort -z
) 2>/dev/null

# list_etc ROOT PATH…: of these type, mode and owner, of a symlink where it leads, of a file its content.
list_etc() (
  cd "$1/etc" || return
  shift
  find -H "$@" \( -type l -printf '%p//l %l\0' -o -printf '%p//%y %m %U %G\0' \) | sort -z
  find -H "$@" -type f -exec sha256sum -- {} + | sort
) 2>/dev/null
