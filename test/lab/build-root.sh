#!/bin/bash
# Builds one cached root file system: build-root.sh FINAL SUITE PACKAGES KEYRING URI.
# Runs under the cache entry's lock, so that what else lies at FINAL.part is a dead builder's.
set -eu
final=$1 suite=$2 packages=$3 keyring=$4 uri=$5
[ -d "$final" ] && exit 0
part=$final.part
rm -rf "$part" && mkdir -p "$part"
mmdebstrap --mode=root --variant=minbase --format=directory \
  --keyring="$keyring" --include="$packages" \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=path-exclude='/usr/share/man/*' --dpkgopt=path-exclude='/usr/share/doc/*' \
  "$suite" "$part" "deb [signed-by=$keyring] $uri $suite main"
chroot "$part" groupadd --gid 30000 nixbld
for n in 1 2 3 4 5 6 7 8; do
  chroot "$part" useradd --uid $((30000 + n)) --gid nixbld --groups nixbld --no-create-home \
    --home-dir /var/empty --shell /usr/sbin/nologin "nixbld$n"
done
chroot "$part" useradd --uid 1000 --user-group --create-home --shell /bin/bash --password '*' ci
chroot "$part" usermod --password '*' root
rm -f "$part"/etc/ssh/ssh_host_* "$part/etc/resolv.conf" "$part/etc/hostname"
rm -rf "$part"/var/cache/apt/* "$part"/var/lib/apt/lists/*
mv -T "$part" "$final"
