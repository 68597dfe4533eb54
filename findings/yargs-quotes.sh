#!/bin/sh
# yargs 18.2.0: an option whose value begins and ends with a quote, as JSON text does.
# Guess: the shell has already removed its own quotes, so yargs leaves those in argv alone; or it treats all forms alike.
# Seen: as one word of argv, `--value="a b"` loses its quotes; as two words, the value keeps them.
# So: pass options that take JSON or commands as two words, or split them before yargs sees them.
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
