# shellcheck shell=sh
# The processes that are a virtual machine: QEMU and the servers of its shares; the rest is attend.sh's.
: "${launch_network:?}" "${launch_input:?}" "${machine_qemu:?}" "${machine_kernel:?}" "${machine_transport:?}" "${machine_accel:?}"
: "${machine_virtiofsd?}" "${machine_passt?}"

# choose_account: QEMU is nobody's, unless it has to open the shares itself.
choose_account() {
  account=''
  [ "$machine_transport" != virtiofs ] || unprivileged
}

serve_shares() {
  [ "$machine_transport" = virtiofs ] || return 0
  serve host "$machine_virtiofsd" --socket-path=private/host.sock --shared-dir=private/host \
    --readonly --cache=always --announce-submounts --log-level=error
  serve artifacts "$machine_virtiofsd" --socket-path=private/artifacts.sock --shared-dir="$(readlink -f artifacts)" \
    --log-level=error
  [ ! -d caches ] || serve caches "$machine_virtiofsd" --socket-path=private/caches.sock --shared-dir=caches \
    --announce-submounts --log-level=error
}

# relay_services: each service's log has a port of its own, as the job's has; what comes through it goes to the guard's pipe.
relay_services() {
  port=3 relays=''
  for name in $(list_services); do
    port=$((port + 1))
    mkfifo "private/service$port.in" "private/service$port.out" && chmod 666 "private/service$port".* || return 1
    cat <"private/service$port.out" >"services/$name" &
    relays="$relays $!"
  done
}

# end_relays: QEMU has ended, or never was.
end_relays() {
  for pipe in private/service*.out; do
    [ ! -p "$pipe" ] || : 1<>"$pipe"
  done
  for relay in $relays; do
    while kill -0 "$relay" 2>/dev/null; do wait "$relay"; done
  done
}

# start_machine: becomes QEMU; descriptor 3 is the log, 4 the console.
# shellcheck disable=SC2086  # words
start_machine() {
  cd private || exit 1
  [ ! -e kernel ] || machine_kernel=kernel
  set -- -nodefaults -no-user-config -display none -vga none -no-reboot -m "$(param memory_mib)M" -smp "$(param vcpu)" \
    -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
    -kernel "$machine_kernel" -initrd initrd \
    -append "console=ttyS0 panic=-1 quiet mitigations=off no_timer_check noreplace-smp cryptomgr.notests apparmor=0 audit=0" \
    -add-fd fd=3,set=1 -add-fd fd=4,set=2 \
    -chardev file,id=console,path=/dev/fdset/2 -serial chardev:console \
    -device virtio-serial-pci \
    -chardev pipe,id=control,path=control -device virtserialport,chardev=control,nr=1,name=control \
    -chardev file,id=log,path=/dev/fdset/1,append=on -device virtserialport,chardev=log,nr=2,name=log
  case $machine_accel in
    kvm) set -- "$@" -accel kvm -cpu host ;;
    tcg) set -- "$@" -accel tcg -cpu max,la57=off ;;
  esac
  case $machine_transport in
    virtiofs)
      set -- "$@" -M pc,usb=off,memory-backend=memory \
        -object "memory-backend-memfd,id=memory,size=$(param memory_mib)M,share=on" \
        -chardev socket,id=host,path=host.sock -device vhost-user-fs-pci,chardev=host,tag=host \
        -chardev socket,id=artifacts,path=artifacts.sock -device vhost-user-fs-pci,chardev=artifacts,tag=artifacts
      [ ! -d ../caches ] || set -- "$@" -chardev socket,id=caches,path=caches.sock \
        -device vhost-user-fs-pci,chardev=caches,tag=caches
      ;;
    9p)
      set -- "$@" -M pc,usb=off \
        -fsdev local,id=host,path=host,security_model=none,readonly=on,multidevs=remap \
        -device virtio-9p-pci,fsdev=host,mount_tag=host \
        -fsdev "local,id=artifacts,path=$(readlink -f ../artifacts | sed s/,/,,/g),security_model=none,multidevs=remap" \
        -device virtio-9p-pci,fsdev=artifacts,mount_tag=artifacts
      [ ! -d ../caches ] || set -- "$@" -fsdev local,id=caches,path=../caches,security_model=none,multidevs=remap \
        -device virtio-9p-pci,fsdev=caches,mount_tag=caches
      ;;
  esac
  port=3
  for name in $(cd .. && list_services); do
    port=$((port + 1))
    set -- "$@" -chardev "pipe,id=service$port,path=service$port" -device "virtserialport,chardev=service$port,nr=$port,name=service$port"
  done
  if [ "$launch_input" = yes ]; then
    set -- "$@" -chardev pipe,id=input,path=input -device virtserialport,chardev=input,nr=3,name=input
  fi
  if [ "$launch_network" = user ]; then
    set -- "$@" -netdev stream,id=network,server=off,addr.type=unix,addr.path=network.sock \
      -device virtio-net-pci,netdev=network,romfile=
  fi
  exec $account "$machine_qemu" "$@" </dev/null
}
