# shellcheck shell=sh
# What a virtual machine could be made of on this host, for the `probe` frame; the client chooses.

# Loaded in this order where the kernel does not have them built in; a machine needs only some.
machine_modules='drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_legacy_dev
  drivers/virtio/virtio_pci_modern_dev drivers/virtio/virtio_pci drivers/char/virtio_console
  fs/netfs/netfs fs/fscache/fscache net/9p/9pnet net/9p/9pnet_virtio fs/9p/9p fs/fuse/fuse fs/fuse/virtiofs
  fs/overlayfs/overlay net/core/failover drivers/net/net_failover drivers/net/virtio_net'

check_machine() {
  for program in "qemu-system-$(uname -m)" passt bwrap; do
    found=$(command -v "$program") && fact "machine_${program%%-*}" "$(readlink -f "$found")"
  done
  said=$("qemu-system-$(uname -m)" --version 2>/dev/null) && fact machine_qemu_version "$(printf '%s' "$said" | head -n 1 | printable)"
  for server in "$(command -v virtiofsd)" /usr/libexec/virtiofsd /usr/lib/virtiofsd /usr/lib/qemu/virtiofsd; do
    [ -x "$server" ] || continue
    said=$("$server" --help 2>/dev/null)
    case $said in *--announce-submounts*) case $said in *--readonly*) fact machine_virtiofsd "$server"; break ;; esac ;; esac
  done
  static_busybox && fact machine_busybox "$found_busybox"
  [ -r /dev/kvm ] && [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo && fact machine_kvm yes
  fact machine_release "$(uname -r)"
  for modules in /run/booted-system/kernel-modules/lib/modules/* /lib/modules/*; do
    [ ! -d "$modules/kernel" ] || check_kernel "$modules"
  done
}

# check_kernel MODULES: a `machine_kernel` fact: version, image, readable or not, then each module that there is.
check_kernel() {
  version=${1##*/} image=none readable=no
  for candidate in "$1/vmlinuz" "/boot/vmlinuz-$version" "${1%/kernel-modules/*}/kernel"; do
    [ ! -f "$candidate" ] || { image=$candidate; break; }
  done
  [ ! -r "$image" ] || readable=yes
  have=''
  for module in $machine_modules; do
    for candidate in "$1/kernel/$module".ko*; do
      [ ! -r "$candidate" ] || have="$have ${module##*/}=$candidate"
    done
    ! grep -qs "^kernel/$module\.ko" "$1/modules.builtin" || have="$have ${module##*/}=built-in"
  done
  fact machine_kernel "$version $image $readable$have"
}
