# shellcheck shell=sh
# Sends the tree of a published snapshot, to run it again on another host.
: "${content_hash:?}"
digest content_hash

tree=$work_dir/snapshots/$content_hash/snapshot
take_lock "$fd_thing" "use-$content_hash" -s
[ -d "$tree" ] || fail host "the snapshot $content_hash is not on this host any more
hint: the run cannot be repeated as it was; \`pikaci run\` takes the tree as it is now"
left=$(tar --totals -cf /dev/null -C "$tree" . 2>&1 | sed -n 's/^Total bytes written: \([0-9]*\).*/\1/p')
[ -n "$left" ] || fail disk "the snapshot $content_hash cannot be read"
tar -cf - -C "$tree" . | while [ "$left" -gt 0 ]; do
  part=$((left < 1048576 ? left : 1048576))
  printf 'tree %d\n' "$part"
  head -c "$part" || exit 1
  left=$((left - part))
done
frame end ''
