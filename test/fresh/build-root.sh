#!/bin/bash
# Builds the root file system of a machine that has nothing: build-root.sh FINAL SUITE PACKAGES KEYRING URI.
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
  "$suite" "$part" "deb [signed-by=$keyring] $uri $suite main"
rm -f "$part/etc/resolv.conf" "$part/etc/hostname"
mv -T "$part" "$final"
