# shellcheck shell=sh
# Whether a guest boots with KVM, for `pikaci doctor`: that the device opens proves nothing. A kernel without a disk has
# run when it has said who it is. docs/protocol.md.
: "${qemu:?}" "${kernel:?}"

boot() {
  setpriv --pdeathsig KILL timeout -s KILL 8 "$qemu" -M pc,usb=off -accel kvm -cpu host -m 256 -nodefaults -no-user-config \
    -display none -no-reboot -serial stdio -kernel "$kernel" -append 'console=ttyS0 panic=-1' </dev/null 2>&1 |
    head -c 200000 | tr -cd '[:print:]\n'
}

if [ ! -e /dev/kvm ]; then
  frame kvm none
elif [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
  frame kvm closed
else
  said=$(boot)
  case $said in
  *'Linux version'*) frame kvm boots ;;
  *) frame kvm "hangs $(printf '%s' "$said" | tail -n 1 | head -c 200)" ;;
  esac
fi
frame end ''
