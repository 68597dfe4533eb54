#!/bin/sh
# tar-stream 3.2.2 and archives that GNU tar makes with --sparse: a hole of 1 MiB, then `end`.
# Guess: an entry of type `file` with 1048579 bytes, or an error that names the unknown type.
# Seen: in GNU's own format the entry has no type (null); in the posix format it is a `file` of another name, whose
#   content begins with the map of holes. Both have only the packed bytes, and neither is an error.
# So: a reader of archives has to check the type and size of every entry.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund tar-stream@3.2.2
cat >"$dir/see.mjs" <<'EOF'
import { createReadStream } from "node:fs";
import tar from "tar-stream";
for await (const entry of createReadStream(process.argv[2]).pipe(tar.extract())) {
  const parts = [];
  for await (const part of entry) parts.push(part);
  const { name, type } = entry.header;
  const bytes = Buffer.concat(parts);
  console.log(type, name.replace(/\d+/, "N"), bytes.length < 1048579, JSON.stringify(bytes.toString("latin1", 0, 2)));
}
EOF
truncate -s 1M "$dir/holes"
printf end >>"$dir/holes"
for format in gnu posix; do
  TAR_OPTIONS='' tar -C "$dir" --create --sparse --format="$format" --file="$dir/$format.tar" holes
done
seen=$(node "$dir/see.mjs" "$dir/gnu.tar" && node "$dir/see.mjs" "$dir/posix.tar")
printf '%s\n' "$seen"
[ "$(printf '%s\n' "$seen" | cut -d ' ' -f 1-3)" = 'null holes true
file ./GNUSparseFile.N/holes true' ]
