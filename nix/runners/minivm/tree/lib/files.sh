# shellcheck shell=sh
# What the virtual machine is given: a directory of the host's programs, and its first file system.
: "${tree:?}" "${machine_transport:?}" "${launch_network:?}" "${launch_workspace:?}" "${launch_input:?}" "${launch_mounts?}" "${machine_modules?}"

# param NAME: a number of the machine shape.
param() {
  sed -n "s/^ *\"$1\": \([0-9]*\),*\$/\1/p" "$tree/../params.json"
}

# make_share: private/host, which the machine sees read-only: the workspace, the store, /usr, a few files of /etc.
make_share() {
  share=private/host
  mkdir -p "$share/workspace" "$share/nix/store" "$share/etc" "$share/run" "$share/job" "$share/proc" "$share/sys" \
    "$share/dev" "$share/tmp" "$share/var/tmp" "$share/root" &&
    mount --rbind "$(readlink -f workspace)" "$share/workspace" &&
    mount --rbind /nix/store "$share/nix/store" && share_needs || return 1
  for dir in /usr /bin /sbin /lib /lib32 /lib64 /libx32; do
    if [ -L "$dir" ]; then
      ln -s "$(readlink "$dir")" "$share$dir"
    elif [ -d "$dir" ]; then
      mkdir "$share$dir" && mount --rbind "$dir" "$share$dir"
    fi || return 1
  done
  if [ -e /run/current-system ]; then
    ln -s "$(readlink -f /run/current-system)" "$share/run/current-system" || return 1
  fi
  share_etc
}

# share_needs: what other jobs left.
share_needs() {
  mkdir "$share/needs" || return
  for path in needs/*; do
    [ ! -d "$path" ] || { mkdir "$share/$path" && mount --rbind "$(readlink -f "$path")" "$share/$path"; } || return
  done
}

# What the sandbox shows of the host's /etc, and what a machine of its own has there.
share_etc() {
  tar -C etc/. -cf - . | tar -C "$share/etc" --no-same-owner -xf - || return 1
  echo '127.0.0.1 localhost' >"$share/etc/hosts" && echo 'nameserver 10.0.2.3' >"$share/etc/resolv.conf"
}

# make_initramfs: the job's directory with busybox and the programs of the guest, and the modules of the host's kernel.
make_initramfs() {
  first=private/initramfs busybox=$tree/../host/busybox
  job=$first/job programs=$first/job/.pikaci
  mkdir -p "$first/modules" "$first/new" "$programs" "$job/artifacts" "$job/private" &&
    cp "$tree/guest/init" "$first/init" &&
    cp "$busybox" "$tree/guest/run" "$tree/guest/job.sh" "$tree/lib/jail" "$tree/lib/launch.sh" "$tree/lib/limits.sh" \
      "$tree/lib/cover.sh" "$tree/lib/mounts.sh" "$tree/lib/services.sh" "$programs" && cp -R "$tree/lib/etc" "$programs" &&
    chmod 755 "$first/init" "$programs"/* && chmod 644 "$programs"/etc/* && cp -dR launch command prepared "$job" && copy_secrets && copy_touched && make_services &&
    ln -s /workspace "$job/workspace" && ln -s /needs "$job/needs" && ln -s /etc "$job/etc" && mkfifo "$job/log" "$job/events" && ln -s events "$job/control" || return 1
  {
    printf "machine_transport='%s' launch_network='%s' launch_input='%s'\n" "$machine_transport" "$launch_network" "$launch_input"
    if [ -d caches ]; then echo launch_caches=yes; else echo launch_caches=no; fi
    printf "machine_path='%s'\n" "$(printf '%s' "$PATH" | tr -d "'\n")"
    printf "machine_env='%s'\n" "$(command -v env)"
    printf "machine_services='%s'\n" "$(list_services | tr '\n' ' ')"
  } >"$programs/machine"
  number=10
  for module in $machine_modules; do
    number=$((number + 1)) name=${module##*/}
    case $name-$launch_workspace in overlay.*-read-only) [ -s touched ] || [ -n "$launch_mounts" ] || continue ;; esac
    plain "$module" >"$first/modules/$number-${name%%.*}" || return 1
  done
  (cd "$first" && find . | LC_ALL=C sort | "$busybox" cpio -o -H newc 2>/dev/null) >private/initrd
}

# Copied from the guard's memory into this namespace's, and from there into the machine's.
copy_secrets() {
  [ ! -e secrets/env ] || { mkdir "$job/secrets" && cat secrets/env >"$job/secrets/env"; }
}

# Of a job with caches; docs/job-caches.md.
copy_touched() {
  [ ! -d caches ] || { mkdir "$job/caches" && cp touched touch-time "$job"; }
}

# make_services: in the machine, too, each service's log is a pipe, which job.sh reads.
make_services() {
  [ -d services ] || return 0
  mkdir "$job/services" || return 1
  for name in $(list_services); do mkfifo "$job/services/$name" || return 1; done
}

# plain FILE: a module as the kernel takes it.
plain() {
  case $1 in
    *.xz) "$busybox" xzcat "$1" ;;
    *.gz) "$busybox" zcat "$1" ;;
    *.zst) zstd -dcq "$1" ;;
    *.ko) cat "$1" ;;
    *) return 1 ;;
  esac
}
