#!/bin/bash
# Pid 1 of a host, after pivot_root: init.sh KIND. Starts its daemons, then only reaps.
umount -l /old && rmdir /old
if [ "$1" = multi ]; then
  nix-daemon >/var/log/nix-daemon.log 2>&1 &
fi
/usr/sbin/sshd -D -f /etc/ssh/sshd_config -E /var/log/sshd.log &
while :; do
  sleep infinity &
  wait $!
done
