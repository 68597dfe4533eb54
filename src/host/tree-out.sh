# shellcheck shell=sh
# Sends the tree of a published snapshot, to run it again on another host.
: "${content_hash:?}"
digest content_hash

tree=$work_dir/snapshots/$content_hash/snapshot
take_lock "$fd_thing" "use-$content_hash" -s
[ -d "$tree" ] || fail host "the snapshot $content_hash is no longer on this host
hint: the run cannot be repeated as it was; \`pikaci run\` takes the tree as it is now"
bytes=$(tar_bytes "$tree")
[ -n "$bytes" ] || fail disk "the snapshot $content_hash cannot be read"
tar_padded "$tree" | send_parts tree "$bytes"
frame end ''
