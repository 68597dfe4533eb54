#!/bin/bash
# Builds what a root file system lacks to boot virtual machines: build-layer.sh FINAL SUITE PACKAGES KEYRING URI.
# It lies under a root file system in an overlay, so nothing in it is configured, and nothing of the root is hidden.
# Runs under the cache entry's lock, so that what else lies at FINAL.part is a dead builder's.
set -eu
final=$1 suite=$2 packages=$3 keyring=$4 uri=$5
[ -d "$final" ] && exit 0
part=$final.part
rm -rf "$part" && mkdir -p "$part"
mmdebstrap --mode=root --variant=extract --format=directory \
  --keyring="$keyring" --include="$packages" \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --aptopt='Acquire::Languages "none"' \
  --aptopt='APT::Install-Recommends "false"' \
  "$suite" "$part" "deb [signed-by=$keyring] $uri $suite main"
rm -rf "$part"/usr/share/{doc,man,locale,info,initramfs-tools} "$part"/usr/lib/modules/*/kernel/{sound,arch} \
  "$part"/usr/lib/modules/*/kernel/drivers/{gpu,media,staging,scsi,infiniband,usb,iio,hwmon,input} \
  "$part"/usr/lib/modules/*/kernel/drivers/net/{ethernet,wireless,usb,can} "${part:?}"/{dev,tmp,var,etc}
mv -T "$part" "$final"
