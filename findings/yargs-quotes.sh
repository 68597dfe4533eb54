#!/bin/sh
# yargs 18.2.0: an option whose value begins and ends with a quote, as JSON text does.
# Guess: the shell has removed its quotes already, so what is left in argv is the value; or all forms are treated alike.
# Seen: `--value="a b"` as one word of argv loses its quotes; the same value as a word of its own keeps them.
# So: options that take JSON or commands are split from their names before yargs sees them, or read as two words.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund yargs@18.2.0
cat >"$dir/see.mjs" <<'EOF'
import yargs from "yargs";
const { value } = yargs(process.argv.slice(2)).string("value").parse();
console.log(value);
EOF
seen=$(node "$dir/see.mjs" '--value="a b"' && node "$dir/see.mjs" --value '"a b"')
printf '%s\n' "$seen"
[ "$seen" = 'a b
"a b"' ]
