# shellcheck shell=sh
# The processes that are a virtual machine: QEMU, the servers of its shares and network, the listener.
: "${launch_network:?}" "${machine_qemu:?}" "${machine_kernel:?}" "${machine_transport:?}" "${machine_accel:?}"
: "${machine_virtiofsd?}" "${machine_passt?}"

# choose_account: where the host's account is root, QEMU is nobody's, unless it has to open the shares itself.
choose_account() {
  account='' group=65534
  [ "$machine_accel" != kvm ] || group=$(stat -c %g /dev/kvm)
  [ "$machine_transport" = virtiofs ] || return 0
  words="setpriv --pdeathsig KILL --reuid=65534 --regid=$group --clear-groups --inh-caps=-all --bounding-set=-all"
  # shellcheck disable=SC2086  # words
  ! $words true 2>/dev/null || account=$words
}

# serve NAME COMMAND…: in the background, until private/NAME.sock is there; its end is told to the listener.
serve() {
  server=$1
  shift
  (
    "$@" >"private/$server.log" 2>&1
    echo "server-ended $server $?" 1<>private/control.out
  ) &
  tries=0
  until [ -S "private/$server.sock" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 500 ] || fail "$1 does not start: $(tail -n 1 "private/$server.log")"
    sleep 0.02
  done
  [ -z "$account" ] || chmod 666 "private/$server.sock"
}

serve_shares() {
  [ "$machine_transport" = virtiofs ] || return 0
  serve host "$machine_virtiofsd" --socket-path=private/host.sock --shared-dir=private/host \
    --readonly --cache=always --announce-submounts --log-level=error
  serve artifacts "$machine_virtiofsd" --socket-path=private/artifacts.sock --shared-dir=artifacts \
    --log-level=error
}

# Without the gateway's mapping nothing that listens on the host's loopback can be reached.
serve_network() {
  [ "$launch_network" = user ] || return 0
  serve network "$machine_passt" --foreground --one-off --quiet --socket private/network.sock --ipv4-only \
    --address 10.0.2.15 --netmask 255.255.255.0 --gateway 10.0.2.2 --no-map-gw --dns-forward 10.0.2.3 \
    --tcp-ports none --udp-ports none
}

# start_machine: becomes QEMU; descriptor 3 is the log, 4 the console.
# shellcheck disable=SC2086  # words
start_machine() {
  cd private || exit 1
  set -- -nodefaults -no-user-config -display none -vga none -no-reboot -m "$(param memory_mib)M" -smp "$(param vcpu)" \
    -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
    -kernel "$machine_kernel" -initrd initrd \
    -append "console=ttyS0 panic=-1 quiet mitigations=off cryptomgr.notests apparmor=0 audit=0" \
    -add-fd fd=3,set=1 -add-fd fd=4,set=2 \
    -chardev file,id=console,path=/dev/fdset/2 -serial chardev:console \
    -device virtio-serial-pci \
    -chardev pipe,id=control,path=control -device virtserialport,chardev=control,nr=1,name=control \
    -chardev file,id=log,path=/dev/fdset/1,append=on -device virtserialport,chardev=log,nr=2,name=log
  case $machine_accel in
    kvm) set -- "$@" -accel kvm -cpu host ;;
    *) set -- "$@" -accel tcg -cpu max,la57=off ;;
  esac
  case $machine_transport in
    virtiofs)
      set -- "$@" -M pc,usb=off,memory-backend=memory \
        -object "memory-backend-memfd,id=memory,size=$(param memory_mib)M,share=on" \
        -chardev socket,id=host,path=host.sock -device vhost-user-fs-pci,chardev=host,tag=host \
        -chardev socket,id=artifacts,path=artifacts.sock -device vhost-user-fs-pci,chardev=artifacts,tag=artifacts
      ;;
    *)
      set -- "$@" -M pc,usb=off \
        -fsdev local,id=host,path=host,security_model=none,readonly=on,multidevs=remap \
        -device virtio-9p-pci,fsdev=host,mount_tag=host \
        -fsdev local,id=artifacts,path=../artifacts,security_model=none,multidevs=remap \
        -device virtio-9p-pci,fsdev=artifacts,mount_tag=artifacts
      ;;
  esac
  if [ "$launch_network" = user ]; then
    set -- "$@" -netdev stream,id=network,server=off,addr.type=unix,addr.path=network.sock \
      -device virtio-net-pci,netdev=network,romfile=
  fi
  exec $account "$machine_qemu" "$@" </dev/null
}

# end_machine PID TEXT: an error, and the machine's end.
end_machine() {
  control "error $2"
  kill -KILL "$1" 2>/dev/null
}

# await_log BYTES: what the job printed passes through the guard; it is there before the verdict.
await_log() {
  case $1 in '' | *[!0-9]*) return ;; esac
  tries=0
  while [ "$(stat -c %s log)" -lt "$1" ] && [ "$tries" -lt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
}

# listen PID: takes the machine's words, as few and as short as they have to be, and those of the servers.
listen() {
  verdict='' words=0
  while [ "$words" -lt 64 ] && IFS= read -r line; do
    kill -USR1 "$$"
    case $verdict$line in
      start | "workspace read-only" | "workspace overlay" | "workspace copy" | "note "* | "unenforced "*)
        words=$((words + 1))
        control "$line"
        ;;
      "logged "*) await_log "${line#logged }" ;;
      "exit "*[!0-9]* | "exit ") ;;
      "exit "* | "error "*)
        verdict=$line
        control "$line"
        echo bye 1<>private/control.in
        ;;
      "server-ended "*)
        sleep 0.3
        kill -0 "$1" 2>/dev/null || continue
        verdict=ended
        end_machine "$1" "the server of the machine's share or network ended (${line#server-ended }): $(cat private/*.log | tail -n 1)"
        ;;
    esac
  done <private/control.out
}

# explain_end STATUS: why there is no verdict, from the console.
explain_end() {
  ! grep -q '^exit \|^error ' control || return 0
  panic=$(sed -n 's/.*Kernel panic - not syncing: *//p' console | head -n 1)
  said=$(sed -n 's/^.*pikaci: //p' console | head -n 1)
  tail -n 20 console
  if [ -n "$panic" ]; then
    control "error the machine's kernel panicked: $panic"
  elif [ -n "$said" ]; then
    control "error the machine did not boot: $said"
  else
    control "error QEMU ended without a verdict (status $1): $(tail -n 1 private/qemu.log)"
  fi
}
